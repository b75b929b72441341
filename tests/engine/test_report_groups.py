"""What a report proves: known answers, groups that add up, splitters that are broken, lifts that were put in."""

from __future__ import annotations

import asyncio
import json
import math
import random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ids import CustomerKey
from engine.report.gathering import gather
from engine.report.past import Span, past_in_files, past_in_store
from engine.report.plain import plain
from engine.report.report import NothingToReport, Report, counted
from engine.report.sentences import sentences
from engine.report.sheets import sheets
from engine.report.terms import Terms
from engine.report.verdict import Against, Standing
from engine.sink.log_files import write_log
from rules.experiments import ControlGroup, Exploration
from tests.engine.company import DAY, GOOD, NOW, Company, changed, corner_shop, proposed
from tests.engine.reported import Log, accepted, numbers, pick, shop

HALF = (ControlGroup("by_chance", 0.5, "random"),)
MEASURES = ("purchases", "revenue", "conversion", "cost", "satisfaction", "complaints", "referral", "retention")


def measure(found: Report, name: str, group: str = "by_chance") -> Against:
    compared = next(one for one in found.compared if one.group.id == group)
    return next(one for one in compared.measures if one.measure.name == name)


def exactly(each: int, test: int, control: int) -> Log:
    """So many customers in both groups, of whom so many accept."""
    log, dealt = Log(shop(HALF)), {"": 0, "by_chance": 0}
    number = 0
    while min(dealt.values()) < each:
        name = log.decide(f"c{number}", picks=[pick(cost=2.0)])
        group = log.decisions[-1].record.group
        number += 1
        if dealt[group] == each:
            log.decisions.pop()
            continue
        dealt[group] += 1
        if dealt[group] <= {"": test, "by_chance": control}[group]:
            log.tell(name, "ACCEPTED", revenue=30.0)
    return log


def test_ten_per_cent_against_seven_are_a_lift_of_three_sevenths():
    found = exactly(1_000, 100, 70).report()
    rate = measure(found, "conversion")
    assert (rate.test.mean.value, rate.control.mean.value) == (0.1, 0.07)
    assert rate.lift.value == pytest.approx(0.428571, abs=1e-6)
    money = measure(found, "revenue")
    assert money.difference == pytest.approx(0.9)
    assert found.compared[0].extra == pytest.approx(900.0)
    assert found.compared[0].return_on_cost is None
    assert plain(found)["compared"][0]["pega"] == "NBAPrioritization"


def test_what_is_significant_at_one_look_may_not_be_when_one_looks_every_day():
    rate = measure(exactly(1_000, 100, 70).report(), "conversion")
    assert rate.low > 0.0 > rate.always_low
    assert rate.standing is Standing.OPEN


def test_a_lift_over_next_to_nothing_is_not_told():
    few, some = (measure(exactly(400, 40, wins).report(), "conversion") for wins in (2, 20))
    assert (few.says_lift, some.says_lift) == (False, True)
    assert few.lift.value == pytest.approx(19.0)
    told = [sheet for sheet in sheets(exactly(400, 40, 2).report()) if sheet.title.startswith("Befit against")]
    rows = {row[0]: row for row in told[0].rows}
    assert rows["successes per contact"][6:8] == ("", "")


def test_an_open_question_says_when_it_will_be_answered():
    log = accepted(Log(shop(HALF)), 1_200, lambda group: 0.07 if group else 0.10, days=10)
    rate = measure(log.report(), "conversion")
    assert rate.standing is Standing.OPEN
    assert rate.more_days is not None
    assert rate.more_days > 5.0
    assert "not enough data yet, about" in " ".join(sentences(log.report()))


def test_a_lift_that_was_put_in_is_found_again():
    log = accepted(Log(shop(HALF)), 8_000, lambda group: 0.07 if group else 0.14)
    found = log.report()
    rate = measure(found, "conversion")
    assert rate.lift.low < 1.0 < rate.lift.high
    assert rate.standing is Standing.BETTER
    assert found.trend[-1].low > 0.0 > found.trend[0].low
    assert not found.dealing.broken


def test_no_lift_is_told_where_there_is_none():
    for seed in range(3):
        found = accepted(Log(shop(HALF)), 1_500, lambda _: 0.1, seed=seed).report()
        assert {one.standing for one in found.compared[0].measures} == {Standing.OPEN}


def test_a_splitter_that_deals_otherwise_is_flagged():
    log, draw = Log(shop(HALF)), random.Random(2)
    for number in range(2_000):
        log.decide(f"c{number}", group="by_chance" if draw.random() < 0.46 else "")
    found = log.report()
    assert found.dealing.probability < 0.001
    assert found.dealing.otherwise > 500
    assert "DO NOT TRUST THE COMPARISONS" in " ".join(sentences(found))
    assert plain(found)["sample_ratio"]["broken"]


