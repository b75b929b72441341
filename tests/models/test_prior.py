"""Another market's model: moved tree by tree, believed while there is little evidence, gone when there is much."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.bundle import Bundle, load_bundle
from models.bundle_writer import write_bundle
from models.calibration import POOLED
from models.features import Feature, FeatureSchema, FeatureType
from models.fit import FitSettings
from models.history import read_history
from models.history_check import Terms
from models.manifest import Input, InputScope, InputType
from models.prior import PRIOR_OUTCOMES, Prior, prior_of, weight_of
from models.prior_trees import forest_text, moved, places_of
from models.split import HistoryTooSmall
from models.train import Trained, TrainSettings, train
from tests.models.test_train import SETTINGS, rows_of, trained

SMALL = replace(SETTINGS, fit=FitSettings(rounds=30, least_rows_per_leaf=20, threads=1))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, history_terms: Terms) -> Bundle:
    folder = tmp_path_factory.mktemp("prior")
    write_bundle(folder / "bundle", trained(folder, history_terms, rows_of(4_000), SMALL).parts)
    return load_bundle(folder / "bundle")


def rows(bundle: Bundle, count: int = 300) -> np.ndarray:
    """Rows over the bundle's inputs, with values missing."""
    draws = np.random.default_rng(5)
    columns = []
    for one in bundle.manifest.inputs:
        known = draws.integers(0, max(len(one.values), 2), count) if one.values else draws.random(count) * 100
        columns.append(np.where(draws.random(count) < 0.2, np.nan, known))
    return np.column_stack(columns).astype(np.float32)


def margins(bundle: Bundle, values: np.ndarray) -> np.ndarray:
    return np.asarray(bundle.booster.predict(values, raw_score=True))


def test_trees_moved_to_the_same_inputs_say_the_same(bundle: Bundle) -> None:
    values = rows(bundle)
    prior = Prior(bundle, bundle.manifest.inputs, 1.0)
    assert prior.margins(values) == pytest.approx(margins(bundle, values), abs=1e-12)
    assert Prior(bundle, bundle.manifest.inputs, 0.25, 1.5).margins(values) == pytest.approx(
        1.5 + 0.25 * margins(bundle, values), abs=1e-12
    )


def test_inputs_are_found_by_name_and_categories_by_value(bundle: Bundle) -> None:
    theirs = bundle.manifest.inputs
    own = [Input("customer.height", InputScope.CUSTOMER, feature="height")]
    own += [replace(one, values=("newcomer", *reversed(one.values))) if one.values else one for one in reversed(theirs)]
    values, found = rows(bundle), np.zeros((300, len(own)), dtype=np.float32)
    for place, one in enumerate(own[1:], start=1):
        column = values[:, theirs.index(next(each for each in theirs if each.name == one.name))]
        found[:, place] = len(one.values) - 1 - column if one.values else column
    assert Prior(bundle, tuple(own), 1.0).margins(found) == pytest.approx(margins(bundle, values), abs=1e-12)


@pytest.mark.parametrize("gone", ["customer.age", "action.id", "customer.os"])
def test_an_input_that_does_not_exist_here_is_missing_to_the_trees(bundle: Bundle, gone: str) -> None:
    theirs = bundle.manifest.inputs
    place = [one.name for one in theirs].index(gone)
    values = rows(bundle)
    values[:, place] = np.nan
    own = tuple(one for one in theirs if one.name != gone)
    prior = Prior(bundle, own, 1.0)
    assert prior.lacking == (gone,)
    assert prior.margins(np.delete(values, place, axis=1)) == pytest.approx(margins(bundle, values), abs=1e-12)


def test_an_input_of_another_type_is_another_input(bundle: Bundle) -> None:
    own = tuple(replace(one, type=InputType.NUMBER, values=()) for one in bundle.manifest.inputs)
    places = places_of(bundle.manifest.inputs, own)
    assert {place for place, one in enumerate(bundle.manifest.inputs) if one.values} == {
        number for number, place in enumerate(places.own) if place is None
    }
    assert forest_text(own, moved(bundle.booster.model_to_string(), places, 1.0))


