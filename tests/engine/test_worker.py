"""Worker processes as users run them: shared port, nothing lost when one is replaced, nothing left behind."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import grpc.aio
import pytest

from befit import Client
from befit.connection import CHANNEL_OPTIONS
from befit.v1.decide_pb2 import DecideRequest
from tests.engine.served_project import ServedProject, served, started, write_project

DECIDE = "/befit.v1.DecisionService/Decide"
APART = (*CHANNEL_OPTIONS, ("grpc.use_local_subchannel_pool", 1))
"""A connection of its own for each channel, made as the client makes it."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProject]:
    with served(write_project(tmp_path_factory.mktemp("shop")), "--workers", "2") as running:
        yield running


def _client(server: ServedProject) -> Client:
    return Client(server.says["gRPC"], deadline_ms=10_000)


def _metrics(server: ServedProject) -> str:
    with urllib.request.urlopen(server.says["metrics"]) as answer:
        return answer.read().decode()


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while True:
            if holds():
                return
            await asyncio.sleep(0.05)


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_customer_who_was_written_is_decided_for(server: ServedProject):
    with _client(server) as client:
        written = client.put_customers([{"customer_id": "anna", "features": {"tenure_months": 40.0}}])
        assert (written.written, written.rejected) == (1, 0)
        decision = client.decide("anna", "call_centre")
        assert "UNKNOWN_CUSTOMER" not in decision.degraded
        assert decision.placements == ("likely_reasons", "offer", "route", "service_level")
        assert client.get_decision(decision.id).request.customer_id == "anna"
        assert client.status().workers == 2


async def test_metrics_tell_what_all_workers_decided(server: ServedProject):
    with _client(server) as client:
        client.decide("bert", "web")
    await _until(lambda: 'befit_decisions_total{channel="web",tier="prospect"}' in _metrics(server))
    text = _metrics(server)
    assert "befit_workers_ready 2.0" in text
    assert 'befit_stage_seconds_count{stage="profile"}' in text
    assert "bert" not in text


async def _asks(server: ServedProject, answers: Counter[str], over: asyncio.Event) -> None:
    """Ask again and again over one connection, each time with a request id, and count how that ends."""
    async with grpc.aio.insecure_channel(server.says["gRPC"], options=APART) as channel:
        call = channel.unary_unary(DECIDE, None, None)
        for number in itertools.count():
            wire = DecideRequest(customer_id=f"c{number % 50}", channel="web", request_id=f"{id(channel)}-{number}")
            try:
                await call(wire.SerializeToString(), timeout=20)
                answers["OK"] += 1
            except grpc.aio.AioRpcError as error:
                answers[error.code().name] += 1
            if over.is_set():
                return


async def test_no_call_is_lost_while_each_worker_is_replaced_in_turn(server: ServedProject):
    answers: Counter[str] = Counter()
    over = asyncio.Event()
    asking = [asyncio.create_task(_asks(server, answers, over)) for _ in range(6)]
    for first in server.workers:
        os.kill(first, signal.SIGTERM)
        await _until(lambda first=first: _gone(first) and "befit_workers_ready 2.0" in _metrics(server))
    over.set()
    await asyncio.gather(*asking)
    assert answers.keys() == {"OK"}
    assert answers["OK"] > 100


async def test_a_killed_worker_is_replaced_and_the_others_answer_meanwhile(server: ServedProject):
    first = server.workers[0]
    os.kill(first, signal.SIGKILL)
    await _until(lambda: _gone(first))
    answers: Counter[str] = Counter()
    over = asyncio.Event()
    over.set()
    await asyncio.gather(*(_asks(server, answers, over) for _ in range(8)))
    assert answers == {"OK": 8}
    await _until(lambda: len(server.workers) == 2 and "befit_workers_ready 2.0" in _metrics(server))


async def test_an_action_that_is_stopped_is_soon_proposed_by_no_worker(server: ServedProject):
    """Each question over a connection of its own, so that both workers are asked."""
    (stopped,) = _offered(server)[:1]

    def offered_still() -> bool:
        return any(stopped in _offered(server) for _ in range(8))

    assert offered_still()
    with _client(server) as client:
        client.stop_action(stopped)
        await _until(lambda: not offered_still())
        client.stop_action(stopped, stopped=False)
    await _until(offered_still)


def _offered(server: ServedProject) -> list[str]:
    """What nobody in particular is offered in the call centre."""
    with _client(server) as client:
        return [one.action_id for one in client.decide("carl", "call_centre", dry_run=True).actions("offer")]


async def test_a_store_that_is_killed_is_missed_by_the_answers_and_then_back(tmp_path: Path):
    with served(write_project(tmp_path)) as server, _client(server) as client:
        client.put_customers([{"customer_id": "anna", "features": {"tenure_months": 40.0}}])
        (killed,) = server.store
        os.kill(killed, signal.SIGKILL)
        while "STORE_UNAVAILABLE" in (missed := client.decide("anna", "call_centre")).degraded:
            assert not missed.actions("offer")
        await _until(lambda: client.decide("anna", "call_centre").degraded == ("MODEL_MISSING",))


async def test_a_server_that_is_told_to_stop_leaves_nothing_behind(tmp_path: Path):
    with served(write_project(tmp_path)) as server:
        children = [*server.workers, *server.store]
        assert len(children) == 2
        server.process.terminate()
        assert await asyncio.to_thread(server.process.wait, 60) == 0
        assert all(map(_gone, children))


async def test_a_supervisor_that_is_killed_takes_workers_and_store_with_it(tmp_path: Path):
    with served(write_project(tmp_path)) as server:
        children = [*server.workers, *server.store]
        server.process.kill()
        await _until(lambda: all(map(_gone, children)))


def test_a_policy_that_does_not_compile_ends_the_server_with_its_mistakes(tmp_path: Path):
    with started(write_project(tmp_path, "mistakes.yaml")) as process:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 3
        assert "policy.yaml:" in said


def test_a_folder_that_is_no_project_is_left_as_it_is(tmp_path: Path):
    with started(tmp_path) as process:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 3
        assert "there is no policy" in said
        assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_told(server: ServedProject, tmp_path: Path):
    port = server.says["gRPC"].rpartition(":")[2]
    with started(write_project(tmp_path), "--port", port) as process:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 1
        assert port in said