def test_customers_who_vanish_from_one_group_are_flagged_though_all_are_dealt_right():
    log, draw = Log(shop(HALF)), random.Random(2)
    for number in range(3_000):
        log.decide(f"c{number}")
        if log.decisions[-1].record.group and draw.random() < 0.15:
            log.decisions.pop()
    found = log.report()
    assert found.dealing.otherwise == 0
    assert found.dealing.broken


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 70), st.integers(0, 2), st.booleans()), max_size=40))
def test_the_groups_add_up_to_the_log(met):
    log = Log()
    for customer, day, picks, accepts in met:
        name = log.decide(f"c{customer}", NOW + day * DAY, [pick(one) for one in ("film_box", "new_phone")[:picks]])
        if picks and accepts:
            log.tell(name, "ACCEPTED", action="film_box", revenue=7.0)
    if not met:
        with pytest.raises(NothingToReport):
            log.report()
        return
    found = log.report()
    contacts = sum(len(one.record.placements[0].picks) for one in log.decisions)
    outcomes = sum(len(one.outcomes) for one in log.decisions)
    told = list(numbers(found))
    assert (sum(one[1] for one in told), sum(one[2] for one in told)) == (outcomes, contacts)
    assert sum(one.sums["revenue"] for one in found.groups) == 7.0 * outcomes
    assert sum(one.sums["decisions"] for one in found.groups) == len(log.decisions) == found.decisions
    for dimension in ("tier", "channel", "action"):
        money = sum(one.money for one in found.parts if one.dimension == dimension)
        befit = found.groups[0].sums
        assert money in (befit["revenue"], befit["worth"])


def test_purchases_count_from_the_first_decision_of_a_month_in_every_group_alike():
    log = Log()
    log.decide("anna", NOW)
    for at, amount in ((-60, 1.0), (60, 20.0), (DAY, 30.0), (40 * DAY, 400.0)):
        log.happen("anna", "purchase", NOW + at, amount=amount)
    log.happen("stranger", "purchase", NOW, amount=5000.0)
    found = log.report()
    assert sum(one.sums["purchases"] for one in found.groups) == 50.0
    assert found.money.name == "purchases"


def test_who_does_something_is_still_active_and_who_left_is_not():
    log = Log(shop(()))
    for name in ("came", "wrote", "left", "silent", "reached"):
        log.decide(name, NOW)
    log.decide("came", NOW + 50 * DAY)
    log.happen("wrote", "page_view", NOW + 45 * DAY)
    log.happen("left", "app_open", NOW + 45 * DAY)
    log.happen("left", "contract_ended", NOW + 46 * DAY)
    log.tell(log.decide("reached", NOW + 49 * DAY, [pick()], channel="push"), "NO_RESPONSE")
    found = log.report(Terms(churn=frozenset({"contract_ended"})))
    assert found.groups[0].sums["watched"] == 5.0
    assert found.groups[0].sums["active"] == 2.0
    kept = log.report(Terms(retained=frozenset({"silent"}))).groups[0].sums
    assert (kept["active"], kept["watched"]) == (1.0, 7.0)


def test_all_that_is_asked_for_is_measured():
    log = accepted(Log(shop(HALF)), 400, lambda _: 0.5, days=80)
    for number, one in enumerate(list(log.decisions)):
        name, customer = one.record.decision_id, one.record.customer
        log.tell(name, "RATING", rating=float(3 + number % 3))
        if number % 5 == 0:
            log.tell(name, "COMPLAINT")
            log.tell(name, "RECOMMENDED")
        log.happen(customer, "purchase", one.record.now + 60, amount=float(number % 7))
    found = log.report(Terms(referrals=frozenset({"RECOMMENDED"})))
    assert {one.measure.name for one in found.compared[0].measures} >= set(MEASURES) - {"cost"}
    assert 3.0 < measure(found, "satisfaction").test.mean.value < 5.0
    assert all(math.isfinite(one.difference) for one in found.compared[0].measures)


async def _shop_at_work() -> Company:
    """Customers met by the decider, who accept twice as often what Befit chose as what chance chose."""
    groups = (ControlGroup("by_chance", 0.4, "random"),)
    company, draw = Company(changed(corner_shop(), control_groups=groups, exploration=Exploration())), random.Random(6)
    for number in range(400):
        who = CustomerKey("shop", f"customer{number}")
        company.know(who, GOOD)
        decision = await company.decide(customer=who, now=NOW + number * 600)
        for action in proposed(decision):
            if draw.random() < (0.2 if decision.experiment_group else 0.6):
                await company.tell(decision, "ACCEPTED", action, NOW + number * 600 + 60, revenue=40.0)
    return company


def rounded(found: Report) -> object:
    """The report, whatever the order in which its sums were added up."""
    return json.loads(orjson.dumps(plain(found)), parse_float=lambda digits: round(float(digits), 6))


def test_the_files_and_the_store_of_decisions_at_work_tell_the_same(tmp_path):
    company = asyncio.run(_shop_at_work())
    write_log(tmp_path, [(number, one) for number, log in company.store.logs.items() for _, one in log])
    whole = Span(NOW, NOW + 350 * 600)
    snapshot = company.snapshot
    filed = counted(gather(past_in_files(tmp_path, whole), snapshot), snapshot, Terms())
    stored = counted(gather(asyncio.run(past_in_store(company.store, 256, whole)), snapshot), snapshot, Terms())
    assert rounded(filed) == rounded(stored)
    assert filed.decisions == 350
    assert filed.dealing.otherwise == 0
    assert measure(filed, "accepting").standing is Standing.BETTER
    assert measure(filed, "accepting").lift.low > 0.3
