"""One worker process: loads the project, opens the store, answers on the shared port, drains when told to stop.

Run by the supervisor as `python -m engine.workers.worker DESCRIPTOR`. Exit codes: 0 drained, 1 something is missing,
3 a file does not compile. Weak side: a SIGTERM while the project loads takes effect when it has loaded.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import logging
import signal
import socket
import sys
import time

import uvloop

from documents.problem import BefitError, DocumentInvalid
from engine.counts import Counts
from engine.http.at_work import front_of
from engine.http.server import HttpServer
from engine.running import Running, start
from engine.service.admin import ThisWorker
from engine.service.calls import Calls
from engine.service.server import Server
from engine.workers.gc_pauses import settle, watch
from engine.workers.link import BEATS_PER_SILENCE, Assignment, Link, LinkBroken, Report, open_link
from engine.workers.parent import ends_with_parent
from models.bundle import BundleRefused

COUNTS_SECONDS = 1.0
_LOG = logging.getLogger("befit.worker")


def version() -> str:
    """Befit's version, "0" where it runs without being installed."""
    try:
        return importlib.metadata.version("befit")
    except importlib.metadata.PackageNotFoundError:
        return "0"


class Worker:
    """One worker from its assignment to its end."""

    def __init__(self, assignment: Assignment, link: Link) -> None:
        self._config = assignment.config
        self._number = assignment.number
        self._ended = assignment.ended
        self._orders, self._reports = link
        self._counts = Counts()
        self._stop = asyncio.Event()

    async def run(self) -> int:
        """Serve until told to stop; the exit code. Raises BefitError where it cannot begin."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop.set)
        running = await start(self._config, self._counts)
        if self._ended:
            running.succeed(self._ended)
        try:
            await self._serve(running)
        finally:
            await running.close()
        return 0

    async def _serve(self, running: Running) -> None:
        config = self._config
        this = ThisWorker(version(), config.workers.workers, time.time())
        calls = Calls(self._counts)
        server = Server(running.ports, calls, config.listen, this)
        channels = running.ports.policy
        http = HttpServer(front_of(server.unaries, calls, config.listen, lambda: list(channels().channels)))
        watch(self._counts)
        settle()
        await server.start(config.listen.host, config.listen.port)
        if config.listen.http_port >= 0:
            await http.start(config.listen)
        self._send(Report(ready=True))
        async with asyncio.TaskGroup() as group:
            chores = [self._beat(), self._refresh(running, server, http), self._outlive_no_supervisor()]
            chores += running.chores(self._number)
            tasks = [group.create_task(chore) for chore in chores]
            await self._stop.wait()
            await asyncio.gather(server.drain(config.workers), http.drain(config.workers))
            for task in tasks:
                task.cancel()
        self._send(Report(counts=self._counts.snapshot()))
        await self._reports.drain()

    async def _beat(self) -> None:
        """Show the supervisor that the loop turns, and once a second what was counted."""
        period = min(COUNTS_SECONDS, self._config.workers.silence_ms / 1000 / BEATS_PER_SILENCE)
        late = self._counts.observer("befit_loop_lag_seconds", "main")
        told = 0.0
        while True:
            due = time.perf_counter() + period
            await asyncio.sleep(period)
            now = time.perf_counter()
            late(max(0.0, now - due))
            if now - told >= COUNTS_SECONDS:
                told = now
                self._send(Report(counts=self._counts.snapshot()))
            else:
                self._send(Report())

    async def _refresh(self, running: Running, server: Server, http: HttpServer) -> None:
        """Take over what other workers or commands changed, and tell whether decisions lack the store."""
        while True:
            full = await running.refresh()
            http.front.standing.full_quality = full
            await server.quality(full)
            await asyncio.sleep(running.pause)

    async def _outlive_no_supervisor(self) -> None:
        await self._orders.read()
        self._stop.set()

    def _send(self, report: Report) -> None:
        if not self._reports.is_closing():
            self._reports.write(report.to_line())


async def _work(descriptor: int) -> int:
    link = await open_link(socket.socket(fileno=descriptor))
    with contextlib.closing(link[1]):
        return await Worker(Assignment.from_line(await link[0].readline()), link).run()


def main(descriptor: int) -> int:
    """The worker's whole life; the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(process)d %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ends_with_parent(signal.SIGTERM)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_work(descriptor))
    except (DocumentInvalid, BundleRefused) as refused:
        sys.stderr.write(f"error {refused}\n")
        return 3
    except LinkBroken:
        return 1
    except BefitError as failure:
        sys.stderr.write(f"error {failure}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
