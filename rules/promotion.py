"""Integer literals made doubles exactly where CEL's checker reports that a double met an integer.

CEL never compares a double with an integer, and accepts no new overloads for it. A rule writer should not
care: `age > 18` simply works, while `size(name) > 2` stays a comparison of integers. Every character of the
rewritten text remembers where it came from, so that what CEL reports still points into the author's text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cel_expr_python import cel

from rules.checked_tree import Call, Comprehension, Constant, Ident, ListOf, MapOf, Node, Tree, read_tree, walk

MAX_ROUNDS = 40
_REPORT = re.compile(r"^(?:INVALID_ARGUMENT: )?ERROR: <input>:(-?\d+):(-?\d+): (.*)$", re.MULTILINE)
_CLASH = re.compile(r"found no matching overload for '(\S+)' applied to '\((.*)\)'")
_MIXED = re.compile(r"\bint\b.*\bdouble\b|\bdouble\b.*\bint\b")
_INTEGER = re.compile(r"-?\s*(?:0[xX][0-9a-fA-F]+|[0-9]+)(?![uU.\w])")
_ARITHMETIC = frozenset({"_+_", "_-_", "_*_", "_/_", "-_"})


@dataclass(frozen=True, slots=True)
class Complaint:
    """What CEL says is wrong, and the offset in the author's text, in characters."""

    offset: int
    message: str


@dataclass(frozen=True, slots=True)
class Promoted:
    """`text` as CEL takes it, with its compiled `expression`; or None and the complaints that remain.

    `origin` holds the author's offset of each character of `text`, and of its end.
    """

    text: str
    origin: tuple[int, ...]
    expression: cel.Expression | None
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True, slots=True)
class _Draft:
    """Text under rewriting; `origin` holds the author's offset of each character, and of the end."""

    text: str
    origin: tuple[int, ...]

    def offset(self, line: int, column: int) -> int:
        """The offset in this text of a line and column from 1, as CEL reports them."""
        starts = [0, *(found.end() for found in re.finditer("\n", self.text))]
        if not 0 < line <= len(starts):
            return 0
        return min(starts[line - 1] + max(column, 1) - 1, len(self.text))

    def with_doubles(self, places: Sequence[int]) -> _Draft:
        """The text with the integers at these offsets written as doubles."""
        text, origin = self.text, self.origin
        for place in sorted(places, reverse=True):
            found = _INTEGER.match(text, place)
            if found is None:
                continue
            digits = "".join(found[0].split()).lower()
            written = f"{int(digits, 16 if 'x' in digits else 10)}.0"
            text = text[:place] + written + text[found.end() :]
            origin = origin[:place] + (origin[place],) * len(written) + origin[found.end() :]
        return _Draft(text, origin)


def compile_promoted(env: cel.Env, source: str, *, whole: bool = False) -> Promoted:
    """Compile `source`, promoting integer literals. `whole`: where the result is an integer made of literals
    only, that is made a double too (an amount of `5 / 2` is 2.5)."""
    draft = _Draft(source, tuple(range(len(source) + 1)))
    for _ in range(MAX_ROUNDS):
        try:
            expression = env.compile(draft.text)
        except RuntimeError as error:
            better, complaints = _mend(env, draft, str(error)), str(error)
            if better.text == draft.text:
                return Promoted(draft.text, draft.origin, None, _complaints(draft, complaints))
            draft = better
            continue
        better = _whole(env, draft) if whole and expression.return_type() == cel.Type.INT else draft
        if better.text == draft.text:
            return Promoted(draft.text, draft.origin, expression)
        draft = better
    return Promoted(draft.text, draft.origin, None, (Complaint(0, "too many numbers to promote"),))


def _mend(env: cel.Env, draft: _Draft, report: str) -> _Draft:
    """The draft with the literals promoted that clash with a double; the same draft where there are none."""
    clashes = {
        (draft.offset(int(line), int(column)), found[1])
        for line, column, message in _REPORT.findall(report)
        if (found := _CLASH.match(message)) and found[1] != "_%_" and _MIXED.search(found[2])
    }
    if not clashes:
        return draft
    tree = read_tree(env.compile(draft.text, disable_check=True).serialize())
    ranges = {node.variable: node.range for node in walk(tree.root) if isinstance(node, Comprehension)}
    literals = [
        literal
        for node in walk(tree.root)
        if isinstance(node, Call) and (tree.positions.get(node.id), node.function) in clashes
        for argument in node.arguments
        for literal in _literals(argument, ranges) or ()
    ]
    return draft.with_doubles(_places(tree, literals))


def _whole(env: cel.Env, draft: _Draft) -> _Draft:
    tree = read_tree(env.compile(draft.text, disable_check=True).serialize())
    return draft.with_doubles(_places(tree, _literals(tree.root, {}) or ()))


def _places(tree: Tree, literals: Sequence[Constant]) -> list[int]:
    return list({tree.positions[literal.id] for literal in literals if literal.id in tree.positions})


def _literals(node: Node, ranges: Mapping[str, Node]) -> tuple[Constant, ...] | None:
    """The integer literals that alone make up the value of `node`; None where anything else takes part."""
    match node:
        case Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
            return (node,) if isinstance(value, int) else ()
        case Ident(name=name) if name in ranges:
            return _literals(ranges[name], {key: value for key, value in ranges.items() if key != name})
        case Call() | ListOf() | MapOf():
            return _gathered(_valued(node), ranges)
    return None


def _valued(node: Call | ListOf | MapOf) -> tuple[Node, ...] | None:
    """The parts of a node that make up its value."""
    match node:
        case ListOf(elements=parts) | MapOf(values=parts):
            return parts
        case Call(function=function, arguments=parts) if function in _ARITHMETIC:
            return parts
        case Call(function="_?_:_", arguments=parts):
            return parts[1:]
        case Call(function="_[_]", arguments=parts):
            return parts[:1]
    return None


def _gathered(parts: tuple[Node, ...] | None, ranges: Mapping[str, Node]) -> tuple[Constant, ...] | None:
    if parts is None:
        return None
    found = [_literals(part, ranges) for part in parts]
    return None if None in found else tuple(literal for each in found for literal in each or ())


def _complaints(draft: _Draft, report: str) -> tuple[Complaint, ...]:
    found = [
        Complaint(draft.origin[draft.offset(int(line), int(column))], message.removesuffix(" [INVALID_ARGUMENT]"))
        for line, column, message in _REPORT.findall(report)
    ]
    if not found:
        return (Complaint(0, report.splitlines()[0]),)
    # After the first mistake of syntax, or of nesting, the rest are its echoes.
    echoing = any("Syntax error" in one.message or "recursion" in one.message for one in found)
    return (found[0],) if echoing else tuple(found)
