"""Rows of a history are contacts of a channel, of which a policy may fill several placements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from tests.engine.email_shop import ARMS, PROJECT, history, project_with

QUESTION = """
  ask_size:
    kind: ASK
    issue: service
    group: questions
    value: {visits: 0.5}
    success: VISIT
    success_within: 14d
    starting: {propensity: 0.9, evidence: 10}
    treatments:
      email: {title: "Your size?"}
"""
TWO_PLACES = "{kinds: [MESSAGE], count: 1}\n      question: {kinds: [ASK], count: 1}"
RATES = {"mens_email": 0.4, "womens_email": 0.2, "no_email": 0.1, "ask_size": 0.6}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The policy without a model, on 6,000 contacts that were drawn from all four of a channel with two placements."""
    folder = tmp_path_factory.mktemp("places")
    shop = project_with(folder / "shop", QUESTION, replaced={"{kinds: [MESSAGE], count: 1}": TWO_PLACES})
    rng = np.random.default_rng(3)
    action = rng.choice([*ARMS, "ask_size"], 6_000)
    visited = rng.random(6_000) < np.array([RATES[one] for one in action])
    rows = history(6_000).with_columns(
        action=pl.Series(action),
        outcome=pl.Series(np.where(visited, "VISIT", "NO_RESPONSE")),
        probability=pl.lit(0.25),
    )
    rows.write_parquet(folder / "rows.parquet")
    asked = ("evaluate", "--project", shop, "--history", folder / "rows.parquet", "-o", "json")
    done = CliRunner().invoke(app, [*map(str, asked)])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def test_a_row_is_one_contact_whichever_placement_it_belongs_to(told: dict[str, Any]) -> None:
    """Asked about each row, the policy proposes one contact too; else weights would average two, or a half."""
    for way in (told["policy"], *told["baselines"].values()):
        assert way["refused"] == ""
        assert way["support"]["wanted_mean"] == pytest.approx(1.0)
        assert way["support"]["mean_weight"] == pytest.approx(1.0, abs=0.06)


def test_what_any_placement_takes_could_have_been_chosen(told: dict[str, Any]) -> None:
    worth = {name: rate * (0.5 if name == "ask_size" else 1.0) for name, rate in RATES.items()}
    for name, earned in worth.items():
        assert told["arms"][name]["dr"]["low"] < earned < told["arms"][name]["dr"]["high"]
    at_random = told["baselines"]["random"]
    assert at_random["dr"]["value"] == pytest.approx(sum(worth.values()) / 4, abs=0.02)
    assert at_random["ips"]["value"] == pytest.approx(at_random["dr"]["value"], abs=0.005)
    assert told["baselines"]["best_single"]["dr"]["value"] == pytest.approx(worth["mens_email"], abs=0.03)


def test_what_cannot_be_told_is_said_once_beside_the_table(tmp_path: Path) -> None:
    history(60).write_parquet(tmp_path / "rows.parquet")
    asked = ("evaluate", "--project", PROJECT, "--history", tmp_path / "rows.parquet")
    done = CliRunner().invoke(app, [*map(str, asked)], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert "this policy: unusable: effective sample size" in done.output
    rare = next(line for line in done.output.splitlines() if line.startswith("tried too rarely to be told"))
    assert {one for one in ARMS if one in rare} == set(ARMS)
    assert "weights average" not in done.output


def test_rows_without_a_probability_are_left_out_and_said_to_be(tmp_path: Path) -> None:
    rows = history(600).with_columns(
        probability=pl.when(pl.int_range(pl.len()) % 3 == 0).then(None).otherwise(pl.col("probability"))
    )
    rows.write_parquet(tmp_path / "rows.parquet")
    asked = ("evaluate", "--project", PROJECT, "--history", tmp_path / "rows.parquet", "-o", "json")
    found = json.loads(CliRunner().invoke(app, [*map(str, asked)]).stdout)
    assert found["choices"] == 400
    assert any(note.startswith("200 of 600 closed rows do not tell their probability") for note in found["notes"])
