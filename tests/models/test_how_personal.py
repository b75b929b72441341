"""How personal to be is decided by what each level would earn, and chances are told apart better than money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.actions import ActionTable
from models.manifest import Input, InputScope, InputType
from models.personal import Personal
from models.served import Level
from models.train_personal import TOO_FEW, UNKNOWN, Choices, how_personal, served, told_apart

ROWS, ACTIONS = 12_000, 3
TABLE = ActionTable(
    ids=("tariff", "phone", "film"),
    stable_ids=np.arange(1, 4, dtype=np.uint32),
    kinds=("OFFER",) * 3,
    issues=("sales",) * 3,
    groups=("a", "b", "c"),
    success=("ACCEPTED",) * 3,
    windows=np.full(3, 86_400.0),
    contacts=np.ones(3, dtype=np.bool_),
)
INPUTS = (
    Input("customer.likes", InputScope.CUSTOMER, InputType.CATEGORY, ("0", "1", "2"), "likes"),
    Input("customer.noise", InputScope.CUSTOMER, InputType.NUMBER, (), "noise"),
    Input("action.id", InputScope.ACTION, InputType.CATEGORY, TABLE.ids),
)


def offers(liked: float, seed: int = 4) -> Choices:
    """Offers at random, of which customers take the one that they like at this rate, others at 4 %. What a success is
    worth lies far apart from customer to customer."""
    rng = np.random.default_rng(seed)
    likes, actions = rng.integers(0, ACTIONS, ROWS), rng.integers(0, ACTIONS, ROWS)
    success = rng.random(ROWS) < np.where(likes == actions, liked, 0.04)
    gains = (60.0 * np.exp(rng.normal(0.0, 1.2, (ROWS, 1))) * np.ones(ACTIONS)).astype(np.float32)
    costs = np.full((ROWS, ACTIONS), 0.5, dtype=np.float32)
    return Choices(
        inputs=INPUTS,
        values=np.column_stack((likes, rng.random(ROWS), actions)).astype(np.float32),
        actions=actions,
        probability=np.full(ROWS, 1 / ACTIONS),
        reward=success * gains[np.arange(ROWS), actions] - 0.5,
        success=success,
        customer=np.arange(ROWS),
        names=("all",),
        tiers=np.zeros(ROWS, dtype=np.intp),
        allowed=np.ones((ROWS, ACTIONS), dtype=np.bool_),
        money=(gains, costs),
    )


def found(choices: Choices) -> Personal:
    personal = how_personal(choices, TABLE, 1)
    assert isinstance(personal, Personal)
    return personal


def test_who_likes_what_is_found_through_chances_however_far_money_lies_apart() -> None:
    choices = offers(liked=0.10)
    chances, money = found(choices), found(replace(choices, money=None))
    assert chances.level is Level.FULL
    full, one = chances.values[Level.FULL].value, chances.values[Level.ONE].value
    assert full.value > 1.5 * one.value
    assert money.values[Level.FULL].value.value < full.value - full.standard_error


def test_where_nobody_likes_anything_more_one_ranking_is_enough() -> None:
    assert found(offers(liked=0.04)).level is Level.ONE


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"probability": np.full(ROWS, np.nan)}, UNKNOWN),
        ({"actions": np.zeros(ROWS, dtype=np.intp)}, TOO_FEW),
    ],
)
def test_what_proves_nothing_is_said(changed: dict[str, np.ndarray], why: str) -> None:
    assert how_personal(replace(offers(liked=0.1), **changed), TABLE, 1) == why


def test_a_few_choices_of_little_chance_make_no_rate() -> None:
    weight = np.r_[np.full(340, 1.05), np.full(2, 200.0)]
    lucky, unlucky = np.arange(342) == 341, np.arange(342) < 68
    assert np.average(lucky, weights=weight) > 0.26
    assert told_apart(lucky, weight) < 0.11
    assert np.average(unlucky, weights=weight) < 0.1
    assert told_apart(unlucky, weight) == pytest.approx(68 / 342)


def test_rates_are_nearer_the_truth_than_weighted_or_plain_ones() -> None:
    rng, missed = np.random.default_rng(5), np.zeros((300, 3))
    for one in missed:
        willing = rng.random(2_000) < 0.5
        probability = np.where(willing, 0.95, 0.01)
        shown = rng.random(2_000) < probability
        success = rng.random(2_000) < np.where(willing, 0.2, 0.1)
        weight = 1 / probability[shown]
        weighted = np.average(success[shown], weights=weight)
        one[:] = success[shown].mean(), weighted, told_apart(success[shown], weight)
    plain, weighted, told = np.sqrt(np.square(missed - 0.15).mean(axis=0))
    assert told < min(plain, weighted)


def test_what_was_shown_to_the_willing_is_not_taken_for_better() -> None:
    rng = np.random.default_rng(3)
    willing = rng.random(8_000) < 0.5
    shown = rng.random(8_000) < np.where(willing, 0.9, 0.1)
    success = rng.random(8_000) < np.where(willing, 0.3, 0.1)
    weight = 1 / np.where(willing, 0.9, 0.1)
    assert success[shown].mean() > 0.26
    assert told_apart(success[shown], weight[shown]) == pytest.approx(0.2, abs=0.03)


def test_the_table_serves_the_rates_of_all_actions_that_were_tried() -> None:
    choices = offers(liked=0.04)
    table = served(Level.ONE, choices, TABLE.ids)
    for place, name in enumerate(TABLE.ids):
        assert table.rates["*"][name] == pytest.approx(choices.success[choices.actions == place].mean())
