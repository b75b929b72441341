"""What a report tells of people: agents who follow or do not, the voice of the customer, gaps in the data, plans."""

from __future__ import annotations

import json
from dataclasses import replace
from math import sqrt
from statistics import NormalDist

import msgspec
import numpy as np
import pytest

from engine.ids import CustomerKey
from engine.record import ScoredRecord
from engine.report.gathering import gather
from engine.report.past import Past
from engine.report.plain import feed
from engine.report.plan import Wanted, least_lift, needed, plan
from engine.report.plots import agents as agents_plot
from engine.report.report import counted
from engine.report.sentences import sentences
from engine.report.sheets import sheets
from engine.report.terms import Terms, words_of
from models.codec import encode
from models.features import FeatureSchema
from models.lift import always_valid_error, customers_needed
from rules.ledger import stable_id
from tests.engine.company import DAY, NOW
from tests.engine.eventful import LINE_DOWN
from tests.engine.reported import Log, pick, shop, unknown

CALL = {"agent": "kim", "team": "callco/day"}


def scored(action: str, chance: float, gain: float, cost: float) -> ScoredRecord:
    floats = [np.array([one], dtype="<f8").tobytes() for one in (chance, gain, cost, 1.0, 1.0, chance * gain)]
    return ScoredRecord(stable_id(action).to_bytes(4, "little"), b"", b"", b"", *floats)


def test_an_action_is_followed_unless_something_else_was_offered():
    log = Log(shop(()))
    for number in range(4):
        name = log.decide(f"c{number}", picks=[pick()])
        if number < 3:
            log.tell(name, "IMPRESSION", **CALL)
            log.tell(name, "ACCEPTED", revenue=50.0, **CALL)
        else:
            log.tell(name, "REJECTED", offered_instead="film_box", reason_code="too_expensive", **CALL)
            log.tell(name, "ACCEPTED", offered_instead="film_box", revenue=8.0, **CALL)
    found = log.report()
    assert [(one.level, one.name, one.followed, one.overridden) for one in found.agents] == [
        ("outsourcer", "callco", 3, 1), ("team", "callco/day", 3, 1), ("agent", "kim", 3, 1),
    ]  # fmt: skip
    one = found.agents[0]
    assert (one.share, one.followed_successes, one.overridden_successes) == (0.75, 3, 1)
    assert (one.followed_money, one.overridden_money) == (150.0, 8.0)
    (why,) = found.overridden
    assert (why.action, why.instead, why.reason, why.times, why.teams) == (
        "upgrade_unlimited", "film_box", "too_expensive", 1, ("callco/day",),
    )  # fmt: skip
    assert found.groups[0].sums["successes"] == 3.0
    assert not [one for one in found.voice if one.kind == "rejection"]
    assert "Agents followed 75.0% of 4 proposals" in " ".join(sentences(found))


def test_agents_who_follow_everything_are_told_and_drawn():
    log = Log()
    for number in range(40):
        log.tell(log.decide(f"c{number}", picks=[pick()]), "ACCEPTED", agent="kim", team="callco/day")
    found = log.report()
    assert "Agents followed all of 40 proposals." in list(sentences(found))
    assert "100%" in agents_plot(found)


def test_outsourcers_are_those_that_are_declared_or_stand_before_a_mark():
    terms = Terms(outsourcers={"helpline": "Helpline Ltd"})
    assert [terms.outsourcer(team) for team in ("helpline north", "callco:day", "callco/a:b", "sales", "/x")] == [
        "Helpline Ltd", "callco", "callco", "", "",
    ]  # fmt: skip


