"""The decision as it is answered: contents filled, reasons told, factors named."""

from __future__ import annotations

from engine.asker import Asker
from engine.decision import Decision, Filled, RankedAction, Trace
from engine.fates import dropped_of
from engine.procedures.carrying import carried
from engine.ranked import ranked, seats
from engine.resolution import Placed, Resolution
from engine.snapshot import Snapshot
from engine.view import view_of
from rules.policy import Direction

OUTBOUND_LASTS = 24 * 3600.0
"""Seconds after which an outbound contact that was not made is no longer worth making, unless the action says."""


def present(snapshot: Snapshot, resolution: Resolution, decision_id: str) -> Decision:
    """The answer to a resolved question under this id ("" for a dry run)."""
    question = resolution.question
    request, known = question.request, question.known
    return Decision(
        decision_id=decision_id,
        placements=_placements(Asker(snapshot, request, known), resolution),
        tier=resolution.tier.tier.name,
        tier_why=snapshot.reasons.tell_tier(resolution.tier.tier.name, request.audience, request.locale),
        policy_revision=snapshot.policy_revision,
        model_revision=snapshot.model_revision,
        degraded=resolution.degraded,
        features_age_seconds=None if known.features_at is None else max(0.0, question.now - known.features_at),
        experiment_group=resolution.group.id if resolution.group else "",
        dropped=dropped_of(snapshot, resolution) if request.trace is Trace.FULL else (),
        view=view_of(snapshot, known, question.now) if request.view else None,
        procedure=carried(snapshot, request, known, decision_id) if snapshot.procedures else None,
    )


def _placements(asker: Asker, resolution: Resolution) -> tuple[Filled, ...]:
    channel = asker.snapshot.policy.policy.channels[asker.request.channel]
    outbound = channel.direction == Direction.OUTBOUND
    found = []
    for placed in resolution.placed:
        taken = seats(asker.snapshot, placed, resolution.contact.honoured)
        actions = tuple([ranked(asker, resolution, seat) for seat in taken])
        if outbound:
            found.append(_to_send(resolution, placed, actions))
        else:
            found.append(Filled(placed.placement.name, actions, placed.picked.cause))
    return tuple(found)


def _to_send(resolution: Resolution, placed: Placed, actions: tuple[RankedAction, ...]) -> Filled:
    contact, cause = resolution.contact, placed.picked.cause
    if not actions:
        return Filled(placed.placement.name, (), cause, contact.ask_again_at, blocked_by=contact.blocked_by)
    send_at = contact.send_at or resolution.question.now
    ends = [one.valid_until for one in actions if one.valid_until is not None]
    return Filled(placed.placement.name, actions, cause, send_at, min((send_at + OUTBOUND_LASTS, *ends)))
