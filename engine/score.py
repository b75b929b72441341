"""Scores what the screens left: propensity, worth, priority; then removes what is below the policy's thresholds."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.expectation import Asked, Expected
from engine.resolution import Indexes, Question, Scored
from engine.snapshot import Snapshot
from models.inputs import MomentSeen
from models.value import Terms, priority
from rules.policy import Stage
from rules.removal import Remover
from rules.weights import Weights
from rules.wording.code import Code


def score(snapshot: Snapshot, question: Question, weights: Weights, remover: Remover, zone: ZoneInfo) -> Scored:
    """Score the allowed actions; an action whose cost is unknown does not compete."""
    remover.remove(Stage.SUITABILITY, Code.UNKNOWN_FACT, weights.unpriced, "cost")
    chosen = snapshot.policy.catalogue.indexes(remover.allowed)
    expected = _expected(snapshot, question, weights, chosen, zone)
    gain, cost = weights.gain.take(chosen), weights.cost.take(chosen)
    context, lever = weights.context.take(chosen), weights.lever.take(chosen)
    scarcity = None if weights.scarcity is None else weights.scarcity.take(chosen)
    paid = 0.0 if scarcity is None else scarcity
    worth = priority(Terms(expected.propensity, gain, cost, context_weight=context, lever=lever, scarcity=paid))
    return Scored(
        actions=chosen,
        rows={action: row for row, action in enumerate(chosen.tolist())},
        propensity=expected.propensity,
        raw=expected.raw,
        gain=gain,
        cost=cost,
        context_weight=context,
        lever=lever,
        priority=worth,
        customer=expected.customer,
        moment=expected.moment,
        pair=expected.pair,
        scarcity=scarcity,
    )


def _expected(snapshot: Snapshot, question: Question, weights: Weights, chosen: Indexes, zone: ZoneInfo) -> Expected:
    """What the model expects of the chosen actions, where it may be asked."""
    known, expectation = question.known, snapshot.expectation
    if not (known.readable and known.personalised):
        return expectation.without_model(chosen)
    seen = _seen(snapshot, question, zone)
    asked = Asked(known.vector, known.schema, weights.tier, known.standing.ledger, seen, question.now)
    return expectation.of(asked, chosen)


def threshold(snapshot: Snapshot, channel: str, scored: Scored, remover: Remover) -> None:
    """Remove what has too little chance or priority for the channel; mandatory actions have no threshold."""
    least = snapshot.policy.thresholds[channel]
    if least.none:
        return
    actions = scored.actions
    for code, low in (
        (Code.LOW_CHANCE, scored.propensity < least.propensity[actions]),
        (Code.LOW_PRIORITY, scored.priority < least.priority[actions]),
    ):
        removed = 0
        for action in actions[low].tolist():
            removed |= 1 << action
        remover.remove(Stage.THRESHOLD, code, removed & ~snapshot.mandatory_mask)


def _seen(snapshot: Snapshot, question: Question, zone: ZoneInfo) -> MomentSeen:
    moment = question.moment
    local = datetime.fromtimestamp(moment.now, zone)
    direction = snapshot.policy.policy.channels[moment.channel].direction._value_
    context = moment.context or {}
    return MomentSeen(moment.channel, direction, float(local.hour), float(local.isoweekday()), moment.intent, context)
