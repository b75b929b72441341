"""`befit learn` and `befit drift` over a log that a sink wrote, and the figures they leave in the store."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.cli.app import app
from engine.embedded.server_process import ServerProcess
from engine.history_terms import history_terms
from engine.learning.log_history import log_history
from engine.learning.log_source import contacts_of
from engine.learning.published_drift import gauges
from engine.learning.store import Learned
from engine.redis.store import RedisStore
from engine.sink.log_files import write_log
from models.bundle_writer import write_bundle
from models.fit import FitSettings
from models.train import TrainSettings, train
from tests.engine.company import DAY, NOW, Company, corner_shop
from tests.engine.conftest import PATIENT, servers_of
from tests.engine.served_project import write_project
from tests.engine.servers import url_of
from tests.engine.test_learning_log import eager, met

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A project, and the folder of the log of one day; a decision long after closes all windows."""
    folder = tmp_path_factory.mktemp("shop")
    company = Company(eager(corner_shop()))

    async def happened() -> None:
        await met(company)
        await company.decide(now=NOW + 400 * DAY)

    asyncio.run(happened())
    write_log(folder / "log", [(number, one) for number, log in company.store.logs.items() for _, one in log])
    return write_project(folder / "project"), folder / "log"


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    servers: list[ServerProcess] = servers_of("valkey", request)
    return url_of(*servers)


def befit(*words: object) -> tuple[int, str]:
    done = RUNNER.invoke(app, [*map(str, words)])
    return done.exit_code, done.output


async def kept(url: str) -> tuple[Learned, bytes | None]:
    store = RedisStore(url, "asking", PATIENT)
    await store.open()
    try:
        return await store.learned.read(Learned()), await store.learned.read_drift()
    finally:
        await store.close()


def test_counts_are_published_once_and_again_when_there_is_more(shop: tuple[Path, Path], url: str) -> None:
    project, log = shop
    learn = ("learn", "--log", log, "--project", project, "--redis-url", url, "-o", "json")
    code, told = befit(*learn)
    first = json.loads(told)
    assert (code, first["number"], first["published"]) == (0, 1, True)
    assert first["windows"] > 300
    assert {cell["channel"] for cell in first["cells"]} == {"web"}
    code, told = befit(*learn)
    assert (code, json.loads(told)["number"], json.loads(told)["published"]) == (0, 1, False)
    code, told = befit(*learn, "--half-life", "30d")
    assert (code, json.loads(told)["number"]) == (0, 2)
    learned, _ = asyncio.run(kept(url))
    assert (learned.number, learned.counts.half_life) == (2, 30 * DAY)


def test_a_dry_run_publishes_nothing(shop: tuple[Path, Path], url: str) -> None:
    project, log = shop
    code, told = befit("learn", "--log", log, "--project", project, "--redis-url", url, "--dry-run")
    assert (code, "nothing new" in told) == (0, True)
    assert asyncio.run(kept(url))[0] == Learned()


def test_nothing_is_published_before_a_window_has_closed(url: str, tmp_path: Path) -> None:
    company = Company(eager(corner_shop()))
    asyncio.run(company.decide())
    write_log(tmp_path / "log", [(number, one) for number, log in company.store.logs.items() for _, one in log])
    project = write_project(tmp_path / "project")
    code, told = befit("learn", "--log", tmp_path / "log", "--project", project, "--redis-url", url)
    assert (code, "0 closed windows, nothing new to publish" in told) == (0, True)
    assert asyncio.run(kept(url))[0] == Learned()


def test_drift_is_told_and_published(shop: tuple[Path, Path], url: str, tmp_path: Path) -> None:
    project, log = shop
    snapshot = corner_shop()
    terms = history_terms(snapshot.schema, snapshot.policy.policy)
    settings = TrainSettings(fit=FitSettings(rounds=10, threads=1))
    history = log_history(contacts_of(log, snapshot, None, NOW + 300), snapshot)
    write_bundle(tmp_path / "bundle", train(history, terms, settings, NOW, lambda _step, _done: None).parts)
    drift = ("drift", "--log", log, "--bundle", tmp_path / "bundle", "--project", project)
    code, told = befit(*drift, "--publish", "--redis-url", url, "-o", "json")
    said = json.loads(told)
    assert code == (4 if said["alarms"] else 0)
    assert said["rows"] > 100
    shown = gauges(asyncio.run(kept(url))[1])
    assert set(shown["befit_drift_index"]) == {(said["model"], name) for name in (*said["inputs"], "score")}
    code, told = befit(*drift, "--since", "2030-01-01")
    assert code != 0
