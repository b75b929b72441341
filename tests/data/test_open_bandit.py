"""The Open Bandit Dataset's logs with probabilities: what its policy tells of choosing at random, and what it cannot.

The data come inside the package `obp`; without it these tests are skipped.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest

from models.lift import rate
from models.offpolicy import Z_95, Estimator, Judged, Logged, estimates, weights
from models.support import Support, support

_PACKAGE = find_spec("obp")
pytestmark = pytest.mark.skipif(_PACKAGE is None, reason="the package obp with the data is not installed")


class Log(NamedTuple):
    clicks: np.ndarray
    probability: np.ndarray


def read(policy: str, campaign: str) -> Log:
    assert _PACKAGE is not None
    assert _PACKAGE.origin is not None
    table = pl.read_csv(Path(_PACKAGE.origin).parent / "dataset" / "obd" / policy / campaign / f"{campaign}.csv")
    return Log(table["click"].to_numpy().astype(float), table["propensity_score"].to_numpy())


def at_random(campaign: str) -> tuple[Logged, Judged, Support]:
    """The log of Bernoulli Thompson sampling, judging the policy that shows every item with the same chance."""
    log, chance = read("bts", campaign), read("random", campaign).probability[0]
    n = len(log.clicks)
    logged = Logged(log.clicks, log.probability, np.arange(n))
    judged = Judged(np.full(n, chance), np.zeros(n), np.zeros(n))
    return logged, judged, support(weights(logged, judged), logged.customer)


def test_the_log_of_the_women_campaign_cannot_tell_and_is_refused() -> None:
    assert at_random("women")[2].refused == "unusable: effective sample size 2 of 10,000 choices"


@pytest.mark.parametrize(("campaign", "effective"), [("all", 340), ("men", 656)])
def test_the_other_campaigns_have_support(campaign: str, effective: int) -> None:
    found = at_random(campaign)[2]
    assert found.refused == ""
    assert found.effective == pytest.approx(effective, abs=1)
    assert found.mean == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("campaign", ["all", "men"])
@pytest.mark.parametrize("estimator", [Estimator.IPS, Estimator.SNIPS])
def test_what_they_tell_agrees_with_what_choosing_at_random_earned(campaign: str, estimator: Estimator) -> None:
    logged, judged, _ = at_random(campaign)
    found = estimates(logged, judged)[estimator]
    clicks = read("random", campaign).clicks
    truth = rate(int(clicks.sum()), len(clicks))
    together = np.hypot(found.standard_error, truth.error)
    assert abs(found.value - truth.value) < Z_95 * together


@pytest.mark.parametrize("campaign", ["all", "women"])
def test_so_few_clicks_rank_no_policies(campaign: str) -> None:
    own, chance = read("bts", campaign).clicks, read("random", campaign).clicks
    assert 38 <= own.sum() <= 69
    assert 38 <= chance.sum() <= 69
    one, other = rate(int(own.sum()), len(own)), rate(int(chance.sum()), len(chance))
    sure = np.hypot(one.error, other.error) * Z_95
    assert abs(one.value - other.value) < sure
