"""Decisions for a whole file of customers, one row per customer and rank, by the same core as live decisions.

Nothing is read from or written to the store: every customer is met as in the file, with no earlier contacts, so
caps, pauses and stops that follow contacts do not bite; consent and time zone are those of the file. The
draws are those of live decisions on the same day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from engine.customers_file import CustomerRows
from engine.decide import resolve
from engine.decision import Audience, Degraded, Request
from engine.ids import CustomerKey
from engine.profile import Known
from engine.ranked import Seat, seats
from engine.resolution import Placed, Question, Resolution
from engine.rights.personalisation import without_personal
from engine.snapshot import Reading, Snapshot
from engine.store import Profile
from rules.ledger import Ledger
from rules.policy import Exploration
from rules.reasons import Because
from rules.situation import Moment, Standing
from rules.wording.code import Code

COLUMNS = {
    "customer_id": pl.String,
    "row_id": pl.String,
    "placement": pl.String,
    "rank": pl.Int32,
    "action": pl.String,
    "kind": pl.String,
    "tier": pl.String,
    "propensity": pl.Float64,
    "gain": pl.Float64,
    "long_term_value": pl.Float64,
    "priority": pl.Float64,
    "probability": pl.Float64,
    "reason": pl.String,
}
"""What a row holds. `action` is empty when nothing befits; factors are null then. `rank` counts within the placement;
`probability` is that of the first rank as it came out, null below it."""

Row = tuple[str | float | int | None, ...]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is asked for every customer: the tenant, the channel, and when (s)."""

    tenant: str
    channel: str
    now: float


def greedy(snapshot: Snapshot) -> Snapshot:
    """The same without exploration and comparison groups: always the best."""
    policy = replace(snapshot.policy.policy, exploration=Exploration(), control_groups=())
    return replace(snapshot, policy=replace(snapshot.policy, policy=policy))


def decide_rows(snapshot: Snapshot, rows: CustomerRows, occasion: Occasion) -> pl.DataFrame:
    """The decisions for one chunk, with COLUMNS; `row_id` only where the file has it."""
    told = [line for place in range(len(rows)) for line in _decided(snapshot, rows, place, occasion)]
    frame = pl.DataFrame(told, schema=COLUMNS, orient="row")
    return frame if rows.row_ids is not None else frame.drop("row_id")


def _decided(snapshot: Snapshot, rows: CustomerRows, place: int, occasion: Occasion) -> Iterator[Row]:
    key = CustomerKey(occasion.tenant, rows.customer_ids[place])
    request = Request(key, occasion.channel)
    known = known_in(snapshot.readings[snapshot.schema.hash], rows, place, key)
    question = Question(request, known, Moment(occasion.now, occasion.channel))
    resolution = resolve(snapshot, question)
    named = (key.customer, rows.row_ids[place] if rows.row_ids is not None else None)
    for placed in resolution.placed:
        for line in _placement_rows(snapshot, resolution, placed):
            yield (*named, placed.placement.name, *line)


def known_in(reading: Reading, rows: CustomerRows, place: int, key: CustomerKey) -> Known:
    """The customer in a row of a file that was read under `reading.written`: no earlier contacts, no pauses. Of one who
    opted out of personalisation no personal feature is read."""
    personalised = rows.personalisation[place] is not False
    vector = rows.vectors[place] if personalised else without_personal(reading, rows.vectors[place])
    standing = Standing(Ledger(), (), rows.consent[place], rows.time_zones[place])
    known = Known(key, reading.values(vector).values, vector, reading.written, standing, None, (), Profile())
    return known if personalised else replace(known, degraded=(Degraded.PERSONALISATION_OFF,), personalised=False)


def _placement_rows(snapshot: Snapshot, resolution: Resolution, placed: Placed) -> Iterator[Row]:
    """Rank, action, kind, tier and the rest for each place taken, or one row for nothing."""
    taken = seats(snapshot, placed, resolution.contact.honoured)
    for seat in taken:
        yield _action_row(snapshot, resolution, seat)
    if not taken:
        tier = resolution.tier.tier.name
        why = snapshot.reasons.tell(Because(Code(placed.picked.cause.value)), Audience.AGENT)
        yield 1, "", "", tier, None, None, None, None, placed.probability, why


def _action_row(snapshot: Snapshot, resolution: Resolution, seat: Seat) -> Row:
    action = snapshot.policy.catalogue.actions[seat.action]
    row = resolution.row_of(seat.action)
    factors = None if row is None else resolution.scored.factors(row)
    return (
        seat.rank,
        action.id,
        action.kind.value,
        resolution.tier.tier.name,
        factors.propensity if factors else None,
        factors.gain if factors else None,
        factors.long_term if factors else None,
        factors.priority if factors else None,
        seat.probability,
        snapshot.reasons.tell(Because(seat.why), Audience.AGENT),
    )
