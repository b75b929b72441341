"""What CEL's checker says, in words of the policy: a stable code, a sentence, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from documents.reader import did_you_mean
from rules.promotion import Complaint

FUNCTIONS = (
    "all",
    "bool",
    "contains",
    "double",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "has",
    "int",
    "map",
    "matches",
    "size",
    "startsWith",
    "string",
)
_UNDECLARED = re.compile(r"undeclared reference to '(.+?)' \(in container")
_OVERLOAD = re.compile(r"found no matching overload for '(\S+)' applied to '(.*)'")
_SHOWN = {"@in": "in", "_?_:_": "? :", "_[_]": "[ ]", "@not_strictly_false": "all"}
_WORDS = {"double": "number", "int": "whole number", "uint": "unsigned number", "string": "text", "bool": "flag"}


@dataclass(frozen=True, slots=True)
class Explained:
    """One complaint for the author. `offset` in characters of the author's text."""

    offset: int
    code: str
    message: str
    hint: str


def explain(complaint: Complaint, source: str, names: Collection[str]) -> Explained:
    """Say a complaint about `source` plainly; `names` are the variables that it might have meant."""
    offset, message = complaint.offset, complaint.message
    if found := _UNDECLARED.match(message):
        return _undeclared(found[1], offset, source, names)
    if found := _OVERLOAD.match(message):
        return _overload(found[1], found[2], offset)
    if "recursion" in message:
        hint = "split the condition into several rules, or compare with `in [..]`"
        return Explained(offset, "too-nested", "the condition is nested more than 32 levels deep", hint)
    if message.startswith("Syntax error"):
        plain = message.removeprefix("Syntax error: ").split(" expecting ")[0]
        return Explained(offset, "cel-syntax", f"this is not a condition: {plain}", _syntax_hint(source))
    return Explained(offset, "cel", message, "")


def _undeclared(name: str, offset: int, source: str, names: Collection[str]) -> Explained:
    # CEL points at the dot before a variable's last part, and at the bracket after a function's name.
    starts = (offset - max(name.rfind("."), 0), offset - len(name))
    start = next((at for at in starts if at >= 0 and source.startswith(name, at)), offset)
    ending = [known for known in names if known.split(".", 1)[-1] == name]
    hint = f"did you mean {ending[0]!r}?" if ending else did_you_mean(name, (*names, *FUNCTIONS))
    return Explained(start, "unknown-name", f"{name!r} is not declared", hint)


def _overload(function: str, applied: str, offset: int) -> Explained:
    shown = _SHOWN.get(function, function.strip("_"))
    types = re.sub(r"\w+", lambda found: _WORDS.get(found[0], found[0]), applied)
    return Explained(offset, "wrong-type", f"{shown!r} does not take {types}", _overload_hint(function, applied))


def _overload_hint(function: str, applied: str) -> str:
    if "null" in applied:
        return "a value is never null; ask `known.<feature>`"
    if function == "_%_":
        return "the remainder is one of whole numbers: write int(..) % 2"
    if "double" in applied and "int" in applied:
        return "write double(..) around the whole number"
    if "double" in applied and "string" in applied:
        return "compare a number with a number; text stands in quotes"
    return "compare and combine values of one type"


def _syntax_hint(source: str) -> str:
    if re.search(r"(?<![=!<>])=(?!=)", source):
        return "equality is written =="
    if re.search(r"\b(and|or|not)\b", source, re.IGNORECASE):
        return "write && for and, || for or, ! for not"
    return "write a condition such as customer.age >= 18"
