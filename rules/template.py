"""Texts with placeholders: `{customer.x}`, `{context.x}`, `{action.x}`; `{customer.x|text}` for what may be missing.

A placeholder is a name and nothing more: no attributes, indexes, conversions or format codes, so that a
text can never reach into the program. `{{` and `}}` stand for braces.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rules.situation import Value

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_PLACEHOLDER = re.compile(r"(customer|context|action)\.([A-Za-z][A-Za-z0-9_]*)(?:\|(.*))?\Z", re.DOTALL)
_GAP = re.compile(r" +(?=[,.;:!?])|(?<=\s) +|^ +| +$")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """Where a value goes. `alternative` stands there when the value is missing; `offset` counts characters from 0."""

    room: str
    name: str
    alternative: str | None
    offset: int


@dataclass(frozen=True, slots=True)
class Template:
    """A text in pieces; `mistakes` are (offset, message) of what is no placeholder."""

    pieces: tuple[str | Placeholder, ...]
    mistakes: tuple[tuple[int, str], ...] = ()

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Placeholder))


def read_template(text: str) -> Template:
    """The pieces of a text; a text with mistakes keeps them as plain text.

    >>> read_template("Hello {customer.name|there}").pieces
    ('Hello ', Placeholder(room='customer', name='name', alternative='there', offset=6))
    """
    pieces: list[str | Placeholder] = []
    mistakes: list[tuple[int, str]] = []
    for offset, token in _tokens(text):
        placeholder = _PLACEHOLDER.match(token[1:-1]) if token[0] == "{" and token[-1] == "}" else None
        if placeholder:
            pieces.append(Placeholder(placeholder[1], placeholder[2], placeholder[3], offset))
        elif token in {"{{", "}}"}:
            pieces.append(token[0])
        elif token[0] in "{}":
            mistakes.append((offset, f"{token[:40]!r} is not a placeholder"))
            pieces.append(token)
        else:
            pieces.append(token)
    return Template(tuple(pieces), tuple(mistakes))


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    end = 0
    for found in _TOKEN.finditer(text):
        if found.start() > end:
            yield end, text[end : found.start()]
        yield found.start(), found[0]
        end = found.end()
    if end < len(text):
        yield end, text[end:]


def shown(value: Value | None) -> str | None:
    """A value as people read it; None where it is missing.

    >>> shown(49.0), shown(0.1 + 0.2), shown(0.0042), shown(True)
    ('49', '0.3', '0.0042', 'yes')
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not math.isfinite(value):
        return None
    if value and abs(value) < 0.01:
        return f"{value:.2g}"
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def tidy(text: str) -> str:
    """The text without the gaps that a missing value leaves: doubled blanks, a blank before a comma.

    >>> tidy("Hello , welcome")
    'Hello, welcome'
    """
    return _GAP.sub("", text)
