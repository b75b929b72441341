"""The head of a policy: whose it is, in which currency and zone, and in whose words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from documents.strict_yaml import Node
from rules.reading.section import Section
from rules.reading.times import read_zone

_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")
_WORDS = ("customer", "customers", "agent")


@dataclass(frozen=True, slots=True)
class Company:
    """`salt` keys the draws of experiments and exploration; it is the company's name unless the policy gives one."""

    name: str
    currency: str
    time_zone: str
    vocabulary: Mapping[str, str]
    intents: tuple[str, ...]
    outcomes: tuple[str, ...]
    salt: str
    language: str


def read_company(section: Section, entries: Mapping[str, Node]) -> Company:
    """The company, from the top-level entries of a policy."""
    reader = section.reader
    _check_version(section, entries)
    name = reader.optional(entries, "company", section.filled, "")
    return Company(
        name=name,
        currency=reader.optional(entries, "currency", lambda child: _read_currency(section, child), "EUR"),
        time_zone=reader.optional(entries, "time_zone", lambda child: read_zone(reader, child), "UTC"),
        vocabulary=_read_vocabulary(section, entries["vocabulary"]) if "vocabulary" in entries else {},
        intents=reader.optional(entries, "intents", reader.texts, ()),
        outcomes=_read_outcomes(section, entries["outcomes"]) if "outcomes" in entries else (),
        salt=reader.optional(entries, "salt", section.filled, name),
        language=reader.optional(entries, "language", lambda child: _read_language(section, child), ""),
    )


def _check_version(section: Section, entries: Mapping[str, Node]) -> None:
    version = section.reader.number(entries["version"]) if "version" in entries else None
    if version not in {None, 1.0}:
        message = f"version {version:g} of the policy's form is not known"
        section.reader.report(entries["version"], "unknown-version", message, "write version: 1")


def _read_currency(section: Section, node: Node) -> str | None:
    text = section.reader.text(node)
    if text is not None and not _CURRENCY.match(text):
        hint = "write three capital letters, such as EUR"
        section.reader.report(node, "bad-currency", f"{text[:40]!r} is not an ISO 4217 code", hint)
    return text


def _read_language(section: Section, node: Node) -> str | None:
    text = section.reader.text(node)
    if text is not None and not _LANGUAGE.match(text):
        hint = "write two or three small letters, such as en"
        section.reader.report(node, "bad-language", f"{text[:40]!r} is no code of a language", hint)
    return text


def _read_vocabulary(section: Section, node: Node) -> dict[str, str]:
    entries = section.reader.mapping(node, _WORDS)
    return {key: text for key, child in entries.items() if (text := section.filled(child))}


def _read_outcomes(section: Section, node: Node) -> tuple[str, ...]:
    found = (section.label(child) for child in section.reader.items(node))
    return tuple(name for name in found if name is not None)
