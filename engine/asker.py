"""Who asks, under which revision; and actions rendered for them from a slate."""

from __future__ import annotations

from typing import NamedTuple

from engine.decision import Factors, RankedAction, Request
from engine.profile import Known
from engine.ranked import because_of, reasons_of
from engine.slate import SlateAction
from engine.snapshot import Snapshot
from rules.policy import Kind
from rules.wording.code import Code


class Asker(NamedTuple):
    """What contents and reasons are made of when nothing is resolved anew."""

    snapshot: Snapshot
    request: Request
    known: Known


def from_slate(asker: Asker, one: SlateAction, rank: int) -> RankedAction:
    """An action of a slate as it is answered; one that the policy no longer has keeps its name and numbers only."""
    snapshot, request = asker.snapshot, asker.request
    index = snapshot.policy.catalogue.index.get(one.action)
    action = None if index is None else snapshot.policy.catalogue.actions[index]
    factors, why = Factors(*one.factors), Code(one.why)
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
        reasons=reasons_of(snapshot, request, because_of(request, why, factors)),
    )
