"""Training: what is learned, how it is measured, and what is never learned from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.bundle import load_bundle
from models.bundle_writer import write_bundle
from models.fit import FitSettings
from models.history import History, read_history
from models.history_check import Terms
from models.inputs import action_matrix
from models.manifest import InputScope
from models.scorer import score_rows
from models.served import Level
from models.split import HistoryTooSmall
from models.train import Trained, TrainSettings, train
from models.trained_evidence import trained_evidence

NOW = 1_790_000_000.0
SETTINGS = TrainSettings(fit=FitSettings(rounds=60, least_rows_per_leaf=20, threads=1))
HEAD = "customer_id,at,channel,action,outcome,age,os"


def rows_of(count: int, seed: int = 0) -> list[str]:
    """Younger people take phones, others plans; ios takes a little more; half a year of days."""
    rng = np.random.default_rng(seed)
    rows = []
    for one in range(count):
        age, ios, phone = int(rng.integers(18, 80)), rng.random() < 0.5, rng.random() < 0.5
        chance = 0.1 + 0.5 * ((age < 40) == phone) + 0.1 * ios
        outcome = ("CONVERSION" if phone else "ACCEPTED") if rng.random() < chance else "NO_RESPONSE"
        at = 1_780_000_000 + int(rng.integers(0, 180)) * 86_400
        os = "ios" if ios else "android"
        rows.append(f"c{one},{at},web,{'phone' if phone else 'plan'},{outcome},{age},{os}")
    return rows


def history_of(folder: Path, terms: Terms, rows: list[str]) -> History:
    (folder / "history.csv").write_text("\n".join([HEAD, *rows]))
    return read_history([folder / "history.csv"], terms)


def trained(folder: Path, terms: Terms, rows: list[str], settings: TrainSettings = SETTINGS) -> Trained:
    return train(history_of(folder, terms, rows), terms, settings, NOW, lambda _step, _done: None)


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory, history_terms: Terms) -> Trained:
    return trained(tmp_path_factory.mktemp("lesson"), history_terms, rows_of(6_000))


def test_customers_are_told_apart_within_each_action(lesson: Trained) -> None:
    figures = lesson.measured
    assert figures.auc is not None
    assert figures.auc_within_actions is not None
    assert figures.auc_of_actions is not None
    assert figures.auc > 0.7
    assert figures.auc_within_actions > 0.7
    assert figures.auc_of_actions < 0.6
    assert figures.calibration_error < 0.08
    assert figures.lift[0].rate > 2.5 * figures.lift[-1].rate


def test_what_tells_most_comes_first(lesson: Trained) -> None:
    gain = lesson.parts.metrics["gain"]
    assert set(list(gain)[:2]) <= {
        "customer.age",
        "action.id",
        "action.kind",
        "action.issue",
        "action.group",
        "action.price",
    }
    assert sum(gain.values()) == pytest.approx(1)


def test_measured_rows_are_of_other_people_and_later(lesson: Trained) -> None:
    sizes = lesson.parts.metrics["split"]
    assert sizes["cut"] > lesson.parts.training.start
    assert sizes["test"] == lesson.measured.rows
    assert sizes["fit"] + sizes["tune"] + sizes["test"] < lesson.parts.training.rows == 6_000


def test_the_bundle_loads_and_scores_as_it_was_trained(lesson: Trained, tmp_path: Path, history_terms: Terms) -> None:
    manifest = write_bundle(tmp_path / "bundle", lesson.parts)
    bundle = load_bundle(tmp_path / "bundle")
    rows = lesson.parts.sample[:50]
    raw = np.asarray(bundle.booster.predict(rows, raw_score=True, num_threads=1))
    np.testing.assert_allclose(score_rows(bundle.scorer, manifest.inputs, rows), raw, atol=1e-9)
    evidence = trained_evidence(bundle.manifest, history_terms.actions.ids)
    assert evidence.closed.sum() == 6_000
    assert evidence.closed[history_terms.actions.index["survey"]] == 0
    assert manifest.outcome == "ACCEPTED, CONVERSION"


def test_an_action_that_history_never_saw_is_scored_by_what_it_is(lesson: Trained, history_terms: Terms) -> None:
    inputs = [one for one in lesson.parts.inputs if one.scope is InputScope.ACTION]
    fresh = replace(history_terms.actions, ids=("plan", "brand_new_phone", "survey"))
    known, new = action_matrix(inputs, history_terms.actions)[1], action_matrix(inputs, fresh)[1]
    names = [one.name for one in inputs]
    assert np.isnan(new[names.index("action.id")])
    assert new[names.index("action.price")] == known[names.index("action.price")] == 300


def test_the_same_history_and_seed_give_the_same_model(lesson: Trained, tmp_path: Path, history_terms: Terms) -> None:
    again = trained(tmp_path, history_terms, rows_of(6_000))
    assert again.parts.model_text == lesson.parts.model_text
    assert again.parts.calibration == lesson.parts.calibration
    assert again.parts.metrics == lesson.parts.metrics


def test_copies_of_a_person_do_not_flatter_the_figures(tmp_path: Path, history_terms: Terms) -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(1_000, 300, 300)
    rows = []
    for one in range(300):
        outcome = "ACCEPTED" if rng.random() < 0.3 else "NO_RESPONSE"
        person = f"{rng.integers(18, 80)},{['ios', 'android'][one % 2]},{values[one]:.4f}"
        rows += [f"c{one}_{copy},1780000000,web,plan,{outcome},{person}" for copy in range(6)]
    (tmp_path / "history.csv").write_text("\n".join([HEAD + ",value", *rows]))
    history = read_history([tmp_path / "history.csv"], history_terms)
    found = train(history, history_terms, SETTINGS, NOW, lambda _step, _done: None)
    assert found.copied == 1_800
    assert found.measured.auc is not None
    assert found.measured.auc < 0.65


def test_open_rows_are_counted_and_not_learned_from(tmp_path: Path, history_terms: Terms) -> None:
    newest = 1_780_000_000 + 179 * 86_400
    rows = [*rows_of(1_000), *(f"x{one},{newest},web,plan,,30,ios" for one in range(40))]
    found = trained(tmp_path, history_terms, rows)
    assert found.open_rows == 40
    assert found.parts.training.rows + found.parts.metrics["newest"]["left_out"] == 1_000
    assert found.parts.training.end < newest, "of rows beside open ones mostly what went well is known"


def test_kinds_without_a_propensity_are_not_learned_from(tmp_path: Path, history_terms: Terms) -> None:
    routes = replace(history_terms.actions, contacts=np.array([True, False, True]))
    terms = Terms(history_terms.schema, routes, history_terms.setting)
    found = trained(tmp_path, terms, rows_of(2_000))
    assert set(found.parts.metrics["actions"]) == {"plan"}
    assert set(found.parts.metrics["evidence"]) == {"plan"}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["ann,2026-01-01,web,plan,,30,ios"], "no offer, message or ask has a closed window"),
        ([f"c{i % 4},2026-01-01,web,plan,REJECTED,30,ios" for i in range(99)], "4 different customers"),
        ([f"c{i},2026-01-01,web,plan,REJECTED,30,ios" for i in range(99)], "0 successes in 50 closed rows"),
    ],
)
def test_too_small_a_history_is_refused_in_words(
    tmp_path: Path, history_terms: Terms, rows: list[str], said: str
) -> None:
    with pytest.raises(HistoryTooSmall, match=said):
        trained(tmp_path, history_terms, rows)


def test_what_hardly_ever_succeeds_is_known_to_and_serves_a_rate_for_all(tmp_path: Path, history_terms: Terms) -> None:
    rows = [
        f"c{i},{1_780_000_000 + i},web,plan,{'REJECTED' if i else 'ACCEPTED'},{20 + i % 50},ios" for i in range(600)
    ]
    found = trained(tmp_path, history_terms, rows)
    assert found.parts.served.level is Level.ONE
    assert found.parts.served.rates["*"]["plan"] == pytest.approx(1 / 600)
    assert "too few successes" in found.parts.metrics["personal"]["why"]
    write_bundle(tmp_path / "bundle", found.parts)
    assert load_bundle(tmp_path / "bundle").manifest.served.level is Level.ONE


def test_progress_goes_from_nothing_to_all(tmp_path: Path, history_terms: Terms) -> None:
    told: list[tuple[str, float]] = []
    history = history_of(tmp_path, history_terms, rows_of(1_000))
    train(history, history_terms, SETTINGS, NOW, lambda step, done: told.append((step, done)))
    assert told[0][1] == 0
    assert told[-1] == ("learning from everything", 1.0)
