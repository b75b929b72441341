"""Who asks, under which revision; reasons in their words, and actions rendered for them from a slate."""

from __future__ import annotations

from typing import NamedTuple

from engine.decision import Audience, Factors, RankedAction, Request, Trace, Why
from engine.observed import day_of
from engine.profile import Known
from engine.slate import SlateAction
from engine.snapshot import Snapshot
from rules.policy import Kind
from rules.reasons import Because
from rules.wording.code import Code


class Asker(NamedTuple):
    """What contents and reasons are made of."""

    snapshot: Snapshot
    request: Request
    known: Known


def reasons_of(asker: Asker, why: Code, factors: Factors, valid_until: float | None) -> tuple[Why, ...]:
    """Why an action stands in the answer, in the words of the request's audience; none where it wants none.

    Analysts are told the priority, and everybody until when (s) an honoured offer stands.
    """
    request, reasons = asker.request, asker.snapshot.reasons
    if request.trace is Trace.NONE:
        return ()
    if why is Code.HONOURED and valid_until is not None:
        until = day_of(asker.snapshot, asker.known.standing.time_zone, valid_until)
        told = reasons.tell(Because(why, until=until), request.audience, request.locale)
    elif request.audience is Audience.ANALYST:
        observed = f"priority {factors.priority:.2f}"
        told = reasons.tell(Because(why, observed=observed), request.audience, request.locale)
    else:
        told = reasons.tell_code(why, request.audience, request.locale)
    return (Why(why._value_, told),)


def from_slate(asker: Asker, one: SlateAction, rank: int) -> RankedAction:
    """An action of a slate as it is answered; one that the policy no longer has keeps its name and numbers only."""
    snapshot, request = asker.snapshot, asker.request
    index = snapshot.policy.catalogue.index.get(one.action)
    action = None if index is None else snapshot.policy.catalogue.actions[index]
    factors = Factors(*one.factors)
    return RankedAction(
        rank=rank,
        action=one.action,
        kind=Kind(one.kind),
        issue=action.issue if action else "",
        group=action.group if action else "",
        treatment=one.treatment,
        content=snapshot.contents.fill(one.action, request.channel, asker.known.values, request.context),
        reject_reasons=action.reject_reasons if action else (),
        valid_until=one.valid_until,
        factors=factors,
        probability=one.probability,
        why=one.why,
        explored=one.explored,
        honoured=one.honoured,
        reasons=reasons_of(asker, Code(one.why), factors, one.valid_until),
    )
