"""What every part of a suite is read with: the reader that gathers problems, and what the policy lets it name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from documents.node import Node
from documents.reader import Reader
from engine.suites.terms import Terms


@dataclass(frozen=True, slots=True)
class Sheet:
    """A reader of one file, and the terms of the policy that its cases are about."""

    reader: Reader
    terms: Terms

    def refer(self, node: Node, options: Collection[str], what: str) -> str | None:
        """A name that must be among `options`; `what` says what it names."""
        name = self.reader.text(node)
        if name is None or name in options:
            return name
        code = f"unknown-{what.replace(' ', '-')}"
        self.reader.report(node, code, f"there is no {what} {name[:80]!r}", self.reader.hint(name, options))
        return None

    def refer_key(self, node: Node, key: str, options: Collection[str], what: str) -> bool:
        """Whether a key of the mapping `node` names one of `options`."""
        if key in options:
            return True
        code = f"unknown-{what.replace(' ', '-')}"
        hint = self.reader.hint(key, options)
        self.reader.report(node.key_places[key], code, f"there is no {what} {key[:80]!r}", hint)
        return False

    def refer_all(self, node: Node, options: Collection[str], what: str) -> tuple[str, ...]:
        """A list of names, or one name; an empty list is a mistake."""
        if node.value == ():
            self.reader.report(node, "empty-list", f"the list names no {what}", "name at least one, or leave it out")
        items = (node,) if isinstance(node.value, str) else self.reader.items(node)
        found = (self.refer(item, options, what) for item in items)
        return tuple(dict.fromkeys(name for name in found if name is not None))

    def instant(self, node: Node) -> float | None:
        """Seconds since the epoch of an ISO date and time with its zone."""
        text = self.reader.text(node)
        if text is None:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = None
        if found is not None and found.tzinfo is not None:
            return found.timestamp()
        hint = "write date, time and zone: 2026-03-10T14:00:00+01:00"
        self.reader.report(node, "bad-time", f"{text[:40]!r} is not a time with its zone", hint)
        return None
