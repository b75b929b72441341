"""The first answer once more, for a request that comes again: from the slate, with contents rendered anew."""

from __future__ import annotations

from dataclasses import replace

from engine.asker import Asker, from_slate
from engine.decision import Cause, CustomerView, Decision, Degraded, Dropped, Factors, Filled, Why
from engine.procedures.carrying import carried
from engine.settle import without
from engine.slate import Slate, SlateDropped, SlatePlacement, unpack
from engine.store import Duplicate
from engine.view import view_of
from rules.ledger import Ledger, stable_id
from rules.wording.code import Code


def repeated(asker: Asker, earlier: Duplicate) -> Decision | None:
    """What was answered before, or None where its slate is gone.

    The contents come from the policy that decided where it is still at hand, else from the one in force; an action
    that the latter no longer has keeps its name and numbers only.
    """
    slate = unpack(earlier.slate.slate) if earlier.slate else None
    if slate is None or earlier.slate is None:
        return None
    asker = asker._replace(snapshot=asker.snapshot.that_decided(slate.policy_revision, slate.model_revision))
    request = asker.request
    first = Decision(
        decision_id=earlier.decision_id,
        placements=tuple(_filled(asker, one) for one in slate.placements),
        tier=slate.tier,
        tier_why=asker.snapshot.reasons.tell_tier(slate.tier, request.audience, request.locale),
        policy_revision=slate.policy_revision,
        model_revision=slate.model_revision,
        degraded=tuple(Degraded(code) for code in slate.degraded),
        features_age_seconds=slate.features_age,
        experiment_group=slate.experiment_group,
        dropped=tuple(_dropped(one) for one in slate.dropped),
        view=_view_before(asker, earlier.decision_id, slate) if request.view else None,
        repeated=True,
        procedure=carried(asker.snapshot, request, asker.known, earlier.decision_id),
    )
    return without(asker, first, slate.lost(earlier.slate.dropped), Code.CAP_LOST)


def _filled(asker: Asker, one: SlatePlacement) -> Filled:
    actions = tuple(from_slate(asker, action, rank) for rank, action in enumerate(one.actions, start=1))
    return Filled(one.placement, actions, Cause(one.cause), one.send_at, one.expires_at, one.blocked_by)


def _dropped(one: SlateDropped) -> Dropped:
    factors = None if one.factors is None else Factors(*one.factors)
    why = Why(one.code, one.sentence)
    return Dropped(one.action, one.stage, one.rule, why, factors, one.observed, one.required)


def _view_before(asker: Asker, decision_id: str, slate: Slate) -> CustomerView:
    """The customer as they are known now, seen from the moment of the decision and without its own contacts."""
    known = asker.known
    contacts = known.standing.ledger.contacts
    earlier = contacts[contacts["decision"] != stable_id(decision_id)]
    standing = replace(known.standing, ledger=Ledger(earlier.tobytes()))
    return view_of(asker.snapshot, replace(known, standing=standing), slate.at)
