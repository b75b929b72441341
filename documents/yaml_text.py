"""Texts written as YAML scalars: plain where every reader takes them for the same text, else in quotes."""

from __future__ import annotations

import json
import re

_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`=<~.")
_NUMBER_LIKE = re.compile(r"[-+.]?[0-9]")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_SIMPLE = re.compile("[ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")


def write_text(text: str, *, flow: bool = False) -> str:
    """The text as a scalar on one line; `flow` within brackets or braces.

    >>> write_text("Carte Blanche"), write_text("no"), write_text('a == "b"', flow=True), write_text("it's: so")
    ('Carte Blanche', '"no"', 'a == "b"', '"it\\'s: so"')
    """
    return text if plain_holds(text, flow=flow) else quoted(text)


def plain_holds(text: str, *, flow: bool) -> bool:
    """Whether the text may stand without quotes and is read as this text by YAML 1.1 and 1.2 alike."""
    if not text or text[0] in _INDICATORS or text != text.strip() or not simple(text):
        return False
    if text.lower() in _WORDS or _NUMBER_LIKE.match(text):
        return False
    if flow and any(sign in text for sign in ",[]{}:?"):
        return False
    return ": " not in text and " #" not in text and not text.endswith(":")


def simple(text: str) -> bool:
    """Whether the text is one line of printable characters."""
    return _SIMPLE.fullmatch(text) is not None


def quoted(text: str) -> str:
    """The text in quotes: double ones, or single ones where it has double ones or backslashes itself."""
    if ('"' in text or "\\" in text) and simple(text):
        return "'" + text.replace("'", "''") + "'"
    return json.dumps(text, ensure_ascii=False)
