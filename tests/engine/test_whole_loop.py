"""The loop closes by itself: decide, see what comes of it, learn from the log, promote what is better, decide again.

What a round is worth is not estimated here: the companies are made up, so the true chance of every answer is known.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.demo.company.draws import Floats
from engine.demo.company.history import draw_history
from engine.demo.company.records import history_table, write_table
from engine.demo.pack import pack_folder
from engine.demo.rounds.rounds import Plan, Round, run_rounds
from engine.history_appraisal import appraised
from engine.history_terms import history_terms
from engine.snapshot import Snapshot, snapshot_of
from models.bundle import load_bundle
from models.bundle_writer import write_bundle
from models.fit import FitSettings
from models.history import read_history
from models.served import Level
from models.train import TrainSettings, train
from tests.engine.made_up import COMPANIES, SEED, MadeUp, best_in_bookshop, bookshop, expected_in_bookshop

FIRST = date(2026, 3, 2)
SMALL_TREES = TrainSettings(fit=FitSettings(leaves=8, least_rows_per_leaf=20, patience=60, l2=1.0, threads=1))
PATIENT_SECONDS = 60.0

pytestmark = pytest.mark.xdist_group("whole_loop")


def played(shop: MadeUp, folder: Path, rounds: int, begin: Snapshot | None = None) -> list[Round]:
    plan = Plan(rounds, shop.customers // rounds, FIRST, SEED, SMALL_TREES)

    async def play() -> list[Round]:
        return [one async for one in run_rounds(begin or shop.snapshot, shop.truth, plan, folder)]

    return asyncio.run(play())


def promoted(one: Round) -> bool:
    return one.learnt is not None and one.learnt.promoted


@pytest.fixture(scope="module")
def shop() -> MadeUp:
    return bookshop(8_000)


@pytest.fixture(scope="module")
def rounds(shop, tmp_path_factory) -> list[Round]:
    return played(shop, tmp_path_factory.mktemp("bookshop"), 4)


@pytest.fixture(scope="module")
def reached(shop, rounds) -> Floats:
    """The share of the best policy's money that each round earned, what was only tried out included."""
    return np.array([one.realised.value.mean() / best_in_bookshop(shop, one).mean() for one in rounds])


def test_what_can_be_expected_from_features_is_what_comes_on_average(shop, rounds):
    meetings = rounds[0].meetings
    expected = expected_in_bookshop(shop, meetings.moments)
    assert expected.mean(axis=0) == pytest.approx(meetings.acceptance.mean(axis=0), abs=0.01)
    seen = np.abs(meetings.acceptance - expected)
    assert seen.mean() > 0.03, "there is nothing that nobody knows"


def test_what_is_earned_rises_from_round_to_round(reached):
    assert reached[0] < 0.55
    assert reached[-1] > reached[0] + 0.35
    assert (np.diff(reached) > -0.02).all()


def test_it_ends_near_the_best_that_can_be_chosen_by_what_is_known(reached):
    assert reached[-1] > 0.9


def test_apart_from_what_it_tries_it_ends_even_nearer(shop, rounds):
    last = rounds[-1]
    chosen = ~last.realised.drawn
    assert 0.02 < last.realised.drawn.mean() < 0.1
    assert last.realised.value[chosen].sum() > 0.95 * best_in_bookshop(shop, last)[chosen].sum()


def test_the_champion_changes_only_by_promotion(rounds):
    assert any(promoted(one) for one in rounds)
    for before, after in pairwise(rounds):
        assert (after.champion is not before.champion) == promoted(after)
    bundle = rounds[-1].champion.expectation.bundle
    assert bundle is not None
    assert bundle.manifest.served.level is Level.FULL


@pytest.mark.parametrize("rate", [0.08, 0.001])
def test_a_promotion_that_only_costs_ends_in_doing_nothing(tmp_path, rate):
    company = promising(MadeUp(COMPANIES / "vouchers", 3_600), rate)
    begin = believing(promising(company, 0.5), tmp_path)
    first, *_, last = played(company, tmp_path, 3, begin)
    assert first.realised.empty.mean() < 0.15, "only a draw leaves a place empty"
    assert first.realised.value.mean() < -1.0
    assert last.realised.empty.mean() >= 0.95
    assert last.realised.value.mean() > -0.1


def promising(company: MadeUp, rate: float) -> MadeUp:
    """The same people in a world where promotions work this often."""
    actions = tuple(replace(one, rate=rate) for one in company.sketch.acceptance.actions)
    other = MadeUp(company.folder, company.customers)
    other.sketch = replace(company.sketch, acceptance=replace(company.sketch.acceptance, actions=actions))
    return other


def believing(company: MadeUp, folder: Path) -> Snapshot:
    """The company with what its history taught it."""
    now = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    history = draw_history(company.population, company.truth, 3_000, now)
    policy, schema = company.snapshot.policy, company.snapshot.schema
    write_table(history_table(company.sketch, company.population, history, schema), folder / "history.parquet")
    terms = history_terms(schema, policy.policy)
    read = appraised(read_history([folder / "history.parquet"], terms, now), policy, schema)
    write_bundle(folder / "from-history", train(read, terms, SMALL_TREES, now, lambda _step, _done: None).parts)
    return snapshot_of(policy, schema, load_bundle(folder / "from-history", PATIENT_SECONDS))


def test_the_demonstrations_company_goes_round_by_itself(tmp_path):
    telco = MadeUp(pack_folder("telco"), 600)
    first, second = played(telco, tmp_path, 2)
    assert first.realised.value.mean() > 0.0
    assert second.learnt is not None
    assert second.learnt.why
    assert len(second.meetings) > 150
