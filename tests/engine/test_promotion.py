"""Only what is better than the champion by more than noise, or not worse and simpler, takes its place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from engine.evaluation.evaluate import BEST_SINGLE, Evaluation
from engine.evaluation.promotion import Side, gate
from models.offpolicy import Estimate, Estimator, clustered_error, difference
from models.personal import Valued
from models.served import Level
from models.support import support

ROWS = 2_000
CUSTOMERS = np.arange(ROWS)
NOISE = np.random.default_rng(9).normal(size=ROWS)


def estimate(mean: float, own_noise: float = 0.0) -> Estimate:
    terms = mean + NOISE + own_noise * np.random.default_rng(int(mean * 1000) % 97).normal(size=ROWS)
    return Estimate(float(terms.mean()), clustered_error(terms, CUSTOMERS), terms)


def side(mean: float, level: Level | None, single: float = 0.5, weight: float = 1.0) -> Side:
    """A policy worth `mean` per choice, where one action for all is worth `single`."""
    value = estimate(mean, own_noise=0.3)
    weights = np.zeros(ROWS)
    weights[: int(ROWS * weight)] = 1.0 / weight
    valued = Valued(dict.fromkeys(Estimator, value), support(weights, CUSTOMERS))
    better = {BEST_SINGLE: difference(value, estimate(single, own_noise=0.2), CUSTOMERS)}
    return Side(Evaluation(ROWS, ROWS, value, valued, {}, {}, better, 0.0, 0.0), level)


class Case(NamedTuple):
    challenger: Side
    champion: Side
    promoted: bool
    why: str


CASES = {
    "better by more than noise": Case(side(1.2, Level.FULL), side(1.0, Level.FULL), True, "by more than noise"),
    "as good and simpler": Case(side(1.0, Level.ONE), side(1.0, Level.FULL), True, "simpler"),
    "as good and no simpler": Case(side(1.0, Level.FULL), side(1.0, Level.FULL), False, "no simpler"),
    "as good and more personal": Case(side(1.0, Level.FULL), side(1.0, Level.TIERS), False, "no simpler"),
    "worse and simpler": Case(side(0.8, Level.ONE), side(1.0, Level.FULL), False, "worse than the champion"),
    "better, yet below one action for all": Case(
        side(1.2, Level.FULL, single=1.5), side(1.0, Level.FULL), False, "one action for all"
    ),
    "without support": Case(side(1.2, Level.FULL, weight=0.01), side(1.0, Level.FULL), False, "cannot tell"),
    "a champion without a model": Case(side(1.2, Level.ONE), side(1.0, None), True, "by more than noise"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_gate(case: Case) -> None:
    found = gate(case.challenger, case.champion, CUSTOMERS)
    assert found.promoted is case.promoted, found.why
    assert case.why in found.why


def test_what_was_trained_on_the_choices_is_not_judged_by_them() -> None:
    better, champion = side(1.2, Level.FULL), side(1.0, Level.FULL)
    found = gate(better, champion, CUSTOMERS, "trained on these choices: judge them by later ones")
    assert (found.promoted, "later ones" in found.why) == (False, True)


def test_a_challenger_never_replaces_itself() -> None:
    same = side(1.0, Level.FULL)
    assert not gate(same, same, CUSTOMERS).promoted
