"""A part of a condition as its author could have written it: CEL out of the checked tree, whole numbers as such."""

from __future__ import annotations

import json
from collections.abc import Mapping

from rules.checked_tree import Call, Constant, Ident, ListOf, Node, Select

_BETWEEN: Mapping[str, str] = {
    "_&&_": "&&", "_||_": "||", "_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=",
    "@in": "in", "_+_": "+", "_-_": "-", "_*_": "*", "_/_": "/", "_%_": "%",
}  # fmt: skip
_BEFORE: Mapping[str, str] = {"!_": "!", "-_": "-"}
_TIGHTNESS: Mapping[str, int] = (
    {"_||_": 1, "_&&_": 2, "_+_": 4, "_-_": 4} | dict.fromkeys(("_*_", "_/_", "_%_"), 5)
    | dict.fromkeys(("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in"), 3)
)  # fmt: skip
_TIGHTEST = 6


def spelled(node: Node) -> str | None:
    """The text of a part; None for what a macro such as `exists` became."""
    match node:
        case Constant():
            return _literal(node)
        case Ident():
            return node.name
        case Select(operand=operand, field=field, tested=False):
            inner = spelled(operand)
            return None if inner is None else f"{inner}.{field}"
        case ListOf(elements=elements):
            return _joined(elements, "[", "]")
        case Call():
            return _call(node)
    return None


def _literal(node: Constant) -> str | None:
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else None


def _call(node: Call) -> str | None:
    parts = node.arguments
    if node.function in _BETWEEN and len(parts) == 2:
        tightness = _TIGHTNESS[node.function]
        left, right = _within(parts[0], tightness), _within(parts[1], tightness + 1)
        return None if left is None or right is None else f"{left} {_BETWEEN[node.function]} {right}"
    if node.function in _BEFORE and len(parts) == 1:
        inner = _within(parts[0], _TIGHTEST)
        return None if inner is None else f"{_BEFORE[node.function]}{inner}"
    if node.function.startswith(("_", "@")):
        return None
    if not node.member:
        return _joined(parts, f"{node.function}(", ")")
    receiver = _within(parts[0], _TIGHTEST)
    return None if receiver is None else _joined(parts[1:], f"{receiver}.{node.function}(", ")")


def _within(part: Node, tightness: int) -> str | None:
    """A part of a larger one, in brackets where it binds less tightly."""
    text = spelled(part)
    loose = isinstance(part, Call) and _TIGHTNESS.get(part.function, _TIGHTEST) < tightness
    return f"({text})" if loose and text is not None else text


def _joined(parts: tuple[Node, ...], before: str, after: str) -> str | None:
    texts = [spelled(part) for part in parts]
    known = [text for text in texts if text is not None]
    return before + ", ".join(known) + after if len(known) == len(texts) else None
