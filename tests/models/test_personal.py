"""How personal the served model is: as simple as the data allow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.folds import folds_of
from models.offpolicy import Logged
from models.personal import Trial, choices, decide_level, table_of, valued
from models.reward_model import Contexts, RewardModels, RewardSettings
from models.served import Level

ROWS = 12_000
SHARES = np.array([0.4, 0.3, 0.3])


def trial(earned: np.ndarray, seed: int = 3, shares: np.ndarray = SHARES) -> Trial:
    """Choices at random among three actions; `earned[segment, side, action]` is the mean reward of a customer's tier
    (of two) and of which of two kinds the customer is, which only the features tell."""
    rng = np.random.default_rng(seed)
    segments, side = rng.integers(0, 2, ROWS), rng.integers(0, 2, ROWS)
    actions = rng.choice(3, ROWS, p=shares)
    reward = (rng.random(ROWS) < earned[segments, side, actions]).astype(float)
    values = np.column_stack((segments, side, rng.random(ROWS))).astype(np.float32)
    folds = folds_of(np.arange(ROWS), 5, seed)
    contexts = Contexts(values, np.arange(3, dtype=np.float32)[:, None], (3,))
    expected = RewardModels(contexts, reward, actions, RewardSettings()).expected(folds)
    allowed = np.broadcast_to(shares > 0.0, expected.shape)
    return Trial(Logged(reward, shares[actions], np.arange(ROWS)), actions, segments, folds, expected, allowed)


SAME_FOR_ALL = np.broadcast_to(np.array([0.2, 0.4, 0.3]), (2, 2, 3))
BY_TIER = np.array([[[0.2, 0.5, 0.2]] * 2, [[0.5, 0.2, 0.2]] * 2])
BY_CUSTOMER = np.array([[[0.2, 0.5, 0.2], [0.5, 0.2, 0.2]]] * 2)


@pytest.mark.parametrize(
    ("earned", "level"),
    [(SAME_FOR_ALL, Level.ONE), (BY_TIER, Level.TIERS), (BY_CUSTOMER, Level.FULL)],
    ids=["the same for all", "differs by tier", "differs by customer"],
)
def test_the_simplest_level_that_loses_nothing_is_served(earned: np.ndarray, level: Level) -> None:
    assert decide_level([trial(earned)]).level is level


def test_values_are_near_what_the_levels_really_earn() -> None:
    found = decide_level([trial(BY_CUSTOMER)])
    full, one = found.values[Level.FULL].value, found.values[Level.ONE].value
    assert full.low < 0.5 < full.high
    assert one.low < 0.35 < one.high
    assert found.random.value.low < 0.3 < found.random.value.high


def test_where_the_log_holds_no_choice_nothing_is_proven() -> None:
    shares = np.array([0.998, 0.001, 0.001])
    found = decide_level([trial(BY_CUSTOMER, shares=shares)])
    assert found.level is Level.FULL
    assert found.why.startswith("not proven: unusable")


def test_an_action_that_was_never_tried_is_never_taken() -> None:
    found = decide_level([trial(BY_CUSTOMER, shares=np.array([0.5, 0.5, 0.0]))])
    assert all(one.support.refused == "" for one in found.values.values())


def test_who_does_nothing_half_of_the_time_earns_half_by_every_estimator() -> None:
    met = trial(SAME_FOR_ALL)
    half = np.zeros_like(met.expected)
    half[::2, 1] = 1.0
    found = valued([met], [half])
    assert found.support.refused == ""
    for one in found.estimates.values():
        assert one.value == pytest.approx(0.2, abs=0.02)
        assert one.low < 0.2 < one.high


def test_a_small_cell_stays_near_the_whole() -> None:
    rewards = np.vstack((np.tile([0.0, 1.0], (1_000, 1)), [[1.0, 0.0]]))
    segments = np.array([*[0] * 1_000, 1])
    found = table_of(rewards, np.ones_like(rewards, dtype=np.bool_), segments, 2)
    assert found[1, 1] == pytest.approx(1.0, abs=0.01)
    assert found[0, 1] == pytest.approx(1.0, abs=0.001)


def test_rows_of_a_customer_stand_in_one_fold() -> None:
    folds = folds_of(np.repeat(np.arange(100), 3), 5, 1)
    assert (folds.reshape(100, 3) == folds.reshape(100, 3)[:, :1]).all()
    assert np.bincount(folds).tolist() == [60] * 5


def test_no_row_teaches_the_model_that_tells_it() -> None:
    rng = np.random.default_rng(4)
    values = np.arange(600, dtype=np.float32)[:, None]
    reward = rng.random(600)
    contexts = Contexts(values, np.zeros((1, 1), dtype=np.float32), ())
    folds = folds_of(np.arange(600), 3, 1)
    settings, same = RewardSettings(leaf_rows=(1, 1), l2=0.0), np.zeros(600, dtype=np.intp)
    before = RewardModels(contexts, reward, same, settings).expected(folds)
    reward[0] += 100.0
    after = RewardModels(contexts, reward, same, settings).expected(folds)
    assert before[0, 0] == after[0, 0]
    assert (before != after).any()


def test_only_what_is_allowed_is_taken_and_nothing_where_all_costs() -> None:
    met = trial(np.broadcast_to(np.array([0.2, 0.4, 0.3]), (2, 2, 3)))
    allowed = met.allowed.copy()
    allowed[::2, 1] = False
    found = choices(replace(met, allowed=allowed))
    for taken in found.values():
        assert not taken[~allowed].any()
    assert found[Level.ONE][1::2, 1].all()
    assert found[Level.ONE][::2, 2].all()
    costly = replace(met, logged=replace(met.logged, reward=met.logged.reward - 1.0), expected=met.expected - 1.0)
    assert not any(taken.any() for taken in choices(costly).values())


def test_what_is_not_wanted_is_not_asked_of_the_reward_models_and_changes_nothing_else() -> None:
    rng = np.random.default_rng(6)
    values, actions = rng.random((900, 2), dtype=np.float32), rng.integers(0, 3, 900)
    wanted, folds = rng.random((900, 3)) < 0.4, folds_of(np.arange(900), 3, 1)
    contexts = Contexts(values, np.arange(3, dtype=np.float32)[:, None], (2,))
    models = RewardModels(contexts, rng.random(900), actions, RewardSettings())
    every, some = models.expected(folds), models.expected(folds, wanted)
    asked = wanted | (np.arange(3) == actions[:, None])
    assert (some[asked] == every[asked]).all()
    assert not some[~asked].any()


def test_small_logs_grow_smaller_leaves() -> None:
    assert [RewardSettings().least_rows(rows) for rows in (300, 8_000, 20_000, 200_000)] == [20, 40, 100, 100]
