"""What is asked of both sides: logged questions as they were, or the customers of a file at one occasion.

Batches can be handed to another process. A question that a side cannot be asked - it has no such channel, or none of
the placements - is told as skipped, with why.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
import numpy.typing as npt

from engine.batch import known_in
from engine.customers_file import CustomerRows
from engine.decision import Request, Value
from engine.ids import CustomerKey
from engine.past.question import question_of
from engine.record import DecisionRecord, unpack_decision
from engine.resolution import Question
from engine.simulation.sides import Sides
from engine.snapshot import Snapshot
from rules.situation import Moment

Flags = npt.NDArray[np.bool_]
STORE_AWAY = "the store was away"
DAMAGED = "the record cannot be read"
NO_CHANNEL = "a channel that one of them does not have"
NO_PLACEMENT = "placements that one of them does not have"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is asked for every customer of a file; `now` in seconds."""

    tenant: str
    channel: str
    now: float
    intent: str = ""
    context: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoggedBatch:
    """Records of decisions as the log has them."""

    records: tuple[bytes, ...]

    def __len__(self) -> int:
        return len(self.records)

    def only(self, places: Flags) -> LoggedBatch:
        """The questions where `places`, shape (n,), is true."""
        return LoggedBatch(tuple(itertools.compress(self.records, places)))

    def asked(self, sides: Sides) -> Iterator[Pair | str]:
        """Each question for both sides, or why it is skipped."""
        for packed in self.records:
            try:
                record = unpack_decision(packed)
            except msgspec.MsgspecError:
                yield DAMAGED
                continue
            yield STORE_AWAY if record.state is None else _of_record(sides, record)


@dataclass(frozen=True, slots=True)
class CustomerBatch:
    """Rows of a file, read under the features of both sides, and where and when they are met."""

    rows: CustomerRows
    occasion: Occasion

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, places: Flags) -> CustomerBatch:
        """The questions where `places`, shape (n,), is true."""
        rows = self.rows
        kept = replace(
            rows,
            customer_ids=tuple(itertools.compress(rows.customer_ids, places)),
            row_ids=None,
            vectors=rows.vectors[places],
            consent=tuple(itertools.compress(rows.consent, places)),
            time_zones=tuple(itertools.compress(rows.time_zones, places)),
        )
        return replace(self, rows=kept)

    def asked(self, sides: Sides) -> Iterator[Pair | str]:
        """Each question for both sides, or why it is skipped."""
        for place in range(len(self.rows)):
            before = self._question(sides, sides.before, place)
            yield pair(sides, before, before if sides.alike else self._question(sides, sides.after, place))

    def _question(self, sides: Sides, snapshot: Snapshot, place: int) -> Question:
        said = self.occasion
        key = CustomerKey(said.tenant, self.rows.customer_ids[place])
        request = Request(key, said.channel, said.intent, said.context, dry_run=True)
        known = known_in(snapshot.readings[sides.features.hash], self.rows, place, key)
        return Question(request, known, Moment(said.now, said.channel, said.intent, "", said.context))


Batch = LoggedBatch | CustomerBatch


@dataclass(frozen=True, slots=True)
class Pair:
    """One question as each side is asked it."""

    before: Question
    after: Question


def _of_record(sides: Sides, record: DecisionRecord) -> Pair | str:
    before = question_of(sides.before, record)
    return pair(sides, before, before if sides.alike else question_of(sides.after, record))


def pair(sides: Sides, before: Question, after: Question) -> Pair | str:
    """Both questions, each about the placements that its side has, or why the pair cannot be asked."""
    channel = before.request.channel
    declared = [side.policy.policy.channels.get(channel) for side in (sides.before, sides.after)]
    placements = [one.placements for one in declared if one is not None]
    if len(placements) < len(declared):
        return NO_CHANNEL
    asked = before.request.placements
    if not asked or all(name in known for known in placements for name in asked):
        return Pair(before, after)
    wanted = [tuple(name for name in asked if name in known) for known in placements]
    return Pair(_only(before, wanted[0]), _only(after, wanted[1])) if all(wanted) else NO_PLACEMENT


def _only(question: Question, placements: tuple[str, ...]) -> Question:
    return replace(question, request=replace(question.request, placements=placements))
