"""`befit customer` against a server: what a business person reads, and what lifting a pause says."""

from __future__ import annotations

import asyncio
import getpass
import json

import pytest
from typer.testing import CliRunner

from befit.plain import feature_values
from engine.cli.app import app
from engine.cli.exits import UsageMistaken
from engine.memory.store import MemoryStore
from engine.pauses.store import unpack_lift
from tests.engine.company import GOOD, changed, corner_shop
from tests.engine.service_fakes import FakeEngine
from tests.engine.wired import wired


async def run(shop, *words):
    """The command, in a thread beside the server."""
    address = shop.served.address
    call = asyncio.to_thread(
        CliRunner().invoke, app, ["customer", *words, "--address", address], env={"COLUMNS": "160"}
    )
    return await call


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
async def shop(store):
    async with wired(corner_shop(), store) as served:
        values = feature_values({**GOOD, "value_12m": 740.0})
        await served.put(customer_id="anna", features=values, consent={"push:marketing": True})
        yield served


async def test_a_customer_is_shown_with_the_tier_and_what_would_lift_it(shop):
    decision = await shop.decide(channel="call_centre")
    await shop.tell(decision.decision_id, "REJECTED", "upgrade_unlimited", reason_code="too_expensive")
    shown = await run(shop, "anna")
    assert shown.exit_code == 0, shown.output
    for part in (
        "Tier at the last decision: transactional since 2026-09-24 10:00 UTC",
        "Tier now transactional: its condition holds; value losing",
        "What would lift the customer to relationship_1: customer.tenure_months >= 12 && customer.value_12m >= 900",
        "contacts",
        "rejected",
        "what rests",
        "too_expensive",
        "push:marketing",
        "orders_12m",
    ):
        assert part in shown.output, shown.output
    assert ["customer.value_12m", ">=", "900", "740", ">=", "900", "no"] in map(str.split, shown.output.splitlines())


async def test_programs_read_the_same_as_json(shop):
    shown = json.loads((await run(shop, "anna", "-o", "json")).output)
    assert shown["tier_standing"]["next_tier"] == "relationship_1"
    assert [one["holds"] for one in shown["tier_standing"]["lift"]] == [True, False]


async def test_whoever_opted_out_is_shown_as_such(shop):
    await shop.put(customer_id="anna", personalisation=False)
    assert "Personalisation is off: decisions read no personal feature." in (await run(shop, "anna")).output


async def test_the_minimum_stay_is_told(shop):
    await shop.decide(channel="call_centre")
    shop.snapshot = changed(corner_shop(), min_stay=30 * 86400.0)
    assert "kept at least until 2026-10-24 10:00 UTC" in (await run(shop, "anna")).output


async def test_a_pause_is_lifted_with_who_and_why(shop, store):
    decision = await shop.decide(channel="call_centre")
    await shop.tell(decision.decision_id, "REJECTED", "upgrade_unlimited", reason_code="too_expensive")
    lifted = await run(shop, "anna", "--lift-pause", "upgrade_unlimited", "--why", "a mistake of ours", "--by", "carol")
    assert "may be proposed again" in lifted.output
    assert "upgrade_unlimited" in lifted.output
    rest = await run(shop, "anna", "--lift-pause", "rule:too_expensive", "--why", "likewise", "-o", "json")
    assert [one["action_id"] for one in json.loads(rest.output)["lifted"]] == ["basic_tariff"]
    nothing = await run(shop, "anna", "--lift-pause", "rule:too_expensive", "--why", "again")
    assert "Nothing of this kind rests" in nothing.output
    said = [unpack_lift(entry.body) for log in store.logs.values() for _, entry in log if entry.kind == "lift"]
    assert [(one.lifted_by, one.why) for one in said] == [
        ("carol", "a mistake of ours"),
        (getpass.getuser(), "likewise"),
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("--lift-pause", "upgrade_unlimited"),
        ("--why", "because"),
        ("--lift-pause", "no_such_action", "--why", "because"),
    ],
)
async def test_what_makes_no_sense_is_a_usage_mistake(shop, words):
    ended = await run(shop, "anna", *words)
    assert isinstance(ended.exception, UsageMistaken)


async def test_an_unknown_customer_is_told(shop):
    ended = await run(shop, "nobody")
    assert isinstance(ended.exception, UsageMistaken)


async def test_people_are_called_what_the_policy_calls_them(store):
    async with wired(corner_shop(), store, FakeEngine(words={"customer": "guest"})) as served:
        await served.put(customer_id="anna", features=feature_values({**GOOD, "value_12m": 740.0}))
        shown = (await run(served, "anna")).output
        lifted = await run(served, "anna", "--lift-pause", "rule:too_expensive", "--why", "again")
    assert "Guest anna" in shown
    assert "What would lift the guest to relationship_1" in shown
    assert "Nothing of this kind rests for this guest." in lifted.output
