"""What a customer does is known at the very next decision, to the rules and to the model alike, and is logged."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.decision import Degraded
from engine.events.event_record import unpack_event
from engine.events.overlay import OPENED_BY
from engine.ids import CustomerKey
from engine.outcome import Disposition
from engine.past.question import question_of
from engine.profile import know
from engine.record import unpack_decision
from engine.store import CustomerWrite
from models.codec import encode
from models.features import OPENING_EVENTS
from tests.engine.company import ANNA, DAY, GOOD, NOW, filled, names
from tests.engine.eventful import WEEK, EventfulCompany, eventful

VISITOR = CustomerKey(ANNA.tenant, "visitor-9")


@pytest.fixture
def company() -> EventfulCompany:
    return EventfulCompany(eventful("customer.pages_7d > 1.9"))


async def known(company: EventfulCompany, who: CustomerKey = ANNA, now: float = NOW):
    return know(company.snapshot, who, await company.store.read_profile(who, ""), now)


async def test_the_next_decision_knows_of_the_event_before_it(company):
    await company.happens("page_view", page="phones")
    assert names(await company.decide(), "hero")
    await company.happens("page_view", page="phones")
    assert names(await company.decide(), "hero") == []
    assert names(await company.decide(NOW + WEEK), "hero") != []


async def test_rules_and_model_read_the_same_numbers_as_they_are_now(company):
    await company.happens("purchase", NOW - 30 * DAY, amount=80.0)
    await company.happens("purchase", NOW - 60 * DAY, amount=1.0)
    await company.happens("app_open", NOW - 90, os="android")
    found = await known(company)
    said = {name: found.values[name] for name in ("spent_30d", "last_paid", "app_os", "idle_seconds", "value_12m")}
    assert said == {
        "spent_30d": 40.25,
        "last_paid": 80.0,
        "app_os": "android",
        "idle_seconds": 90.0,
        "value_12m": 950.0,
    }
    assert found.vector.dtype == np.float32
    assert found.vector[company.snapshot.schema.index("spent_30d")] == np.float32(40.25)
    assert math.isnan(found.vector[company.snapshot.schema.index("pages_7d")])
    assert (found.schema, found.features_at) == (company.snapshot.schema, NOW - 3600)


async def test_a_visitor_of_whom_only_events_are_known_is_known_by_them(company):
    for _ in range(3):
        await company.happens("page_view", customer=VISITOR.customer)
    decision = await company.decide(customer=VISITOR, view=True)
    assert decision.degraded[0] is Degraded.FEATURES_MISSING
    assert (decision.view.features, names(decision, "hero")) == (
        {"pages_7d": 3.0, "cases": 0.0, "late_orders": 0.0},
        [],
    )
    await company.store.link(VISITOR, ANNA)
    assert (await known(company)).values["pages_7d"] == 3.0


async def test_vectors_of_an_older_schema_take_what_events_say(company):
    older = company.snapshot.schema.__class__(company.snapshot.schema.features[:3])
    company.snapshot = company.snapshot.with_schemas({older.hash: older})
    company.store.customers[ANNA].vector = encode(older, {"age": 33}, ANNA, NOW)
    await company.happens("page_view")
    found = await known(company)
    assert (found.values["age"], found.values["pages_7d"], found.schema) == (33.0, 1.0, company.snapshot.schema)


async def test_sums_beyond_what_a_row_can_hold_stay_numbers(company):
    for _ in range(3):
        await company.happens("purchase", amount=3.0e38)
    assert (await company.decide()).decision_id
    assert (await known(company)).values["spent_30d"] == pytest.approx(3.4028235e38)


async def test_a_logged_decision_reads_the_same_state_again(company):
    await company.happens("page_view", NOW - 1000)
    decision = await company.decide()
    record = unpack_decision((await company.store.read_record(decision.decision_id)).body)
    again = question_of(company.snapshot, record).known
    assert again.values == (await known(company)).values
    assert again.vector.tobytes() == (await known(company)).vector.tobytes()


async def test_what_is_not_to_be_logged_is_in_neither_log(company):
    await company.happens("call", mood=3.0, reason="bill")
    decision = await company.decide()
    assert (await known(company)).values["mood"] == 3.0
    record = unpack_decision((await company.store.read_record(decision.decision_id)).body)
    assert "mood" not in question_of(company.snapshot, record).known.values
    entries = [entry async for entry in company.store.read_log(ANNA.partition(256))]
    event = unpack_event(next(entry.body for entry in entries if entry.kind == "event"))
    assert (event.type, event.attributes, event.at, event.received_at) == ("call", {"reason": "bill"}, NOW, NOW)


async def test_an_answer_fills_its_feature_until_a_later_batch_says_otherwise(company):
    assert "preferred_contact_time" not in (await known(company)).values
    await company.happens("ask_answered", ask="ask_contact_time", value="evening")
    assert (await known(company)).values["preferred_contact_time"] == "evening"
    later = encode(company.snapshot.schema, {**GOOD, "preferred_contact_time": "morning"}, ANNA, NOW + 60)
    await company.store.put_customers([CustomerWrite(ANNA, later)])
    assert (await known(company)).values["preferred_contact_time"] == "morning"
    unsaid = encode(company.snapshot.schema, GOOD, ANNA, NOW + 120)
    await company.store.put_customers([CustomerWrite(ANNA, unsaid)])
    assert (await known(company)).values["preferred_contact_time"] == "evening"


async def test_consent_that_is_withdrawn_is_obeyed_by_the_next_decision(company):
    company.know(ANNA, consent={"push:marketing": True})
    assert names(await company.decide(channel="push"), "message")
    await company.happens("consent_changed", channel="push", purpose="marketing", given=False)
    decision = await company.decide(channel="push")
    assert (names(decision, "message"), filled(decision, "message").blocked_by) == ([], "marketing")


async def test_cases_are_open_until_they_are_closed(company):
    await company.happens("case_opened", case="c-1", subject="router broken")
    decision = await company.decide(view=True)
    assert [(one.case, one.subject) for one in decision.view.cases] == [("c-1", "router broken")]
    assert decision.view.features["cases"] == 1.0
    await company.happens("case_closed", NOW + 1, case="c-1")
    decision = await company.decide(NOW + 2, view=True)
    assert (decision.view.cases, decision.view.features["cases"]) == ((), 0.0)


@pytest.mark.parametrize(
    ("type_", "said", "field", "reason"),
    [
        ("pageview", {}, "type", "did you mean 'page_view'?"),
        ("page_view", {"pge": "x"}, "attributes.pge", "did you mean 'page'?"),
        ("page_view", {"anna@home": "x"}, "attributes", "is no attribute of page_view"),
        ("purchase", {}, "attributes.amount", "must be told"),
        ("case_opened", {"case": ""}, "attributes.case", "must be told"),
        ("page_view", {"queue": "gold"}, "type", "told about a customer, not about a queue"),
        ("purchase", {"amount": "dear"}, "attributes.amount", "must be a number"),
        ("app_open", {"os": "symbian"}, "attributes.os", "one of: ios, android"),
        ("page_view", {"page": 3.0}, "attributes.page", "must be text"),
        ("churn_signal", {}, "attributes.score", "must be told"),
        ("consent_changed", {"channel": "psh", "purpose": "x", "given": True}, "attributes.channel", "mean 'push'"),
        (
            "consent_changed",
            {"channel": "push", "purpose": "Marketing", "given": False},
            "attributes.purpose",
            "mean 'mark",
        ),
        ("consent_changed", {"channel": "push", "purpose": "x", "given": "yes"}, "attributes.given", "must be a flag"),
        ("ask_answered", {"ask": "ask_contact", "value": "evening"}, "attributes.ask", "mean 'ask_contact_time'"),
        ("ask_answered", {"ask": "ask_contact_time", "value": "noon"}, "attributes.value", "not one of its values"),
        ("delivery_promised", {"order": "1", "date": "soon"}, "attributes.date", "must be a day"),
        ("step_done", {"procedure": "line", "step": "greet"}, "attributes.procedure", "mean 'line_down'"),
        ("step_done", {"procedure": "line_down", "step": "greeet"}, "attributes.step", "mean 'greet'"),
        ("queue_capacity", {"free": 3.0}, "type", "told about a queue, not about a customer"),
        ("page_view", {"at": NOW + 400, "now": NOW}, "at", "must not lie in the future"),
        ("page_view", {"event_id": "!mine"}, "event_id", "must not begin with !"),
        ("action_facts", {"action": "upgrade_unlimited"}, "attributes", "at least one live fact"),
        ("action_facts", {"action": "upgrade", "stock": 3.0}, "action_id", "must be an action of the policy"),
        ("action_facts", {"action": "film_box", "price": 3.0}, "attributes.price", "known here: stock"),
        ("queue_capacity", {"queue": "gold", "free": 1.5}, "attributes.free", "must be a whole number"),
    ],
)
async def test_what_does_not_hold_is_refused_with_what_would(company, type_, said, field, reason):
    verdict = await company.happens(type_, **said)
    assert (verdict.disposition, verdict.field) == (Disposition.REJECTED, field)
    assert reason in verdict.reason


async def test_none_is_lost_because_another_was_bad_and_repeats_are_told(company):
    verdicts = [
        (await company.happens("page_view", event_id=name, **said)).disposition.value
        for name, said in (("a", {}), ("b", {"pge": 1.0}), ("a", {}), ("c", {}))
    ]
    assert verdicts == ["accepted", "rejected", "duplicate", "accepted"]
    assert (await known(company)).values["pages_7d"] == 2.0


async def test_while_the_store_is_away_events_may_be_sent_again(company):
    company.store.fail = "timeout"
    verdict = await company.happens("page_view")
    assert (verdict.disposition, verdict.retryable) == (Disposition.REJECTED, True)


def test_what_features_may_count_as_open_is_what_events_open():
    assert set(OPENED_BY) == set(OPENING_EVENTS)


async def test_a_damaged_state_sells_nothing_and_says_so(company):
    company.store.customers[ANNA].realtime = b"BR\1\0torn"
    decision = await company.decide()
    assert Degraded.STATE_UNREADABLE in decision.degraded
    assert names(decision, "hero") == []
