"""The first answer once more, for a request that comes again: from the slate, with contents rendered anew."""

from __future__ import annotations

from dataclasses import replace

from engine.asker import Asker, from_slate
from engine.decision import Cause, Decision, Degraded, Filled
from engine.last_resort import fallback_action
from engine.slate import SlatePlacement, unpack
from engine.store import Duplicate


def repeated(asker: Asker, earlier: Duplicate) -> Decision | None:
    """What was answered before, or None where its slate is gone.

    The contents come from the policy in force; an action that it no longer has keeps its name and numbers only.
    """
    slate = unpack(earlier.slate.slate) if earlier.slate else None
    if slate is None or earlier.slate is None:
        return None
    request = asker.request
    lost = frozenset(slate.contacts[index] for index in earlier.slate.dropped)
    return Decision(
        decision_id=earlier.decision_id,
        placements=tuple(_filled(asker, one, lost) for one in slate.placements),
        tier=slate.tier,
        tier_why=asker.snapshot.reasons.tell_tier(slate.tier, request.audience, request.locale),
        policy_revision=slate.policy_revision,
        model_revision=slate.model_revision,
        degraded=tuple(Degraded(code) for code in slate.degraded),
        features_age_seconds=slate.features_age,
        experiment_group=slate.experiment_group,
        repeated=True,
    )


def _filled(asker: Asker, one: SlatePlacement, lost: frozenset[str]) -> Filled:
    kept = [action for action in one.actions if action.action not in lost]
    actions = tuple(from_slate(asker, action, rank) for rank, action in enumerate(kept, start=1))
    filled = Filled(one.placement, actions, Cause(one.cause), one.send_at, one.expires_at, one.blocked_by)
    if actions or not one.actions:
        return filled
    return replace(filled, actions=fallback_action(asker, one.placement), cause=Cause.CAP_LOST)