def test_the_weight_falls_as_outcomes_come_in() -> None:
    assert weight_of(np.zeros(1000, dtype=bool)) == 1.0
    assert weight_of(np.arange(1000) < PRIOR_OUTCOMES) == pytest.approx(0.5)
    assert weight_of(np.arange(1000) >= PRIOR_OUTCOMES) == pytest.approx(0.5)


def propensities(found: Trained, values: np.ndarray, folder: Path) -> np.ndarray:
    write_bundle(folder, found.parts)
    loaded = load_bundle(folder)
    raw = np.asarray(loaded.booster.predict(values))
    return loaded.calibration.over(["x"]).apply(np.zeros(len(raw), dtype=np.intp), raw)


def test_with_hardly_any_rows_it_is_the_prior(bundle: Bundle, tmp_path: Path, history_terms: Terms) -> None:
    few = rows_of(30, seed=9)
    with pytest.raises(HistoryTooSmall):
        trained(tmp_path, history_terms, few, SMALL)
    found = trained(tmp_path, history_terms, few, replace(SMALL, prior=bundle))
    assert found.parts.metrics["prior"]["weight"] == 1.0
    assert found.parts.metrics["parents"] == [bundle.revision]
    assert found.measured.rows == 30
    assert found.parts.inputs == bundle.manifest.inputs
    values = rows(bundle)
    raw = np.asarray(bundle.booster.predict(values))
    theirs = bundle.calibration.over(["x"]).apply(np.zeros(len(raw), dtype=np.intp), raw)
    assert propensities(found, values, tmp_path / "new") == pytest.approx(theirs, abs=1e-9)


def test_with_many_rows_it_is_ones_own(
    bundle: Bundle, tmp_path: Path, history_terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.prior.PRIOR_OUTCOMES", 5.0)
    many = rows_of(3_000, seed=4)
    alone = trained(tmp_path, history_terms, many, SMALL)
    assert prior_of(bundle, alone.parts.inputs, np.arange(3_000) < 1_000) is None
    found = trained(tmp_path, history_terms, many, replace(SMALL, prior=bundle))
    assert found.parts.model_text == alone.parts.model_text
    assert found.parts.calibration == alone.parts.calibration


def test_in_between_it_is_better_than_either(bundle: Bundle, tmp_path: Path, history_terms: Terms) -> None:
    """The new market is like the old one, and few rows tell little by themselves."""
    some = rows_of(200, seed=7)
    alone = trained(tmp_path, history_terms, some, SMALL)
    found = trained(tmp_path, history_terms, some, replace(SMALL, prior=bundle))
    assert 0.5 < found.parts.metrics["prior"]["weight"] < 0.9
    assert found.measured.log_loss < alone.measured.log_loss
    assert POOLED in found.parts.calibration.curves
    write_bundle(tmp_path / "both", found.parts)
    assert load_bundle(tmp_path / "both").scorer.reason == ""


def test_what_the_prior_reads_stays_an_input_where_rows_tell_nothing_of_it(
    bundle: Bundle, tmp_path: Path, history_terms: Terms
) -> None:
    same = [line.rsplit(",", 2)[0] + ",30,ios" for line in rows_of(300, seed=3)]
    alone = trained(tmp_path, history_terms, same, SMALL)
    found = trained(tmp_path, history_terms, same, replace(SMALL, prior=bundle))
    assert "customer.age" not in [one.name for one in alone.parts.inputs]
    assert "customer.age" in [one.name for one in found.parts.inputs]


def test_a_market_without_a_feature_does_without_it(bundle: Bundle, tmp_path: Path, history_terms: Terms) -> None:
    schema = FeatureSchema((Feature("os", FeatureType.CATEGORY, ("android", "ios")),))
    here = Terms(schema, history_terms.actions, history_terms.setting)
    lines = [",".join(line.split(",")[:5] + line.split(",")[6:]) for line in rows_of(40, seed=2)]
    (tmp_path / "history.csv").write_text("\n".join(["customer_id,at,channel,action,outcome,os", *lines]))
    history = read_history([tmp_path / "history.csv"], here)
    found = train(history, here, TrainSettings(prior=bundle, fit=SMALL.fit), 0.0, lambda _step, _done: None)
    assert found.parts.metrics["prior"]["lacking"] == ["customer.age"]
