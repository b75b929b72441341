"""One proposed action as it is answered: content, factors, why, and until when it stands."""

from __future__ import annotations

import msgspec

from engine.asker import Asker, reasons_of
from engine.decision import Cause, Factors, RankedAction
from engine.resolution import Placed, Resolution
from engine.snapshot import Snapshot
from rules.policy import Action
from rules.wording.code import Code

ALONE = Factors(1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0)
"""Factors of what was not scored: a fallback."""


class Seat(msgspec.Struct, frozen=True):
    """A place in the answer: the catalogue index, its rank, the probability of a first place, why it is here, and
    whether the draw put it there."""

    action: int
    rank: int
    probability: float | None
    why: Code
    explored: bool = False


def seats(snapshot: Snapshot, placed: Placed, honoured: int) -> tuple[Seat, ...]:
    """The seats of a placement, by rank."""
    picked = placed.picked
    found = []
    for rank, action in enumerate(picked.actions, start=1):
        first = rank == 1
        explored = first and picked.explored
        why = Code.FALLBACK if picked.cause is Cause.FALLBACK else _why(snapshot, honoured, action, explored)
        why = Code.ALSO_FITS if why is Code.BEST and not first else why
        found.append(Seat(action, rank, placed.probability if first else None, why, explored))
    return tuple(found)


def ranked(asker: Asker, resolution: Resolution, seat: Seat) -> RankedAction:
    """The action in its seat, filled for the customer."""
    snapshot, request, known = asker
    action = snapshot.policy.catalogue.actions[seat.action]
    treatment = action.treatments.get(request.channel)
    row = resolution.row_of(seat.action)
    factors = ALONE if row is None else resolution.scored.factors(row)
    valid_until = _valid_until(resolution, seat.action, action)
    return RankedAction(
        rank=seat.rank,
        action=action.id,
        kind=action.kind,
        issue=action.issue,
        group=action.group,
        treatment=treatment.id if treatment else "",
        content=snapshot.contents.fill(action.id, request.channel, known.values, request.context),
        reject_reasons=action.reject_reasons,
        valid_until=valid_until,
        factors=factors,
        probability=seat.probability,
        why=seat.why._value_,
        explored=seat.explored,
        honoured=bool(resolution.contact.honoured >> seat.action & 1),
        reasons=reasons_of(asker, seat.why, factors, valid_until),
    )


def _why(snapshot: Snapshot, honoured: int, action: int, explored: bool) -> Code:
    if snapshot.mandatory_mask >> action & 1:
        return Code.MANDATORY
    if honoured >> action & 1:
        return Code.HONOURED
    return Code.EXPLORED if explored else Code.BEST


def _valid_until(resolution: Resolution, index: int, action: Action) -> float | None:
    """An open offer keeps its term; a new one gets the action's."""
    if resolution.contact.honoured >> index & 1:
        return resolution.contact.valid_until.get(index)
    return None if action.valid_for is None else resolution.question.now + action.valid_for
