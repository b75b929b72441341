"""What is known of a customer, and pauses to lift, between wire messages and values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from befit.v1 import customer_pb2, decide_pb2
from engine.customer import KnownCustomer
from engine.decision import Audience
from engine.ids import CustomerKey
from engine.pauses.lifting import Lift
from engine.refusal import Refusal
from engine.tiers.standing import TierStanding
from engine.wire.record import context_value
from engine.wire.request import AUDIENCES, id_refusal, plain_refusal
from engine.wire.view import stamp, view_for_customers, view_message
from rules.comparisons import Comparison
from rules.tier import Grounds

_MOST_NAME, _MOST_WHY = 128, 512
_GROUNDS: Mapping[Grounds, customer_pb2.TierGrounds.ValueType] = {
    Grounds.WHEN: customer_pb2.TIER_GROUNDS_WHEN,
    Grounds.OTHERWISE: customer_pb2.TIER_GROUNDS_OTHERWISE,
    Grounds.KEEP_WHEN: customer_pb2.TIER_GROUNDS_KEEP_WHEN,
    Grounds.MIN_STAY: customer_pb2.TIER_GROUNDS_MIN_STAY,
}


def audience_of(wire: decide_pb2.Audience.ValueType) -> Audience | Refusal:
    """Who reads the answer; an agent where nothing is said. Whom we do not know might be anybody."""
    found = AUDIENCES.get(wire)
    return Refusal("audience-unknown", "must be a value of Audience", "audience") if found is None else found


def known_message(known: KnownCustomer, audience: Audience = Audience.AGENT) -> customer_pb2.GetCustomerResponse:
    """What is known, as a message. A customer is told neither the tier nor what it rests on, nor features."""
    fields: dict[str, Any] = {}
    view = view_for_customers(known.view) if audience is Audience.CUSTOMER else known.view
    if audience is not Audience.CUSTOMER:
        fields["tier"] = known.tier
        if known.tier_since is not None:
            fields["tier_since"] = stamp(known.tier_since)
        if known.standing is not None:
            fields["tier_standing"] = standing_message(known.standing)
    return customer_pb2.GetCustomerResponse(
        customer_id=known.customer_id,
        consent=known.consent,
        time_zone=known.time_zone,
        preferences={name: context_value(value) for name, value in known.preferences.items()},
        features_age_seconds=known.features_age_seconds,
        view=view_message(view),
        tier_why=known.tier_why,
        personalisation_off=known.personalisation_off,
        **fields,
    )


def standing_message(standing: TierStanding) -> customer_pb2.TierStanding:
    """Where a customer stands on the ladder, as a message."""
    fields: dict[str, Any] = {} if standing.kept_until is None else {"kept_until": stamp(standing.kept_until)}
    return customer_pb2.TierStanding(
        tier=standing.tier,
        direction=standing.direction,
        grounds=_GROUNDS[standing.grounds],
        condition=standing.condition,
        because=_comparisons(standing.because),
        next_tier=standing.next_tier,
        next_condition=standing.next_condition,
        lift=_comparisons(standing.lift),
        **fields,
    )


def _comparisons(found: Iterable[Comparison]) -> list[customer_pb2.TierComparison]:
    return [
        customer_pb2.TierComparison(
            comparison=one.comparison, observed=one.observed, required=one.required, holds=one.holds
        )
        for one in found
    ]


def read_lift(wire: customer_pb2.LiftPauseRequest, tenant: str) -> Lift | Refusal:
    """Which pauses to lift, or the first thing about the request that does not hold."""
    refusal = (
        id_refusal(wire.customer_id, "customer_id")
        or plain_refusal(wire.action_id, "action_id", _MOST_NAME)
        or plain_refusal(wire.rule_id, "rule_id", _MOST_NAME)
        or plain_refusal(wire.lifted_by, "lifted_by", _MOST_NAME)
        or plain_refusal(wire.why, "why", _MOST_WHY)
        or _missing(wire)
    )
    if refusal:
        return refusal
    return Lift(CustomerKey(tenant, wire.customer_id), wire.action_id, wire.rule_id, wire.lifted_by, wire.why)


def _missing(wire: customer_pb2.LiftPauseRequest) -> Refusal | None:
    if not wire.action_id and not wire.rule_id:
        return Refusal("missing", "must name an action, or rule_id a pause rule", "action_id")
    for field in ("lifted_by", "why"):
        if not getattr(wire, field).strip():
            return Refusal("missing", "must say something: it stands in the log", field)
    return None
