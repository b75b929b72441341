"""Batches, evaluations and promotions decide as the server does, by what the store says to every worker."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.embedded.server_process import ServerProcess
from engine.redis.store import RedisStore
from models.learned_counts import Cell, Counted, LearnedCounts
from tests.engine.conftest import PATIENT, servers_of
from tests.engine.email_shop import ARMS, PROJECT, customers, history
from tests.engine.servers import url_of

BEFORE, AFTER = 1_200_000_000.0, 1_210_000_000.0


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    servers: list[ServerProcess] = servers_of("valkey", request)
    return url_of(*servers)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    customers(50, seed=4).write_parquet(tmp_path / "customers.parquet")
    history(2_000).write_parquet(tmp_path / "history.parquet")
    return tmp_path


def counts(best: str, as_of: float) -> LearnedCounts:
    """Of each e-mail 500 windows; one of them brought more visits than the others."""
    cells = {Cell(arm, "customer", "email"): Counted(200.0 if arm == best else 20.0, 500.0) for arm in ARMS}
    return LearnedCounts(as_of, 90 * 86_400.0, 1_500, cells)


def say(url: str, *published: LearnedCounts, stopped: str = "") -> None:
    async def told() -> None:
        store = RedisStore(url, "asking", PATIENT)
        await store.open()
        for one in published:
            await store.learned.publish(one)
        if stopped:
            await store.stop_action(stopped, stopped=True)
        await store.close()

    asyncio.run(told())


def befit(*words: object) -> dict[str, Any]:
    done = CliRunner().invoke(app, [*map(str, words), "-o", "json"])
    assert done.exit_code == 0, (done.output, done.exception)
    return dict(json.loads(done.stdout))


def batch(files: Path, *words: object) -> tuple[dict[str, Any], set[str]]:
    out = files / "out.parquet"
    given = ("--project", PROJECT, "--customers", files / "customers.parquet", "--channel", "email", "--out", out)
    return befit("batch", *given, *words), set(pl.read_parquet(out)["action"])


def test_a_batch_starts_young_actions_from_the_counts_that_are_served(files: Path, url: str) -> None:
    say(url, counts("womens_email", BEFORE))
    said, proposed = batch(files, "--redis-url", url)
    assert (said["learned_counts"], proposed) == (1, {"womens_email"})
    say(url, counts("no_email", AFTER))
    said, proposed = batch(files, "--redis-url", url)
    assert (said["learned_counts"], proposed) == (2, {"no_email"})


def test_a_batch_does_not_propose_what_is_stopped(files: Path, url: str) -> None:
    say(url, counts("womens_email", BEFORE), stopped="womens_email")
    said, proposed = batch(files, "--redis-url", url)
    assert said["stopped"] == ["womens_email"]
    assert "womens_email" not in proposed
    assert batch(files, "--redis-url", url, "--alone")[0]["learned_counts"] == 0


def test_an_evaluation_names_the_counts_that_it_decides_by(files: Path, url: str) -> None:
    say(url, counts("no_email", BEFORE), counts("womens_email", AFTER))
    judge = ("evaluate", "--project", PROJECT, "--history", files / "history.parquet", "--redis-url", url)
    latest, first, none = befit(*judge), befit(*judge, "--counts", "1"), befit(*judge, "--counts", "none")
    assert [one["learned_counts"] for one in (latest, first, none)] == [2, 1, 0]
    assert latest["policy"]["dr"]["value"] > first["policy"]["dr"]["value"]
    assert latest["policy"]["ips"]["value"] == pytest.approx(latest["arms"]["womens_email"]["ips"]["value"])
    assert any("learned counts 2 count contacts of this time too" in note for note in latest["notes"])
    assert not any("learned counts" in note for note in (*first["notes"], *none["notes"]))


def test_counts_that_nobody_keeps_are_a_matter_of_usage(files: Path, url: str) -> None:
    judge = ("evaluate", "--project", PROJECT, "--history", files / "history.parquet")
    for words in (("--counts", "7", "--redis-url", url), ("--counts", "7"), ("--counts", "latest")):
        assert CliRunner().invoke(app, [*map(str, (*judge, *words))]).exit_code != 0
    assert befit(*judge)["learned_counts"] == 0
