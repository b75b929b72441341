"""A server for one measurement: started on a fresh store, filled, and stopped."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from loadtest.company import Company, fill
from loadtest.processes import children, command_line

COMMAND = (sys.executable, "-c", "from engine.cli.app import main; main()", "serve")


class ServerFailed(Exception):
    """The server did not come up; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is measured. `metrics` and `http` are HOST:PORT, "" = none. Process ids are empty for a server elsewhere."""

    address: str
    metrics: str = ""
    http: str = ""
    supervisor: int = 0
    workers: tuple[int, ...] = ()
    store: tuple[int, ...] = ()


@asynccontextmanager
async def serving(made: Company, workers: int, http: bool = False) -> AsyncIterator[Target]:
    """A server of our own for the company, over HTTP too where asked, until the block ends. Raises ServerFailed."""
    shutil.rmtree(made.project / ".befit", ignore_errors=True)
    flags = ("--project", str(made.project), "--bundle", str(made.bundle), "--workers", str(workers))
    ports = ("--port", "0", "--metrics-port", "0", "--http-port", "0" if http else "-1")
    process = await asyncio.create_subprocess_exec(*COMMAND, *flags, *ports, stdout=asyncio.subprocess.PIPE)
    try:
        says = await _announced(process)
        await fill(made, says["store"])
        yield _target(process.pid, says)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _announced(process: asyncio.subprocess.Process) -> dict[str, str]:
    assert process.stdout is not None
    says: dict[str, str] = {}
    async for line in process.stdout:
        name, _, address = line.decode().strip().partition(" ")
        says[name] = address.strip()
        if name == "store":
            return says
    raise ServerFailed(f"the server ended with {await process.wait()}")


def _target(supervisor: int, says: dict[str, str]) -> Target:
    begun = {pid: command_line(pid) for pid in children(supervisor)}
    return Target(
        address=says["gRPC"],
        metrics=says["metrics"].removeprefix("http://").removesuffix("/metrics"),
        http=says.get("http", "").removeprefix("http://").removesuffix("/docs"),
        supervisor=supervisor,
        workers=tuple(pid for pid, line in begun.items() if "engine.workers.worker" in line),
        store=tuple(pid for pid, line in begun.items() if "valkey-server" in line),
    )
