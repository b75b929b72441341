"""What the doctor makes of servers and logs, and `befit doctor` over a project and a store as it finds them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import pytest

from engine.cli.app import main
from engine.doctor.finding import Finding, State
from engine.doctor.log import log_findings
from engine.doctor.servers import server_findings
from engine.doctor.vitals import NodeVitals, StreamVitals
from tests.engine.asking import PARTITIONS
from tests.engine.served_project import write_project
from tests.engine.servers import say, url_of
from tests.engine.sunk import decide_for, sink_of

HEALTHY = {"valkey_version": "9.1.2", "used_memory": "1000000", "maxmemory": "0", "aof_enabled": "1"}
DAY = 86_400
Doctor = Callable[..., tuple[int, dict[str, Finding]]]


def judged(info: dict[str, str], ahead: float = 0.0, trip: float = 0.0002) -> dict[str, State]:
    """The states that are not well, by what was looked at."""
    found = server_findings(NodeVitals("store", HEALTHY | info, ahead, trip))
    return {one.what: one.state for one in found if one.state is not State.WELL}


@pytest.mark.parametrize(
    ("info", "what", "state"),
    [
        ({"valkey_version": "", "redis_version": "7.0.15"}, "", None),
        ({"maxmemory": "1200000"}, "memory", State.WRONG),
        ({"maxmemory_policy": "allkeys-lru"}, "eviction", State.WRONG),
        ({"aof_enabled": "0"}, "durability", State.NOTE),
        ({"aof_enabled": "0", "connected_slaves": "1"}, "", None),
        ({"aof_last_write_status": "err"}, "durability", State.WRONG),
    ],
)
def test_a_server_that_may_lose_something_is_told(info, what, state):
    assert judged(info) == ({what: state} if what else {})


def test_a_redis_without_functions_is_wrong():
    old = {"redis_version": "6.2.14", "aof_enabled": "1"}
    (first, *_) = server_findings(NodeVitals("store", old, 0.0, 0.0002))
    assert (first.state, first.found) == (State.WRONG, "Redis 6.2.14")


def test_a_clock_apart_and_a_store_far_away_are_told():
    assert judged({}, ahead=-3.0, trip=0.004) == {"clock": State.WRONG, "distance": State.NOTE}


def test_a_log_that_nobody_takes_and_a_folder_that_lags_are_told():
    streams = [StreamVitals(3, 0.0, 9 * DAY, f"{9 * DAY * 1000}-0"), StreamVitals(0, None, None, "")]
    (log,) = log_findings(streams, {}, now=10 * DAY)
    assert (log.state, log.found) == (
        State.NOTE,
        "3 entries in the store, the oldest of 10 days ago; no folder takes them",
    )
    reached = {"behind": {0: f"{5 * DAY * 1000}-0"}, "there": {0: streams[0].newest}}
    _, behind, there = log_findings(streams, reached, now=10 * DAY)
    assert behind.found == "behind the store by 4 days: nothing newer is trimmed"
    assert (behind.state, there.state) == (State.NOTE, State.WELL)


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Calls `befit doctor -o json`: exit code and findings by what was looked at."""

    def called(*words: object) -> tuple[int, dict[str, Finding]]:
        monkeypatch.setattr(sys, "argv", ["befit", "doctor", *map(str, words), "-o", "json"])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), {
            one["what"]: Finding(**one | {"state": State(one["state"])}) for one in json.loads(capsys.readouterr().out)
        }

    return called


async def test_the_log_of_a_real_store_is_followed_to_the_folder(valkey_store, tmp_path):
    await decide_for(valkey_store, 5)
    streams = await valkey_store.vitals.streams()
    assert (len(streams), sum(one.entries for one in streams)) == (PARTITIONS, 5)
    await sink_of(valkey_store, tmp_path).write()
    log, folder = log_findings(
        streams, await valkey_store.sinks.reached(), now=max(one.newest_at or 0 for one in streams)
    )
    assert log.found.startswith("5 entries in the store")
    assert (folder.state, folder.found) == (State.WELL, "has all but the newest")
    (server,) = await valkey_store.vitals.servers()
    assert server.round_trip_s > 0
    assert abs(server.ahead_s) < 1


def test_a_project_and_a_store_that_are_well_end_with_0(doctor, valkey, tmp_path):
    say(valkey.plan.address, "FLUSHALL")
    code, found = doctor("--project", write_project(tmp_path / "shop"), "--redis-url", url_of(valkey))
    assert code == 0
    assert {found[what].state for what in ("policy", "store", "clock", "eviction", "log", "alerts")} == {State.WELL}
    assert found["model"].state is State.NOTE


def test_what_does_not_load_or_answer_ends_with_4_and_says_what_to_do(doctor, tmp_path):
    project = write_project(tmp_path / "shop")
    (project / "policy.yaml").write_text("version: 1\n")
    code, found = doctor("--project", project, "--redis-url", "redis://127.0.0.1:1")
    assert code == 4
    assert found["policy"].found.startswith("does not load: ")
    assert found["policy"].mend == f"befit policy check --project {project}"
    assert found["store"].found.startswith("does not answer: 127.0.0.1:1")


def test_a_model_that_does_not_fit_is_told_before_it_is_served(doctor, tmp_path):
    code, found = doctor("--project", write_project(tmp_path / "shop"), "--bundle", tmp_path / "none")
    assert (code, found["model"].state) == (4, State.WRONG)


def test_a_project_that_was_never_served_gets_no_store_by_being_looked_at(doctor, tmp_path):
    project = write_project(tmp_path / "shop")
    _, found = doctor("--project", project)
    assert found["store"].state is State.NOTE
    assert not (project / ".befit").exists()
