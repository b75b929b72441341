"""What customers say holds from the very next decision on, asked over gRPC and kept in a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
import pytest

from befit.plain import feature_values
from befit.v1 import customer_pb2 as cpb
from befit.v1 import decide_pb2 as dpb
from engine.pauses.store import unpack_lift
from engine.redis.store import RedisStore
from tests.engine.company import DAY, GOOD, NOW, corner_shop
from tests.engine.wired import Wired, wired

AGREED = {"push:marketing": True, "push:service": True}


@pytest.fixture
async def shop(valkey_store: RedisStore) -> AsyncIterator[Wired]:
    async with wired(corner_shop(), valkey_store) as served:
        await served.put(customer_id="anna", features=feature_values(GOOD), consent=AGREED)
        yield served


def message(answer):
    (filled,) = answer.placements
    return filled


async def test_a_withdrawn_consent_is_obeyed_by_the_next_decision(shop: Wired):
    asked = await shop.decide(channel="push")
    assert message(asked).actions
    await shop.put(customer_id="anna", consent={"push:marketing": False, "push:service": False})
    shop.clock.now += 60
    refused = message(await shop.decide(channel="push"))
    assert not refused.actions
    assert refused.blocked_by in {"marketing", "service"}
    await shop.put(customer_id="anna", consent=AGREED)
    shop.clock.now += 30 * DAY
    assert message(await shop.decide(channel="push")).actions


async def test_an_opt_out_is_obeyed_by_the_next_decision_and_taken_back(shop: Wired):
    known = await shop.decide(channel="call_centre")
    assert known.tier == "relationship_1"
    await shop.put(customer_id="anna", personalisation=False)
    impersonal = await shop.decide(channel="call_centre", view=True)
    assert impersonal.tier == "prospect"
    assert dpb.DEGRADED_PERSONALISATION_OFF in impersonal.degraded
    assert not impersonal.view.features
    found = await shop.get()
    assert found.personalisation_off
    assert set(found.view.features) == set(GOOD)
    assert found.tier_standing.tier == "prospect"
    await shop.put(customer_id="anna", consent={"push:service": True})
    assert (await shop.decide(channel="call_centre")).tier == "prospect"
    await shop.put(customer_id="anna", personalisation=True)
    back = await shop.decide(channel="call_centre")
    assert back.tier == "relationship_1"
    assert dpb.DEGRADED_PERSONALISATION_OFF not in back.degraded


async def test_pauses_are_listed_and_lifted_by_name_with_who_and_why(shop: Wired, valkey_store: RedisStore):
    decision, action = await shop.decide(channel="call_centre"), "upgrade_unlimited"
    await shop.tell(decision.decision_id, "REJECTED", action, reason_code="too_expensive")
    resting = (await shop.get()).view.pauses
    assert {one.action_id for one in resting} == {action, "basic_tariff"}
    assert {(one.until.seconds, one.cause) for one in resting} == {(NOW + 90 * DAY, "too_expensive")}
    cause = "too_expensive"
    lifted = (await shop.lift(action_id=action, rule_id=cause)).lifted
    assert [(one.action_id, one.cause) for one in lifted] == [(action, cause)]
    left = (await shop.get()).view.pauses
    assert {one.action_id for one in left} == {"basic_tariff"}
    again = (await shop.lift(action_id=action, rule_id=cause)).lifted
    assert not again
    said = [unpack_lift(entry.body) for entry in await everything(valkey_store) if entry.kind == "lift"]
    assert [(one.customer, one.action, one.rule, one.lifted_by, one.why) for one in said] == [
        ("anna", action, cause, "carol", "asked")
    ]


async def everything(store: RedisStore):
    return [entry for partition in range(256) async for entry in store.read_log(partition)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"action_id": "", "rule_id": ""}, "action_id"),
        ({"action_id": "basic_tariff", "why": " "}, "why"),
        ({"action_id": "basic_tariff", "lifted_by": ""}, "lifted_by"),
        ({"action_id": "no_such_action"}, "action_id"),
        ({"rule_id": "no_such_rule"}, "rule_id"),
        ({"action_id": "basic_tariff", "why": "x" * 513}, "why"),
        ({"action_id": "basic_tariff", "customer_id": "{"}, "customer_id"),
    ],
)
async def test_a_lift_that_says_too_little_is_refused(shop: Wired, fields, field):
    said = {"customer_id": "anna", "lifted_by": "carol", "why": "asked", **fields}
    assert shop.served is not None
    code, problem = await shop.served.refused("CustomerService/LiftPause", cpb.LiftPauseRequest(**said))
    assert (code, problem.field) == (grpc.StatusCode.INVALID_ARGUMENT, field)


async def test_why_this_tier_and_what_would_lift_it_are_told_to_agents_only(shop: Wired):
    await shop.put(customer_id="ben", features=feature_values({**GOOD, "value_12m": 740.0}))
    await shop.decide("ben", "call_centre")
    found = await shop.get("ben")
    standing = found.tier_standing
    assert (found.tier, standing.tier, standing.next_tier) == ("transactional", "transactional", "relationship_1")
    assert standing.grounds == cpb.TIER_GROUNDS_WHEN
    assert [(one.comparison, one.observed, one.holds) for one in standing.because] == [
        ("customer.orders_12m > 0", "5", True)
    ]
    assert [(one.comparison, one.observed, one.required, one.holds) for one in standing.lift] == [
        ("customer.tenure_months >= 12", "30", ">= 12", True),
        ("customer.value_12m >= 900", "740", ">= 900", False),
    ]
    told = await shop.get("ben", audience=dpb.AUDIENCE_CUSTOMER)
    assert not told.HasField("tier_standing")
    assert not told.tier
    assert told.tier_why
    assert "relationship_1" not in told.tier_why
