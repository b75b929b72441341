"""What the log's probabilities are for: valuing other policies by inverse probability, retried decisions included."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.ids import CustomerKey
from engine.record import DecisionRecord, unpack_decision
from rules.contact_policy import CountedTogether
from rules.policy import Exploration, Scope
from tests.engine.company import (
    GOOD,
    Company,
    changed,
    contact,
    corner_shop,
    filled,
    placement,
    proposed,
    with_actions,
)

ACCEPTS = {"upgrade_unlimited": 0.6, "basic_tariff": 0.3, "new_phone": 0.5, "film_box": 0.2, "": 0.0}
"""The chance of acceptance in the simulation: what the estimates have to recover."""
CUSTOMERS = 900
SHARE = 0.5


def shop(per: CountedTogether = CountedTogether.SCOPE):
    """The corner shop that explores half the time, with one contact a day: in all, or of each action."""
    daily = replace(corner_shop().policy.policy.contact.caps[2], limit=1, within=86_400.0, per=per, scope=Scope())
    tiers = tuple(replace(tier, exploration_limit=1.0) for tier in corner_shop().policy.policy.tiers)
    return changed(
        corner_shop(),
        contact=replace(corner_shop().policy.policy.contact, caps=(daily,)),
        exploration=Exploration(SHARE),
        control_groups=(),
        tiers=tiers,
    )


async def decisions(company: Company, **said) -> list[DecisionRecord]:
    """One decision each for many customers; the records as logged. Held to what was answered."""
    records = []
    for number in range(CUSTOMERS):
        who = CustomerKey("shop", f"c{number}")
        company.know(who, GOOD)
        decision = await company.decide(customer=who, **said)
        entry = await company.store.read_record(decision.decision_id)
        record = unpack_decision(entry.body)
        for written, answered in zip(record.placements, decision.placements, strict=True):
            if answered.actions:
                assert written.probability == answered.actions[0].probability
        records.append(record)
    return records


def interrupted(company: Company, *others: str, every: int = 1) -> None:
    """Before every n-th commit, another channel contacts the customer about `others`."""
    turn = iter(range(10**9))

    async def another(request) -> None:
        company.store.meanwhile = another
        if not request.take and next(turn) % every == 0:
            await company.store.contacted(request.customer, *(contact(one, request_at(request)) for one in others))

    company.store.meanwhile = another


def request_at(request) -> float:
    return unpack_decision(request.record).now


def chosen(record: DecisionRecord) -> str:
    picks = record.placements[0].picks
    return picks[0].action if picks else ""


def weighed(records: list[DecisionRecord]) -> dict[str, np.ndarray]:
    """Per action the inverse-probability weights of "always choose it", one per record; 0 for what is left out."""
    firsts = np.array([chosen(record) for record in records])
    inverse = np.array([1.0 / (record.placements[0].estimable or np.inf) for record in records])
    return {action: (firsts == action) * inverse for action in sorted(set(firsts))}


def assert_close(values: np.ndarray, truth: float) -> None:
    """Within four standard errors, with the room that rare choices need."""
    error = values.std() / math.sqrt(len(values))
    assert abs(values.mean() - truth) <= 4 * error + 1e-9, (values.mean(), truth, error)


def test_the_simulation_covers_every_choice():
    assert set(ACCEPTS) - {""} == {one.id for one in shop().policy.policy.actions if "web" in one.treatments}


async def test_estimates_recover_the_worth_of_always_choosing_one_action():
    records = await decisions(Company(shop()))
    rewards = np.random.default_rng(5).random(CUSTOMERS) < np.array([ACCEPTS[chosen(one)] for one in records])
    weights = weighed(records)
    assert set(weights) == set(ACCEPTS)
    for action, weight in weights.items():
        assert_close(weight, 1.0)
        assert_close(weight * rewards, ACCEPTS[action])


async def test_estimates_hold_where_half_of_the_decisions_are_retried():
    company = Company(shop(CountedTogether.ACTION))
    interrupted(company, "film_box", "new_phone", every=2)
    records = await decisions(company)
    again = [record for record in records if record.attempt == 2]
    assert 0.25 * CUSTOMERS < len(again) < 0.45 * CUSTOMERS
    interrupted_ones, others = records[0::2], records[1::2]
    rewards = np.random.default_rng(6).random(CUSTOMERS) < np.array([ACCEPTS[chosen(one)] for one in records])
    for part, rewarded in ((interrupted_ones, rewards[0::2]), (others, rewards[1::2])):
        reachable = set(ACCEPTS) - ({"film_box", "new_phone"} if part is interrupted_ones else set())
        weights = weighed(part)
        assert set(weights) == reachable
        for action, weight in weights.items():
            assert_close(weight, 1.0)
            assert_close(weight * rewarded, ACCEPTS[action])


async def test_the_probability_of_a_retried_choice_is_the_marginal_one():
    company = Company(shop(CountedTogether.ACTION))
    interrupted(company, "film_box", "new_phone")
    records = await decisions(company)
    kept = {"basic_tariff": 0.1, "upgrade_unlimited": 0.1, "": 0.1}
    second = {"upgrade_unlimited": 0.5 + 0.5 / 3, "basic_tariff": 0.5 / 3, "": 0.5 / 3}
    for record in records:
        again = 0.7 * second[chosen(record)] if record.attempt == 2 else 0.0
        assert record.placements[0].probability == pytest.approx(kept[chosen(record)] + again)
    assert {record.attempt for record in records} == {1, 2}


async def test_retried_choices_count_where_no_first_attempt_could_have_made_them():
    greedy = changed(shop(CountedTogether.ACTION), exploration=Exploration(0.0))
    company = Company(greedy)
    interrupted(company, "film_box")
    records = await decisions(company)
    assert {(chosen(one), one.attempt, one.placements[0].estimable) for one in records} == {
        ("upgrade_unlimited", 2, 1.0)
    }


async def test_when_every_choice_would_be_lost_only_nothing_is_left():
    company = Company(shop())
    interrupted(company, "data_tip")
    for record in await decisions(company):
        assert chosen(record) == ""
        assert record.placements[0].probability == pytest.approx(1.0 if record.attempt == 2 else 0.1)


async def test_retried_slates_of_several_actions_are_left_out():
    company = Company(placement(shop(), "web", "hero", count=2))
    interrupted(company, "film_box", "new_phone", "basic_tariff", "upgrade_unlimited")
    records = await decisions(company)
    assert {record.placements[0].probability for record in records if record.attempt == 2} == {None}
    assert all(record.placements[0].probability for record in records if record.attempt == 1)


async def test_what_is_left_out_does_not_depend_on_the_draw():
    """Of two actions one is worth a place: a draw of the other makes two contacts, the usual choice makes one."""
    worthless = with_actions(
        placement(shop(CountedTogether.ACTION), "web", "hero", count=2),
        new_phone={"value": {"margin": -900.0}},
        upgrade_unlimited={"value": {"margin": -900.0}},
        basic_tariff={"value": {"margin": 0.0}},
    )
    company = Company(worthless)
    interrupted(company, "film_box", "basic_tariff")
    sizes = set()
    for number in range(120):
        who = CustomerKey("shop", f"c{number}")
        company.know(who, GOOD)
        company.store.commits.clear()
        decision = await company.decide(customer=who)
        if len(company.store.commits) == 2:
            sizes.add(len(company.store.commits[0].contacts))
            entry = await company.store.read_record(decision.decision_id)
            assert unpack_decision(entry.body).placements[0].probability is None
            assert (proposed(decision), filled(decision, "hero").actions) == ([], ())
    assert sizes == {1, 2}
