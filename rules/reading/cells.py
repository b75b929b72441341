"""Cells of decision tables: what people write for one input, as a set of values and as CEL.

-                       anything                  >= 900    < 18         a comparison, also > <= = !=
ios | android           one of several            3..7                  from 3 to 7, both included
!= ios | android        none of these             3..<7                 from 3 up to, but without, 7
"a | b"                 the text as it stands     [ios, android]        a list in YAML: one of several
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from documents.node import Node
from documents.problem import BefitError
from rules.facts import FLAG, INTEGER, NUMBER
from rules.table import Cell
from rules.value_set import FLAGS, Members, Numbers, ValueSet, compared, exactly, meet

ANYTHING = "-"
_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
_PLAIN = re.compile(rf"{_NUMBER}\Z")
_COMPARED = re.compile(rf"(<=|>=|==?|<|>) *({_NUMBER})\Z")
_RANGE = re.compile(rf"({_NUMBER}) *\.\.(<?) *({_NUMBER})\Z")
_QUOTED = re.compile(r'"(?:[^"\\]|\\["\\])*"')
_PARTS = re.compile(r'(?:"(?:[^"\\]|\\["\\])*"|[^|"])+|"')


@dataclass(frozen=True, slots=True)
class Input:
    """A variable that a table asks, its type and every value it may have."""

    name: str
    type: str
    domain: ValueSet


@dataclass(frozen=True, slots=True)
class _Option:
    """One of the alternatives of a cell."""

    accepts: ValueSet
    cel: str


class CellMistaken(BefitError):
    """A cell is not one; the message says why, `word` what stands there. Never leaves the reading of tables."""

    def __init__(self, message: str, word: str = "") -> None:
        self.word = word
        super().__init__(message)


def read_cell(asked: Input, node: Node) -> Cell:
    """The cell of an input. Raises CellMistaken."""
    if isinstance(node.value, tuple):
        options = [_listed(asked, item) for item in node.value]
        if not options:
            raise CellMistaken("the list names no value")
        return _cell(asked, " | ".join(_text(item.value) for item in node.value), options, denied=False)
    if not isinstance(node.value, str):
        return _cell(asked, _text(node.value), [_option(asked, node.value)], denied=False)
    text = node.value.strip()
    if text in {ANYTHING, ""}:
        return Cell(ANYTHING, None, "")
    denied = text.startswith("!=")
    parts = [part.strip() for part in _split(text.removeprefix("!="))]
    return _cell(asked, text, [_written(asked, part) for part in parts], denied)


def _split(text: str) -> Iterator[str]:
    """The alternatives between bars; bars in quotes are part of a text."""
    yield from (found[0] for found in _PARTS.finditer(text))
    if text.rstrip().endswith("|") or text.lstrip().startswith("|") or not text.strip() or "||" in text:
        yield ""


def _cell(asked: Input, text: str, options: list[_Option], denied: bool) -> Cell:
    accepts = reduce(_join, (option.accepts for option in options))
    cel = " || ".join(option.cel for option in options)
    if denied:
        accepts = accepts.rest().meet(FLAGS) if asked.type == FLAG and isinstance(accepts, Members) else accepts.rest()
        cel = f"!({cel})"
    within = meet(asked.domain, accepts)
    if not within:
        raise CellMistaken(f"no value of {asked.name} is {text}")
    return Cell(text, within, cel if len(options) == 1 and not denied else f"({cel})")


def _listed(asked: Input, item: Node) -> _Option:
    """An item of a list: a text is one as it stands, but for a number that is asked for."""
    numeric = asked.type in {NUMBER, INTEGER} and isinstance(item.value, str)
    return _numeric(asked, item.value.strip()) if numeric else _option(asked, item.value)


def _join(one: ValueSet, other: ValueSet) -> ValueSet:
    if isinstance(one, Numbers) and isinstance(other, Numbers):
        return one.join(other)
    return one.join(other) if isinstance(one, Members) and isinstance(other, Members) else one


def _written(asked: Input, part: str) -> _Option:
    """An alternative as text."""
    if asked.type in {NUMBER, INTEGER}:
        return _numeric(asked, part)
    if _QUOTED.fullmatch(part):
        return _option(asked, json.loads(part))
    if asked.type == FLAG:
        return _option(asked, {"true": True, "false": False}.get(part, part))
    if part == "" or part[0] in "<>=!" or '"' in part:
        raise CellMistaken(f"{part!r} is not a value; a text with signs stands in double quotes")
    return _option(asked, part)


def _numeric(asked: Input, part: str) -> _Option:
    if found := _COMPARED.match(part):
        operator = "==" if found[1] == "=" else found[1]
        number = _finite(found[2])
        return _Option(compared(operator, number), f"{asked.name} {operator} {number!r}")
    if found := _RANGE.match(part):
        low, high = _finite(found[1]), _finite(found[3])
        upper = "<" if found[2] else "<="
        if low > high or (found[2] and low == high):
            raise CellMistaken(f"{part!r} holds nothing: it ends before it begins")
        cel = f"{asked.name} >= {low!r} && {asked.name} {upper} {high!r}"
        return _Option(compared(">=", low).meet(compared(upper, high)), f"({cel})")
    if _PLAIN.match(part):
        return _option(asked, _finite(part))
    raise CellMistaken(f"{part[:40]!r} is no number, comparison such as >= 5, or range such as 3..7")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise CellMistaken(f"{text} is too large")
    return number


def _option(asked: Input, value: object) -> _Option:
    """An alternative as one value."""
    if not _fits(asked, value):
        kind = {NUMBER: "a number", INTEGER: "a whole number", FLAG: "true or false"}.get(asked.type, "a text")
        raise CellMistaken(f"{value!r} is not {kind}, as {asked.name} is", str(value))
    if isinstance(value, bool):
        return _Option(exactly((value,)), f"{asked.name} == {str(value).lower()}")
    if isinstance(value, int | float):
        return _Option(exactly((float(value),)), f"{asked.name} == {float(value)!r}")
    text = str(value)
    if text not in asked.domain:
        raise CellMistaken(f"{asked.name} is never {text!r}", text)
    return _Option(exactly((text,)), f"{asked.name} == {json.dumps(text, ensure_ascii=False)}")


def _fits(asked: Input, value: object) -> bool:
    if asked.type in {NUMBER, INTEGER}:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, bool if asked.type == FLAG else str)


def _text(value: object) -> str:
    """A value as a cell says it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return cell_text(value)
    return repr(value).removesuffix(".0")


def cell_text(value: str) -> str:
    """A text as a cell that means it: in quotes where it would mean something else."""
    plain = value.strip() == value and value and value[0] not in '<>=!-"' and "|" not in value and '"' not in value
    return value if plain else json.dumps(value, ensure_ascii=False)