def test_what_customers_say_is_ranked_by_the_money_behind_it():
    snapshot = shop((), outcomes=("PRODUCT_REQUEST",))
    log = Log(snapshot)

    def met(customer: str, value: float, gain: float = 100.0) -> str:
        vector = encode(snapshot.schema, {"value_12m": value}, CustomerKey("shop", customer), NOW)
        return log.decide(customer, picks=[pick(gain=gain)], vector=vector)

    for number in range(3):
        log.tell(met(f"c{number}", 10.0), "REJECTED", reason_code="too_expensive")
    for _ in range(2):
        log.tell(met("rich", 900.0), "COMPLAINT", reason_code="waited_long")
    log.tell(met("asks", 250.0), "PRODUCT_REQUEST", reason_code="watch_tariff")
    log.happen("asks", "search", NOW, query="satellite", results=0)
    log.happen("asks", "search", NOW, query="unlimited", results=4)
    log.happen("new", "purchase", NOW, amount=70.0)
    log.happen("new", "ask_answered", NOW, ask="preferred_time", value="evening")
    found = log.report(Terms(requests=words_of(snapshot.policy.policy, "request")))
    assert [(one.kind, one.subject, one.times, one.customers, one.money, one.missed) for one in found.voice] == [
        ("complaint", "waited_long", 2, 1, 900.0, None),
        ("request", "satellite", 1, 1, 250.0, None),
        ("request", "watch_tariff", 1, 1, 250.0, None),
        ("answer", "evening", 1, 1, 70.0, None),
        ("rejection", "too_expensive", 3, 3, 30.0, 300.0),
    ]
    told = [json.loads(line) for line in feed(found)]
    assert [one["for"] for one in told] == ["quality", "product", "product", "product", "product"]
    assert (told[4]["about"], told[4]["channels"], told[4]["currency"]) == ("upgrade_unlimited", ["web"], "EUR")
    assert not [line for line in feed(found) for name in ("rich", "asks", "c0") if f'"{name}"' in line]


def test_answers_stand_by_the_question_that_they_answer():
    log = Log(shop(()))
    log.decide("a")
    for customer, ask in (("a", "preferred_time"), ("b", "dinner"), ("c", "dinner")):
        log.happen(customer, "purchase", NOW, amount=10.0)
        log.happen(customer, "ask_answered", NOW, ask=ask, value="evening")
    assert [(one.subject, one.about, one.customers) for one in log.report().voice] == [
        ("evening", "dinner", 2),
        ("evening", "preferred_time", 1),
    ]


def test_all_of_one_kind_counts_each_customer_once():
    snapshot = shop(())
    log = Log(snapshot)
    for customer, value, reasons in (("a", 900.0, ("price", "waiting")), ("b", 100.0, ("price",))):
        vector = encode(snapshot.schema, {"value_12m": value}, CustomerKey("shop", customer), NOW)
        for reason in reasons:
            log.tell(log.decide(customer, picks=[pick()], vector=vector), "COMPLAINT", reason_code=reason)
    found = log.report()
    assert [(one.subject, one.money) for one in found.voice] == [("price", 1000.0), ("waiting", 900.0)]
    (kind,) = found.heard
    assert (found.heard[kind].times, found.heard[kind].customers, found.heard[kind].money) == (3, 2, 1000.0)


def test_what_is_complained_of_names_the_actions_it_is_said_of_most():
    log = Log(shop(()))
    for action in ("film_box", "film_box", "phone_loan"):
        name = log.decide("c", picks=[pick(action)])
        log.tell(name, "COMPLAINT", action=action, reason_code="too_many_offers")
    (one,) = log.report().voice
    assert (one.subject, one.about, one.times) == ("too_many_offers", "film_box, phone_loan", 3)


def test_a_feature_that_is_not_in_money_does_not_say_what_a_customer_is_worth():
    corner = shop(())
    schema = FeatureSchema(tuple(replace(one, unit="visits") for one in corner.schema.features))
    log = Log(replace(corner, schema=schema))
    vector = encode(schema, {"value_12m": 900.0}, CustomerKey("shop", "a"), NOW)
    log.tell(log.decide("a", picks=[pick()], vector=vector), "COMPLAINT", reason_code="price")
    log.happen("a", "purchase", NOW, amount=20.0)
    assert [one.money for one in log.report().voice] == [20.0]


