"""Where questions come from: the newest decisions of a store's log, or a file of customers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from documents.problem import Problem
from engine.customers_file import read_customers
from engine.facts.store import FactsRead
from engine.learning.store import Learned
from engine.past.reading import entries_of
from engine.revisions.kept import KeptRevision
from engine.simulation.questions import CustomerBatch, LoggedBatch, Occasion
from engine.store import Settings, Store
from models.features import FeatureSchema

QUESTIONS = 500
"""In one batch: a few tenths of a second of work."""
ROWS = 2000
"""In one batch of a file, whose reading has a cost of its own."""
_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Past:
    """What a store says: logged questions, what all workers share, live facts of actions, learned counts, and the
    revisions that were asked for. One that was not asked says nothing."""

    batches: tuple[LoggedBatch, ...] = ()
    settings: Settings = field(default_factory=Settings)
    facts: FactsRead = field(default_factory=FactsRead)
    learned: Learned = field(default_factory=Learned)
    revisions: Mapping[str, KeptRevision] = field(default_factory=dict)


async def read_past(store: Store, partitions: int, newest: int, revisions: Sequence[str]) -> Past:
    """The newest decisions of the log and the kept ones among `revisions`. Raises StoreUnavailable, RevisionDamaged."""
    records = [entry.body for entry in await entries_of(store, partitions, newest)] if newest else []
    kept = [await store.revisions.read(one) for one in revisions]
    batches = tuple(
        LoggedBatch(tuple(records[start : start + QUESTIONS])) for start in range(0, len(records), QUESTIONS)
    )
    facts, learned = await store.facts.read(FactsRead()), await store.learned.read(Learned())
    found = {one.revision: one for one in kept if one is not None}
    return Past(batches, await store.read_settings(), facts, learned, found)


class CustomersFile:
    """The customers of a file, batch by batch; `wrong` rows do not hold and are left out, `problems` tells of the first
    of them. Raises DocumentInvalid where the file itself does not hold."""

    def __init__(self, path: Path, occasion: Occasion) -> None:
        self._path = path
        self._occasion = occasion
        self.wrong = 0
        self.problems: tuple[Problem, ...] = ()

    def batches(self, features: FeatureSchema) -> Iterator[CustomerBatch]:
        """The batches, read under the features of both sides."""
        self.wrong, self.problems = 0, ()
        for rows in read_customers(self._path, features, ROWS):
            self.wrong += rows.wrong
            self.problems = (*self.problems, *rows.problems)[:_MOST_TOLD]
            yield CustomerBatch(rows, self._occasion)
