"""What is told for sure is true, however often one looks, and found where it is there."""

from __future__ import annotations

import numpy as np

from engine.report.measures import WORTH
from engine.report.verdict import Against, Pace, Standing, against
from models.clustered import Clustered, ratio

DAYS, A_DAY, PLANNED = 20, 300, 10_000


def _group(amounts: np.ndarray, customers: np.ndarray) -> Clustered:
    found = ratio(amounts, np.ones(len(amounts)), customers)
    assert found is not None
    return found


def _daily_looks(seed: int, share: float, times: float) -> list[Against]:
    """One customer in twenty spends, some a lot; those of the comparison group spend as much, or the others so many
    times as often. One look a day."""
    rng, n = np.random.default_rng(seed), DAYS * A_DAY
    alone = rng.random(n) < share
    spent = (rng.random(n) < np.where(alone, 0.05, 0.05 * times)) * rng.lognormal(3.0, 1.0, n)
    looks = []
    for day in range(3, DAYS + 1):
        met = np.arange(n) < day * A_DAY
        test, control = (np.flatnonzero(met & side) for side in (~alone, alone))
        looks.append(against(WORTH, _group(spent[test], test), _group(spent[control], control), Pace(day, PLANNED)))
    return looks


def test_a_small_group_without_big_spenders_yet_proves_nothing() -> None:
    alarms = [any(one.standing is not Standing.OPEN for one in _daily_looks(seed, 0.02, 1.0)) for seed in range(40)]
    assert sum(alarms) <= 2


def test_what_is_there_is_told_for_sure_in_the_end() -> None:
    found = [_daily_looks(seed, 0.2, 3.0)[-1].standing for seed in range(5)]
    assert found == [Standing.BETTER] * 5


def test_the_larger_group_is_as_sure_as_its_own_customers_make_it() -> None:
    rng = np.random.default_rng(1)
    large, small = _group(rng.random(5_000), np.arange(5_000)), _group(np.full(100, 0.5), np.arange(5_000, 5_100))
    one, other = (against(WORTH, *sides, Pace(10.0, PLANNED)) for sides in ((large, small), (small, large)))
    assert one.error == other.error
    assert one.error > large.mean.error * np.sqrt(50.0)
