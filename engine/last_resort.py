"""The policy's fallbacks and nothing else: what is answered when a decision could not be made."""

from __future__ import annotations

from msgspec import structs

from engine.asker import Asker, from_slate
from engine.decision import Cause, Decision, Degraded, Filled, RankedAction
from engine.procedures.carrying import carried
from engine.ranked import ALONE
from engine.slate import SlateAction
from rules.wording.code import Code


def last_resort(asker: Asker, now: float) -> Decision:
    """Every placement asked for with its fallback, or empty. Nothing is remembered of it; the id is ""."""
    snapshot, request = asker.snapshot, asker.request
    channel = snapshot.policy.policy.channels[request.channel]
    names = [name for name in channel.placements if not request.placements or name in request.placements]
    tier = snapshot.policy.policy.tiers[-1]
    return Decision(
        decision_id="",
        placements=tuple(_filled(asker, name) for name in names),
        tier=tier.name,
        tier_why=snapshot.reasons.tell_tier(tier.name, request.audience, request.locale),
        policy_revision=snapshot.policy_revision,
        model_revision=snapshot.model_revision,
        degraded=(Degraded.DECISION_FAILED,),
        features_age_seconds=None if asker.known.features_at is None else now - asker.known.features_at,
        procedure=carried(snapshot, request, asker.known, ""),
    )


def fallback_action(asker: Asker, placement: str) -> tuple[RankedAction, ...]:
    """The fallback of a placement, if it has one: uncapped, and never selling."""
    catalogue = asker.snapshot.policy.catalogue
    declared = asker.snapshot.policy.policy.channels[asker.request.channel].placements.get(placement)
    if declared is None or declared.fallback is None:
        return ()
    action = catalogue.actions[catalogue.index[declared.fallback]]
    treatment = action.treatments.get(asker.request.channel)
    name = treatment.id if treatment else ""
    written = SlateAction(action.id, action.kind.value, name, Code.FALLBACK.value, None, structs.astuple(ALONE), None)
    return (from_slate(asker, written, 1),)


def _filled(asker: Asker, placement: str) -> Filled:
    actions = fallback_action(asker, placement)
    return Filled(placement, actions, Cause.FALLBACK if actions else Cause.NONE_ALLOWED)
