"""Successes are known before silence is: choices that may still be answered do not judge, or are said to flatter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.evaluation.tried import Settled
from tests.engine.email_shop import PROJECT, history

DAY = 86_400
CHOICES = 4_000


def written(folder: Path, days: int) -> float:
    """A history of e-mails that were sent over so many days; who does not visit is silent for a fortnight. Returned is
    the rate that everybody came to in the end."""
    sent = 1_206_000_000 + np.sort(np.random.default_rng(2).integers(0, days * DAY, CHOICES))
    rows = history(CHOICES).with_columns(at=pl.Series(sent), outcome_at=pl.Series(sent + 3_600.0))
    silent = pl.col("outcome") == "NO_RESPONSE"
    lately = rows.with_columns(
        outcome=pl.when(silent).then(None).otherwise("outcome"),
        outcome_at=pl.when(silent).then(None).otherwise("outcome_at"),
    )
    lately.write_parquet(folder / "rows.parquet")
    return float((rows["outcome"] == "VISIT").mean())


def befit(command: str, folder: Path, *words: object) -> dict[str, Any]:
    asked = (command, "--project", PROJECT, "--history", folder / "rows.parquet", *words, "-o", "json")
    done = CliRunner().invoke(app, [*map(str, asked)])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def judged(folder: Path, days: int) -> dict[str, Any]:
    truth = written(folder, days)
    return befit("evaluate", folder) | {"truth": truth}


def learnt(folder: Path, days: int) -> tuple[dict[str, Any], float]:
    truth = written(folder, days)
    return befit("train", folder, "--out", folder / "bundle", "--set", "threads=1", "--set", "rounds=30"), truth


def test_the_newest_choices_wait_until_silence_is_known_too(tmp_path: Path) -> None:
    told = judged(tmp_path, days=60)
    assert told["choices"] == pytest.approx(CHOICES * 46 / 60, rel=0.05)
    assert told["logged"]["low"] < told["truth"] < told["logged"]["high"]
    assert not any("flatter" in note for note in told["notes"])


def test_where_nearly_all_is_new_the_figures_are_said_to_flatter(tmp_path: Path) -> None:
    told = judged(tmp_path, days=16)
    assert told["logged"]["low"] > told["truth"]
    assert any("successes are known before silence, so the figures flatter" in note for note in told["notes"])


def test_models_learn_from_contacts_whose_silence_is_known_too(tmp_path: Path) -> None:
    told, truth = learnt(tmp_path, days=60)
    assert told["metrics"]["population"]["rate"] == pytest.approx(truth, abs=0.02)
    assert told["metrics"]["newest"]["left_out"] > 100
    assert told["rows"] == pytest.approx(CHOICES * 46 / 60, rel=0.05)
    assert not any("so new" in one for one in told["suspicions"])


def test_where_nearly_all_is_new_chances_are_said_to_come_out_too_high(tmp_path: Path) -> None:
    told, truth = learnt(tmp_path, days=16)
    assert told["metrics"]["population"]["rate"] > truth + 0.1
    assert any("chances come out too high" in one for one in told["suspicions"])


def test_choices_before_the_first_open_one_judge_where_they_are_half_of_the_closed() -> None:
    at = np.arange(10.0)
    half = Settled.of(at, np.isin(at, [6, 8], invert=True))
    assert (half.rows.tolist(), half.open) == ([True] * 6 + [False] * 4, 0)
    few = Settled.of(at, np.isin(at, [2, 8], invert=True))
    assert (int(few.rows.sum()), few.open) == (8, 2)
    assert Settled.of(at, np.ones(10, dtype=np.bool_)).rows.all()
    assert not Settled.of(at, np.zeros(10, dtype=np.bool_)).rows.any()
