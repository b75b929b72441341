"""The process behind `befit serve`: owns the port, the embedded store and the workers, and answers /metrics.

It holds no customer, no model and no gRPC, so that nothing in it can fall over with a request. A worker that dies or
falls silent is replaced; a first worker that cannot start ends the server with that worker's exit code. The first
SIGTERM or SIGINT lets every worker drain, the second kills them.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from documents.problem import BefitError, DocumentInvalid, Place, Problem
from engine.config import ListenConfig, ServeConfig
from engine.embedded.store import project_store
from engine.metrics import Tally, serve_metrics
from engine.workers.exposure import expect_guarded
from engine.workers.link import Assignment
from engine.workers.supervised import Ended, WorkerPlace

WORKER_COMMAND = (sys.executable, "-m", "engine.workers.worker")
LATE = 5.0
"""Seconds that a worker gets beyond its drain time before it is killed."""

_LOG = logging.getLogger("befit.supervisor")


class PortInUse(BefitError):
    """Another program listens on the port."""


def reserve(listen: ListenConfig) -> socket.socket:
    """A bound socket that never listens: it keeps the port for the workers, who share it with SO_REUSEPORT.

    Raises PortInUse; a second server on the same port would otherwise silently take half of the calls.
    """
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        with socket.socket(family) as alone:
            alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            alone.bind((listen.host, listen.port))
        keeper = socket.socket(family)
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        keeper.bind((listen.host, listen.port))
    except OSError as failure:
        raise PortInUse(f"{listen.host}:{listen.port} cannot be used: {failure.strerror}") from failure
    return keeper


class Supervisor:
    """Runs the workers until told to stop. `announce` is called once, when all of them answer."""

    def __init__(
        self, config: ServeConfig, announce: Callable[[], None], command: Sequence[str], tally: Tally | None = None
    ) -> None:
        self._config = config
        self._announce = announce
        self.tally = tally or Tally()
        numbers = range(config.workers.workers)
        self.places = [WorkerPlace(Assignment(number, config), command, self.tally) for number in numbers]
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Let the workers drain; when they are draining already, kill them."""
        if self._stop.is_set():
            for place in self.places:
                place.kill()
        self._stop.set()

    async def run(self) -> int:
        """The exit code: 0 when told to stop, else that of a worker that could not start. The first one starts alone:
        what is wrong with a project is then told once, and not by every worker."""
        first, *others = self.places
        keeping = [asyncio.create_task(first.keep())]
        keeping += [asyncio.create_task(place.keep(after=first.ready)) for place in others]
        announcing = asyncio.create_task(self._when_ready())
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait((stopping, *keeping), return_when=asyncio.FIRST_COMPLETED)
        announcing.cancel()
        failed = [task.result() for task in keeping if task.done()]
        await self._end(keeping)
        stopping.cancel()
        return 0 if self._stop.is_set() else _exit_code(failed)

    async def _when_ready(self) -> None:
        for place in self.places:
            await place.ready.wait()
        self._announce()

    async def _end(self, keeping: Sequence[asyncio.Task[Ended]]) -> None:
        workers = self._config.workers
        for place in self.places:
            place.end()
        _, late = await asyncio.wait(keeping, timeout=workers.drain_pause_seconds + workers.drain_grace_seconds + LATE)
        if late:
            _LOG.warning("%d workers did not end in time: killed", len(late))
            for place in self.places:
                place.kill()
            await asyncio.wait(late)


def _exit_code(failed: Sequence[Ended]) -> int:
    """A worker killed by a signal counts as a plain failure."""
    return next((ended.code for ended in failed if ended.code > 0), 1)


def serve(config: ServeConfig, announce: Callable[[ServeConfig], None]) -> int:
    """Run a server until it is told to stop; the exit code. `announce` gets the configuration with the ports that
    were chosen. Raises DocumentInvalid, Exposed, PortInUse, MetricsUnavailable, EmbeddedFailed."""
    _find_project(config.project.project)
    expect_guarded(config.listen)
    with ExitStack() as owned:
        keeper = owned.enter_context(reserve(config.listen))
        listen = replace(config.listen, port=keeper.getsockname()[1])
        if listen.http_port >= 0:
            http = owned.enter_context(reserve(replace(listen, port=listen.http_port)))
            listen = replace(listen, http_port=http.getsockname()[1])
        store = config.store
        if not store.redis_url:
            store = replace(store, redis_url=owned.enter_context(project_store(config.project.project)))
        settled = replace(config, listen=listen, store=store)
        return asyncio.run(_supervise(settled, announce, owned))


def _find_project(project: Path) -> None:
    """Raise DocumentInvalid before a store is made in a folder that is no project."""
    policy = project / "policy.yaml"
    if not policy.is_file():
        place = Place(str(policy), 1, 1)
        raise DocumentInvalid([Problem("unreadable", place, "there is no policy", "name its folder with --project")])


async def _supervise(config: ServeConfig, announce: Callable[[ServeConfig], None], owned: ExitStack) -> int:
    tally = Tally()
    if config.listen.metrics_port >= 0:
        port, end = serve_metrics(tally, config.listen.host, config.listen.metrics_port)
        owned.callback(end)
        config = replace(config, listen=replace(config.listen, metrics_port=port))
    supervisor = Supervisor(config, lambda: announce(config), WORKER_COMMAND, tally)
    for told in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(told, supervisor.stop)
    return await supervisor.run()
