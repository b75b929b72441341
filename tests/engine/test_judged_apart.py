"""A model is not judged by choices that it was made from: neither its trees nor its calibration."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.batch import greedy
from engine.evaluation import judging
from engine.evaluation.evaluate import Evaluation, evaluate
from engine.evaluation.judging import SEEN, PastChoices, judged
from engine.project import load_snapshot
from engine.snapshot import Snapshot, snapshot_of
from models.bundle import Bundle, load_bundle
from tests.engine.email_shop import PROJECT, history, make_bundle

LATER = 1_214_000_000.0
"""After the day of the later choices."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    make_bundle(folder)
    later = history(1_000, seed=5).with_columns(at=pl.lit("2008-06-20T09:00:00"))
    later.with_columns(customer_id="l" + pl.col("customer_id")).write_parquet(folder / "later.parquet")
    return folder


def deciding_by(bundle: Bundle) -> Snapshot:
    rules = load_snapshot(PROJECT, None)
    return greedy(snapshot_of(rules.policy, rules.schema, bundle))


def test_what_trees_learnt_from_is_told_and_later_choices_are_not(folder: Path) -> None:
    snapshot = deciding_by(load_bundle(folder / "bundle"))
    assert SEEN in judged(snapshot, None, PastChoices(now=LATER, history=(folder / "history.parquet",))).notes
    assert SEEN not in judged(snapshot, None, PastChoices(now=LATER, history=(folder / "later.parquet",))).notes


def test_what_a_repair_calibrated_by_is_told_too(folder: Path) -> None:
    made = load_bundle(folder / "bundle")
    metrics = {**made.manifest.metrics, "latest": {"to": LATER, "repaired": True}}
    repaired = replace(made, manifest=replace(made.manifest, metrics=metrics))
    past = PastChoices(now=LATER, history=(folder / "later.parquet",))
    judgement = judged(deciding_by(repaired), deciding_by(made), past)
    assert SEEN in judgement.notes
    assert judgement.verdict is not None
    assert "trained on these choices" in judgement.verdict.why


def test_two_are_judged_by_the_same_choices_though_more_are_written_meanwhile(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told.parquet"
    later = pl.read_parquet(folder / "later.parquet")
    later.head(900).write_parquet(told)

    def and_more_comes(*asked: Any) -> Evaluation:
        later.write_parquet(told)
        return evaluate(*asked)

    monkeypatch.setattr(judging, "evaluate", and_more_comes)
    champion = deciding_by(load_bundle(folder / "bundle"))
    judgement = judged(champion, champion, PastChoices(now=LATER, history=(told,)))
    assert judgement.found.choices == 900
    assert judgement.verdict is not None
    assert not judgement.verdict.promoted
