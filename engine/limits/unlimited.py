"""Deciding as if nothing were limited over all customers: for what no store of limits stands behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from engine.decide import resolve
from engine.limits.take import Take
from engine.resolution import Question, Resolution
from engine.snapshot import Snapshot


class Rationed(Protocol):
    """Resolves questions under the limits over all customers. See LimitKeeper."""

    async def resolve(self, snapshot: Snapshot, question: Question, first: Resolution | None = None) -> Resolution: ...

    def settle(self, takes: Iterable[Take], lost: frozenset[str] = frozenset()) -> None: ...


class Unlimited:
    """Obeys Rationed; nothing is counted."""

    async def resolve(self, snapshot: Snapshot, question: Question, first: Resolution | None = None) -> Resolution:
        return resolve(snapshot, question, first)

    def settle(self, takes: Iterable[Take], lost: frozenset[str] = frozenset()) -> None:
        del takes, lost
