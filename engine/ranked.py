"""One proposed action as it is answered: content, factors, why, and until when it stands."""

from __future__ import annotations

from dataclasses import dataclass

from engine.decision import Audience, Cause, Factors, RankedAction, Request, Trace, Why
from engine.observed import day_of
from engine.resolution import Placed, Resolution
from engine.snapshot import Snapshot
from rules.policy import Action
from rules.reasons import Because
from rules.wording.code import Code

ALONE = Factors(1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0)
"""Factors of what was not scored: a fallback."""


@dataclass(frozen=True, slots=True)
class Seat:
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


def ranked(snapshot: Snapshot, resolution: Resolution, seat: Seat) -> RankedAction:
    """The action in its seat, filled for the customer."""
    action = snapshot.policy.catalogue.actions[seat.action]
    question = resolution.question
    request = question.request
    treatment = action.treatments.get(request.channel)
    row = resolution.row_of(seat.action)
    factors = ALONE if row is None else resolution.scored.factors(row)
    return RankedAction(
        rank=seat.rank,
        action=action.id,
        kind=action.kind,
        issue=action.issue,
        group=action.group,
        treatment=treatment.id if treatment else "",
        content=snapshot.contents.fill(action.id, request.channel, question.known.values, request.context),
        reject_reasons=action.reject_reasons,
        valid_until=_valid_until(resolution, seat.action, action),
        factors=factors,
        probability=seat.probability,
        why=seat.why.value,
        explored=seat.explored,
        honoured=bool(resolution.contact.honoured >> seat.action & 1),
        reasons=reasons_of(snapshot, request, _because(snapshot, resolution, seat, factors)),
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


def _because(snapshot: Snapshot, resolution: Resolution, seat: Seat, factors: Factors) -> Because:
    until = resolution.contact.valid_until.get(seat.action) if seat.why is Code.HONOURED else None
    if until is None:
        return because_of(resolution.question.request, seat.why, factors)
    return Because(seat.why, until=day_of(snapshot, resolution, until))


def because_of(request: Request, why: Code, factors: Factors) -> Because:
    """Why an action stands in the answer; analysts are told its priority."""
    analyst = request.audience is Audience.ANALYST
    return Because(why, observed=f"priority {factors.priority:.2f}" if analyst else "")


def reasons_of(snapshot: Snapshot, request: Request, because: Because) -> tuple[Why, ...]:
    """The reason in the words of the request's audience; none where the request wants none."""
    if request.trace is Trace.NONE:
        return ()
    told = snapshot.reasons.tell(because, request.audience, request.locale)
    return (Why(because.code.value, told),)
