"""Where live facts of actions are kept, for all workers: each fact as it was told last, and every change in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

MOST_CHANGES = 100_000
"""How many changes are kept, for decisions to be made again as they were."""


class Posted(NamedTuple):
    """A fact: a number (0 or 1 for a flag) as it was at `at` (s)."""

    value: float
    at: float


FactName = tuple[str, str]
"""An action's id and the attribute."""


@dataclass(frozen=True, slots=True)
class FactsPost:
    """Facts of one action to keep, unless later ones are kept already."""

    action: str
    at: float
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class FactsRead:
    """All facts that are kept; `revision` grows with every change. `changed` are those that did since the revision
    `since`, -1 where that is not told."""

    revision: int = 0
    facts: Mapping[FactName, Posted] = field(default_factory=dict)
    since: int = -1
    changed: Mapping[FactName, Posted] = field(default_factory=dict)


class FactStore(Protocol):
    """Implementations: `engine/redis/facts.py`, `engine/memory/facts.py`. Raises StoreUnavailable."""

    async def post(self, post: FactsPost) -> bool:
        """Keep facts; False where nothing changed, since later ones were told before."""
        ...

    async def read(self, before: FactsRead) -> FactsRead:
        """The facts as they are now, `before` itself where nothing changed. One round trip, two after many changes."""
        ...

    async def at(self, revision: int) -> FactsRead | None:
        """The facts as they were at a revision; None where its changes are no longer kept."""
        ...
