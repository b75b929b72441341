"""Policies change on a busy server: no decision fails, none is made of two revisions, all workers switch at once."""

from __future__ import annotations

import asyncio
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import grpc.aio
import pytest

from befit import Client, InvalidRequest, changes
from befit.v1.decide_pb2 import DEGRADED_DECISION_FAILED, DecideRequest, DecideResponse
from tests.engine.modelled import modelled_shop
from tests.engine.served_project import ServedProject, served, write_project
from tests.engine.test_worker import APART, DECIDE

TITLE = "Films for everyone"
RELOADS = 3
SECONDS = 60.0


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[ServedProject]:
    with served(project, "--workers", "2", "--no-watch") as running:
        yield running


def _client(server: ServedProject) -> Client:
    return Client(server.says["gRPC"], deadline_ms=10_000)


def _titled(project: Path, title: str) -> dict[str, bytes]:
    """The project's files with another title for what is offered first in the shop."""
    policy = (project / "policy.yaml").read_bytes().replace(TITLE.encode(), title.encode())
    return {"policy.yaml": policy, "features.yaml": (project / "features.yaml").read_bytes()}


async def _asks(server: ServedProject, seen: Counter[tuple[str, str]], over: asyncio.Event) -> Counter[str]:
    """Ask over one connection until it is over; how that ended, and in `seen` (revision, title)."""
    ended: Counter[str] = Counter()
    async with grpc.aio.insecure_channel(server.says["gRPC"], options=APART) as channel:
        call = channel.unary_unary(DECIDE, None, DecideResponse.FromString)
        while not over.is_set():
            number = ended.total()
            wire = DecideRequest(customer_id=f"c{number % 50}", channel="web", placements=["hero"], dry_run=True)
            try:
                answer = await call(wire.SerializeToString(), timeout=20)
            except grpc.aio.AioRpcError as error:
                ended[error.code().name] += 1
                continue
            ended["FAILED" if DEGRADED_DECISION_FAILED in answer.degraded else "OK"] += 1
            for action in answer.placements[0].actions:
                if action.action_id == "film_box":
                    seen[answer.policy_revision, action.content.title] += 1
    return ended


async def test_policies_are_put_in_force_under_load(server: ServedProject, project: Path):
    seen: Counter[tuple[str, str]] = Counter()
    over = asyncio.Event()
    asking = [asyncio.create_task(_asks(server, seen, over)) for _ in range(4)]
    titles = {}
    with _client(server) as client:
        titles[client.status().policy_revision] = TITLE
        for number in range(RELOADS):
            call = changes.activate(files=_titled(project, f"Films {number}"), author="mia")
            answer = await asyncio.to_thread(client.run, call, SECONDS)
            assert (answer.activated, answer.workers, list(answer.late_workers)) == (True, 2, [])
            titles[answer.policy_revision] = f"Films {number}"
            now = (answer.policy_revision, f"Films {number}")
            await _until(lambda now=now: seen[now] > 0)
    over.set()
    ended = sum(await asyncio.gather(*asking), Counter())
    assert ended.keys() == {"OK"}
    assert set(seen) == set(titles.items())


async def test_all_workers_switch_within_a_second(server: ServedProject, project: Path):
    """After the moment that was agreed for it nobody decides by what was before for longer than that."""
    with _client(server) as client:
        answer = client.run(changes.activate(files=_titled(project, "At once")), SECONDS)
        assert answer.workers == 2
        in_force = client.status().in_force
        assert (in_force.policy_revision, in_force.epoch) == (answer.policy_revision, answer.epoch)
    await _until(lambda: f'policy="{answer.policy_revision}"}} 2.0' in _metrics(server))
    late = [line for line in _metrics(server).splitlines() if line.startswith("befit_switch_seconds_bucket")]
    within = next(float(line.rpartition(" ")[2]) for line in late if 'le="1.0"' in line)
    every = next(float(line.rpartition(" ")[2]) for line in late if 'le="+Inf"' in line)
    assert within == every > 0


def test_a_candidate_that_does_not_hold_changes_nothing(server: ServedProject, project: Path):
    with _client(server) as client:
        before = client.status().policy_revision
        broken = _titled(project, TITLE) | {"policy.yaml": b"version: 1\ncompany: [\n"}
        answer = client.run(changes.activate(files=broken), SECONDS)
        assert (answer.activated, client.status().policy_revision) == (False, before)
        assert [(one.file, one.line) for one in answer.problems] == [("policy.yaml", 3)]


def test_a_candidate_whose_suite_fails_changes_nothing(server: ServedProject, project: Path):
    suite = b"""version: 1
suite: What nobody promised
now: 2026-09-24T12:00:00+02:00
moments: {call: {channel: call_centre}}
cases:
  - {name: a stranger is known, customer: {}, moment: call, expect: {tier: relationship_1}}
"""
    with _client(server) as client:
        before = client.status().policy_revision
        answer = client.run(changes.activate(files=_titled(project, "Moon") | {"moon_test.yaml": suite}), SECONDS)
        assert (answer.activated, client.status().policy_revision) == (False, before)
        assert [case.name for case in answer.failed_cases] == ["a stranger is known"]


def test_a_rollback_leads_back_to_what_was_before(server: ServedProject, project: Path):
    with _client(server) as client:
        first = client.status().policy_revision
        assert client.run(changes.activate(files=_titled(project, "Oops")), SECONDS).activated
        assert client.run(changes.roll_back(author="tom", note="oops"), SECONDS).result.policy_revision == first
        assert client.status().policy_revision == first
        newest, *_ = client.run(changes.list_revisions(1)).history
        assert (newest.origin, newest.author, newest.note) == ("rollback", "tom", "oops")


def test_a_model_is_put_in_force_and_taken_away(server: ServedProject, project: Path):
    modelled_shop(project / "models")
    with _client(server) as client:
        given = client.run(changes.activate(bundle="models"), SECONDS)
        assert (given.activated, client.status().model_name) == (True, "shop")
        assert "MODEL_MISSING" not in client.decide("carl", "web").degraded
        assert client.run(changes.activate(without_model=True), SECONDS).model_revision == ""
        with pytest.raises(InvalidRequest):
            client.run(changes.activate(bundle="../elsewhere"), SECONDS)


def _metrics(server: ServedProject) -> str:
    with urllib.request.urlopen(server.says["metrics"]) as answer:
        return answer.read().decode()


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while True:
            if await asyncio.to_thread(holds):
                return
            await asyncio.sleep(0.02)
