"""How personal to be is decided by what each level would earn, and chances are told apart better than money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.actions import ActionTable
from models.manifest import Input, InputScope, InputType
from models.personal import Personal
from models.served import Level
from models.train_personal import TOO_FEW, UNKNOWN, Choices, how_personal

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
