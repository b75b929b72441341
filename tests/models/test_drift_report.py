"""A bundle is held against newer contacts: what moved rings, what did not is left in peace, calibration is repaired."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.bundle import Bundle, load_bundle
from models.bundle_writer import write_bundle
from models.drift_report import DriftReport, Shift, calibrated, drift_report
from models.history_check import Terms
from models.judged_rows import JudgedRows, NothingToJudge, judged_rows
from models.repair import repaired
from tests.models.test_prior import SMALL
from tests.models.test_train import history_of, rows_of, trained

IDS = ("plan", "phone", "survey")
DRAWS = np.random.default_rng(8)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, history_terms: Terms) -> Bundle:
    folder = tmp_path_factory.mktemp("drift")
    write_bundle(folder / "bundle", trained(folder, history_terms, rows_of(4_000), SMALL).parts)
    return load_bundle(folder / "bundle")


def newer(folder: Path, bundle: Bundle, terms: Terms, rows: list[str]) -> JudgedRows:
    history = history_of(folder, terms, rows)
    later = replace(history, at=history.at + 200 * 86_400)
    return judged_rows(bundle, later, terms, bundle.manifest.training.end)


def failing(rows: list[str], share: float) -> list[str]:
    """Of the successes so many have failed."""
    return [
        line.replace(",CONVERSION,", ",REJECTED,").replace(",ACCEPTED,", ",REJECTED,")
        if DRAWS.random() < share
        else line
        for line in rows
    ]


def test_what_is_as_it_was_rings_nothing(bundle: Bundle, tmp_path: Path, history_terms: Terms) -> None:
    found = drift_report(bundle, newer(tmp_path, bundle, history_terms, rows_of(2_000, seed=11)))
    assert found.alarms == ()
    assert found.calibration is not None
    assert found.calibration.error < 0.05


def test_other_customers_ring_by_the_input_that_tells(bundle: Bundle, tmp_path: Path, history_terms: Terms) -> None:
    older = [line for line in rows_of(6_000, seed=12) if int(line.split(",")[5]) > 60]
    found = drift_report(bundle, newer(tmp_path, bundle, history_terms, older))
    assert found.inputs[0].name == "customer.age"
    assert "customer.age" in found.alarms
    assert "customer.os" not in found.alarms


def test_many_contacts_of_few_customers_are_not_another_population(
    bundle: Bundle, tmp_path: Path, history_terms: Terms
) -> None:
    """Eight contacts of each of 120 people, and the same people once, are as likely to differ by chance."""
    some = newer(tmp_path, bundle, history_terms, rows_of(960, seed=17))
    people = np.arange(960) % 120
    often = drift_report(bundle, replace(some, values=some.values[people], raw=some.raw[people], customers=people))
    others = drift_report(bundle, replace(some, customers=np.arange(960)))
    assert (often.rows, often.customers, others.customers) == (960, 120, 960)
    fewer = (1 / 120 + 1 / 4_000) / (1 / 960 + 1 / 4_000)
    for here, there in ((often.score, others.score), *zip(_by_name(often), _by_name(others), strict=True)):
        assert here.by_chance == pytest.approx(there.by_chance * fewer, rel=0.01)
    assert not {*often.alarms} - {"calibration"}
    with pytest.raises(NothingToJudge, match="960 contacts, worth 10 customers"):
        drift_report(bundle, replace(some, customers=np.arange(960) % 10))


def _by_name(found: DriftReport) -> list[Shift]:
    return sorted(found.inputs, key=lambda one: one.name)


def test_fewer_successes_ring_calibration_alone_and_newer_contacts_repair_it(
    bundle: Bundle, tmp_path: Path, history_terms: Terms
) -> None:
    rows = newer(tmp_path, bundle, history_terms, failing(rows_of(3_000, seed=13), 0.6))
    found = drift_report(bundle, rows)
    assert found.alarms == ("calibration",)
    fixed = repaired(bundle, rows, IDS, 5.0)
    assert fixed.before.alarming
    assert not fixed.after.alarming
    write_bundle(tmp_path / "repaired", fixed.parts)
    again = load_bundle(tmp_path / "repaired")
    assert again.manifest.metrics["parents"] == [bundle.revision]
    assert again.booster.model_to_string() == bundle.booster.model_to_string()
    assert (
        drift_report(again, replace(rows, served=again.calibration.over(IDS).apply(rows.actions, rows.raw))).alarms
        == ()
    )


def test_calibration_needs_enough_settled_contacts(bundle: Bundle, tmp_path: Path, history_terms: Terms) -> None:
    rows = newer(tmp_path, bundle, history_terms, rows_of(150, seed=14))
    assert drift_report(bundle, replace(rows, settled=np.arange(len(rows)) < 50)).calibration is None
    with pytest.raises(NothingToJudge, match="100 successes"):
        repaired(bundle, rows, IDS, 5.0)


def test_a_handful_of_contacts_tells_nothing(bundle: Bundle, tmp_path: Path, history_terms: Terms) -> None:
    with pytest.raises(NothingToJudge, match="are too few to tell: at least 100"):
        drift_report(bundle, newer(tmp_path, bundle, history_terms, rows_of(9, seed=14)))


def test_days_of_less_than_a_week_are_not_another_week(bundle: Bundle, tmp_path: Path, history_terms: Terms) -> None:
    rows = newer(tmp_path, bundle, history_terms, rows_of(2_000, seed=16))
    short = replace(rows, at=rows.at.min() + (rows.at - rows.at.min()) % (5 * 86_400))
    assert "moment.weekday" in {one.name for one in drift_report(bundle, rows).inputs}
    assert "moment.weekday" not in {one.name for one in drift_report(bundle, short).inputs}
    assert "moment.hour" in {one.name for one in drift_report(bundle, short).inputs}


def test_without_newer_contacts_nothing_is_said(bundle: Bundle, tmp_path: Path, history_terms: Terms) -> None:
    history = history_of(tmp_path, history_terms, rows_of(100))
    with pytest.raises(NothingToJudge, match="--since"):
        judged_rows(bundle, history, history_terms, 9e9)


def test_newest_contacts_of_which_only_successes_are_closed_do_not_count(
    bundle: Bundle, tmp_path: Path, history_terms: Terms
) -> None:
    fresh = [f"n{one},{1_780_000_000 + 179 * 86_400},web,plan,{'ACCEPTED' * (one % 2)},30,ios" for one in range(400)]
    rows = newer(tmp_path, bundle, history_terms, [*rows_of(1_000, seed=15), *fresh])
    assert rows.labels[~rows.settled].sum() >= 200
    assert not rows.settled[-400:].any()
    assert "calibration" not in drift_report(bundle, rows).alarms


def test_chances_that_are_right_stay_within_what_chance_makes() -> None:
    alarms = 0
    for _ in range(100):
        chances = DRAWS.beta(1, 9, 2_000)
        alarms += calibrated(DRAWS.random(2_000) < chances, chances).alarming
    assert alarms <= 2


def test_rates_that_few_rows_taught_are_not_another_world_when_many_more_come() -> None:
    alarms = 0
    for _ in range(100):
        learnt = np.full(20_000, (DRAWS.random(2_000) < 0.15).mean())
        alarms += calibrated(DRAWS.random(20_000) < 0.15, learnt, taught=2_000).alarming
    assert alarms <= 2
    assert calibrated(DRAWS.random(20_000) < 0.15, np.full(20_000, 0.20), taught=2_000).alarming


def test_a_bundle_without_population_says_so(bundle: Bundle, tmp_path: Path, history_terms: Terms) -> None:
    rows = newer(tmp_path, bundle, history_terms, rows_of(200, seed=16))
    metrics = {name: one for name, one in bundle.manifest.metrics.items() if name != "population"}
    with pytest.raises(NothingToJudge, match="train it anew"):
        drift_report(replace(bundle, manifest=replace(bundle.manifest, metrics=metrics)), rows)
