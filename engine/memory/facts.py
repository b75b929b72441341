"""Live facts in memory, with every change."""

from __future__ import annotations

from collections.abc import Callable

from engine.facts.store import FactName, FactsPost, FactsRead, Posted


class MemoryFacts:
    """Obeys engine/facts/store.py; `check` raises what every call of the store raises."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._changes: list[tuple[FactName, Posted]] = []

    async def post(self, post: FactsPost) -> bool:
        self._check()
        kept, changed = dict(self._changes), False
        for name, value in post.values.items():
            fact, held = Posted(value, post.at), kept.get((post.action, name))
            if held is None or (held != fact and held.at <= post.at):
                self._changes.append(((post.action, name), fact))
                changed = True
        return changed

    async def read(self, before: FactsRead) -> FactsRead:
        self._check()
        if before.revision == len(self._changes):
            return before
        return FactsRead(len(self._changes), dict(self._changes))

    async def at(self, revision: int) -> FactsRead | None:
        self._check()
        return FactsRead(revision, dict(self._changes[:revision])) if revision <= len(self._changes) else None
