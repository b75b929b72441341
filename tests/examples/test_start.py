"""`befit init` gives a running project of every example company: what it prints as next steps works as printed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from engine.cli.app import app
from tests.engine.served_project import served
from tests.examples.packs import PACKS

QUICK = ("--set", "rounds=10", "threads=1")
CUSTOMERS = 150


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words, env={"COLUMNS": "200"})


@dataclass(frozen=True)
class Started:
    """A project as init wrote it, and the steps that it said come next, by their first words."""

    folder: Path
    steps: dict[str, list[str]]

    def follow(self, step: str, *more: str) -> Result:
        return run(*self.steps[step], *more)


@pytest.fixture(scope="module", params=PACKS)
def started(request, tmp_path_factory) -> Started:
    folder = tmp_path_factory.mktemp("project") / request.param
    said = run("init", "--pack", request.param, str(folder), "--customers", str(CUSTOMERS), "-o", "json")
    assert said.exit_code == 0, said.output
    steps = [shlex.split(step)[1:] for step in json.loads(said.stdout)["next"]]
    return Started(folder, {" ".join(words[:2]) if words[0] == "policy" else words[0]: words for words in steps})


@pytest.fixture(scope="module")
def learnt(started) -> Started:
    for step, more in (("load", ()), ("train", QUICK)):
        ran = started.follow(step, *more)
        assert ran.exit_code == 0, ran.output
    return started


def test_the_steps_lead_from_the_policy_to_a_decision(started):
    assert list(started.steps) == ["policy check", "policy test", "load", "train", "serve", "decide"]
    for step, more in (("policy check", ()), ("policy test", ("--filter", "stories"))):
        ran = started.follow(step, *more)
        assert ran.exit_code == 0, ran.output


def test_customers_and_history_are_drawn(started):
    customers, history = (pl.read_parquet(started.folder / f"{name}.parquet") for name in ("customers", "history"))
    assert len(customers) == CUSTOMERS
    assert len(history) > 3 * CUSTOMERS
    assert set(history.filter(pl.col("customer_id").str.starts_with("c-"))["customer_id"]) <= set(
        customers["customer_id"]
    )


@pytest.fixture(scope="module")
def address(learnt) -> Iterator[str]:
    bundle = learnt.steps["serve"][learnt.steps["serve"].index("--bundle") + 1]
    with served(learnt.folder, "--bundle", bundle, "--workers", "1") as server:
        yield server.says["gRPC"]


def test_a_loaded_customer_is_decided_for_by_rules_and_a_model(learnt, address):
    ran = learnt.follow("decide", "--address", address, "-o", "json")
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert told["tier"]
    assert told["model_revision"]
    assert not told.get("degraded")
    assert any(placement.get("actions") for placement in told["placements"])