def test_a_gap_costs_what_the_best_lost_action_brings_elsewhere():
    log = Log(shop(()))
    log.decide("known", picks=[pick()], scored=scored("phone_loan", 0.1, 200.0, 5.0))
    for number in range(3):
        log.decide(f"c{number}", removals=(unknown("adults_only", "phone_loan", "film_box"),))
    (gap,) = [one for one in log.report().voice if one.kind == "gap"]
    assert (gap.subject, gap.about, gap.times, gap.customers) == ("customer.age is not known", "adults_only", 3, 3)
    assert gap.missed == pytest.approx(45.0)
    assert gap.for_whom == "quality"


def test_who_is_not_to_be_known_leaves_no_gap():
    log = Log(shop(()))
    log.decide("c1", removals=(unknown("adults_only", "phone_loan"),))
    hidden = unreadable(log)
    assert not [one for one in hidden.voice if one.kind == "gap"]


def unreadable(log: Log):
    """The report over the log with all customers opted out of personalisation (their record cannot be read)."""
    for number, joined in enumerate(log.decisions):
        state = msgspec.structs.replace(joined.record.state, consent=b"\xc1")
        log.decisions[number] = replace(joined, record=msgspec.structs.replace(joined.record, state=state))
    return log.report()


def test_times_by_team_are_told():
    snapshot = shop((), procedures=(LINE_DOWN,))
    log = Log(snapshot)
    log.decide("anna")
    log.happen("anna", "procedure_begun", NOW, procedure="line_down", run="r")
    log.happen("anna", "step_done", NOW + 60, procedure="line_down", step="greet", run="r", team="night")
    past = Past(iter(log.decisions), iter(log.events), NOW + 100, {snapshot.schema.hash: snapshot.schema})
    found = counted(gather(past, snapshot), snapshot, Terms())
    assert [(one.step, one.team, one.median_seconds) for one in found.steps if one.done] == [("greet", "night", 60.0)]
    rows = [row for sheet in sheets(found) if sheet.title == "Times by team" for row in sheet.rows]
    assert "1:00" in rows[1] or "1:00" in rows[0]


def test_whoever_reads_the_report_on_any_day_needs_more_customers():
    wanted = Wanted(0.05, 0.1, 0.1, 1_000.0)
    daily = plan(wanted).daily
    error = sqrt(0.05 * 0.95 / daily.control + 0.055 * 0.945 / daily.test)
    half = always_valid_error(error, daily.control + daily.test, daily.control + daily.test)
    seen = NormalDist().cdf((0.005 - half) / error)
    assert seen == pytest.approx(0.8, abs=0.001)
    assert daily.control > 1.8 * plan(wanted).needed.control


def test_a_plan_needs_what_the_textbook_says_and_no_share_needs_fewer_than_half():
    wanted = Wanted(0.10, 0.2, 0.5, 1_000.0)
    found = plan(wanted)
    assert found.needed.control == found.needed.test == customers_needed(0.10, 0.12)
    assert found.needed.days == pytest.approx(2 * 3.839)
    assert min(found.others, key=lambda one: one.days).share == 0.5
    assert all(one.test >= one.control for one in found.others)


def test_what_is_seen_within_some_days_is_what_takes_those_days():
    wanted = Wanted(0.05, 0.1, 0.02, 5_000.0)
    for days in (30.0, 90.0):
        lift = least_lift(wanted, days)
        assert lift is not None
        assert needed(replace(wanted, lift=lift), 0.02).days == pytest.approx(days, rel=0.01)
    assert least_lift(replace(wanted, per_day=0.1), 30.0) is None


@pytest.mark.parametrize(
    "mistake", [{"rate": 0.0}, {"rate": 0.9, "lift": 0.2}, {"share": 1.0}, {"per_day": 0.0}, {"lift": 0.0}]
)
def test_a_plan_without_sense_is_refused(mistake):
    with pytest.raises(ValueError, match=r"must be|there is none"):
        plan(replace(Wanted(0.05, 0.1, 0.02, 1_000.0), **mistake))


def test_a_day_later_more_is_known_and_nothing_is_counted_twice():
    log = Log(shop(()))
    name = log.decide("anna", picks=[pick()])
    for _ in range(2):
        log.tell(name, "ACCEPTED", at=NOW + DAY, revenue=10.0)
    sums = log.report().groups[0].sums
    assert (sums["successes"], sums["revenue"]) == (1.0, 20.0)
