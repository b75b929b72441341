"""The supervisor's promises, held with real processes: replaced when dead or silent, ended in order, ports kept."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.config import ListenConfig, ServeConfig, WorkersConfig
from engine.counts import Counts
from engine.workers.link import Assignment, LinkBroken, Report
from engine.workers.supervisor import PortInUse, Supervisor, reserve

FAKE = ("-m", "tests.engine.fake_worker")
PATIENT = WorkersConfig(workers=2, drain_pause_seconds=0, drain_grace_seconds=0, silence_ms=20_000)
HASTY = WorkersConfig(workers=1, drain_pause_seconds=0, drain_grace_seconds=0, silence_ms=1000)


@asynccontextmanager
async def _supervised(mode: str, workers: WorkersConfig) -> AsyncIterator[tuple[Supervisor, asyncio.Task[int]]]:
    ready = asyncio.Event()
    supervisor = Supervisor(ServeConfig(workers=workers), ready.set, (sys.executable, *FAKE, mode))
    running = asyncio.create_task(supervisor.run())
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    try:
        yield supervisor, running
    finally:
        supervisor.stop()
        supervisor.stop()
        await running


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            if holds():
                return
            await asyncio.sleep(0.01)


def _gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


async def test_all_workers_run_and_end_in_order_when_told():
    async with _supervised("beats", PATIENT) as (supervisor, running):
        pids = [place.pid for place in supervisor.places]
        assert supervisor.tally.ready == 2
        supervisor.stop()
        assert await running == 0
        assert all(map(_gone, pids))


async def test_a_worker_that_is_killed_is_replaced_and_its_counts_are_kept():
    async with _supervised("beats", PATIENT) as (supervisor, _):
        place = supervisor.places[1]
        await _until(lambda: 1 in supervisor.tally.workers)
        first = place.pid
        os.kill(first, signal.SIGKILL)
        await _until(lambda: place.pid != first and supervisor.tally.ready == 2 and 1 in supervisor.tally.workers)
        assert supervisor.tally.of(1).counters[("befit_calls", ("Decide", "OK"))] == 22
        assert supervisor.tally.restarts == 1


@pytest.mark.parametrize("mode", ["falls-silent", "talks-nonsense"])
async def test_a_worker_without_a_heartbeat_is_killed_and_replaced(mode: str):
    async with _supervised(mode, HASTY) as (supervisor, _):
        first = supervisor.places[0].pid
        await _until(lambda: supervisor.tally.restarts >= 1)
        assert _gone(first)


async def test_a_stopped_worker_is_killed_and_replaced():
    async with _supervised("beats", HASTY) as (supervisor, _):
        first = supervisor.places[0].pid
        os.kill(first, signal.SIGSTOP)
        await _until(lambda: supervisor.tally.restarts >= 1 and supervisor.tally.ready == 1)
        assert _gone(first)


async def test_a_first_worker_that_cannot_start_ends_the_server_with_its_code():
    async with _supervised("refuses", PATIENT) as (_, running):
        assert await running == 3


async def test_the_others_start_once_the_first_worker_is_ready():
    async with _supervised("refuses", WorkersConfig(workers=4)) as (supervisor, running):
        assert await running == 3
        assert [place.pid is not None for place in supervisor.places] == [True, False, False, False]


async def test_a_second_signal_kills_workers_that_do_not_end():
    slow = WorkersConfig(workers=1, drain_pause_seconds=600, silence_ms=20_000)
    async with _supervised("ignores-term", slow) as (supervisor, running):
        pid = supervisor.places[0].pid
        supervisor.stop()
        await asyncio.sleep(0)
        assert not running.done()
        supervisor.stop()
        assert await running == 0
        assert _gone(pid)


def test_a_reserved_port_is_shared_with_workers_and_with_no_one_else():
    with reserve(ListenConfig(port=0)) as keeper:
        port = keeper.getsockname()[1]
        with socket.socket() as worker:
            worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            worker.bind(("127.0.0.1", port))
            worker.listen()
            with pytest.raises(PortInUse, match=str(port)):
                reserve(ListenConfig(port=port))


def test_an_assignment_reaches_the_worker_as_it_was_given():
    config = ServeConfig(listen=ListenConfig(port=7001, reflection=True), workers=WorkersConfig(workers=3))
    sent = Assignment(2, config)
    assert Assignment.from_line(sent.to_line()) == sent
    with pytest.raises(LinkBroken):
        Assignment.from_line(b"")


def test_a_report_is_a_beat_unless_it_says_more():
    counts = Counts()
    counts.add("befit_degraded", ("MODEL_MISSING",))
    for report in (Report(), Report(ready=True), Report(counts=counts.snapshot())):
        assert Report.from_line(report.to_line()) == report
    with pytest.raises(LinkBroken):
        Report.from_line(b"[1]\n")
