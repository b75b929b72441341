"""`befit replay`: one decision or all, under the revisions of then; ends with 4 where the engine decides otherwise."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli.app import main
from engine.config import ListenConfig, ProjectConfig, ServeConfig, StoreConfig
from engine.counts import Counts
from engine.decision import Decision, Request
from engine.ids import CustomerKey
from engine.running import start
from models import value
from tests.engine.company import NOW
from tests.engine.conftest import servers_of
from tests.engine.served_project import write_project
from tests.engine.servers import url_of

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "shop")


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return url_of(*servers_of("valkey", request))


@pytest.fixture
def decided(project: Path, url: str) -> list[str]:
    """Decisions of a project at work, whose policy changed since."""

    async def decide() -> list[str]:
        store = StoreConfig(redis_url=url, read_timeout_ms=5000, commit_timeout_ms=5000)
        running = await start(ServeConfig(ProjectConfig(project=project), ListenConfig(), store), Counts())
        asked = [Request(CustomerKey("default", f"c{number}"), "web") for number in range(3)]
        made = [await running.ports.deciding.decide(one, NOW + place) for place, one in enumerate(asked)]
        await running.close()
        return [one.decision_id for one in made if isinstance(one, Decision)]

    found = asyncio.run(decide())
    policy = project / "policy.yaml"
    policy.write_text(policy.read_text().replace("upgrade_unlimited: 10}", "upgrade_unlimited: 90}"))
    return found


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, project: Path, url: str) -> Command:
    """Calls `befit replay`: exit code, output, errors."""
    monkeypatch.setenv("COLUMNS", "200")

    def called(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["befit", "replay", *words, "--project", str(project), "--redis-url", url])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return called


def test_everything_is_the_same_under_the_revisions_of_then(command: Command, decided: list[str]):
    code, out, _ = command("--all")
    assert code == 0
    assert out.startswith("3 the same, 0 otherwise, 0 that cannot be made again, in ")
    code, out, _ = command(decided[1], "-o", "json")
    wanted = {"same": 1, "differs": 0, "not_replayable": 0, "decisions": []}
    assert (code, json.loads(out) | {"seconds": 0}) == (0, wanted | {"seconds": 0})


def test_an_engine_that_decides_otherwise_is_told_and_ends_with_4(
    command: Command, decided: list[str], monkeypatch: pytest.MonkeyPatch
):
    right = value.priority
    monkeypatch.setattr("engine.score.priority", lambda terms: right(terms) + 1.0)
    code, out, err = command("--all", "-o", "json")
    told = json.loads(out)
    assert (code, told["differs"], told["same"]) == (4, 3, 0)
    assert "3 decisions come out otherwise" in err
    assert {one["decision_id"] for one in told["decisions"]} == set(decided)
    assert "scored.priority" in {one["field"] for one in told["decisions"][0]["differences"]}
    code, out, _ = command(decided[0])
    assert code == 4
    assert "scored.priority" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name a decision, or say --all"),
        (("0001-01a0d7406607-0000000036", "--all"), "name a decision, or say --all"),
        (("decision",), "decision is no decision's id"),
        (("0001-01a0d7406607-0000000036",), "no decision 0001-01a0d7406607-0000000036 is logged"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_mistake(command: Command, words: tuple[str, ...], said: str):
    code, _, err = command(*words)
    assert code == 2
    assert said in err
