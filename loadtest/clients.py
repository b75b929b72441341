"""All client processes of one measurement: started together, gathered together."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from loadtest.calling import Noted, Pace
from loadtest.client import Orders
from loadtest.scenario import Scenario

COMMAND = (sys.executable, "-m", "loadtest.client")
START_SECONDS = 3.0
"""Between starting the processes and their first call: imports, encoding of questions, connections."""


class ClientFailed(Exception):
    """A client process ended without a result; the message is what it said."""


def paces(scenario: Scenario, start: float) -> list[Pace]:
    """The pace of each client: arrivals of all of them together are even."""
    between = 1 / scenario.rate if scenario.mode == "open" else 0.0
    concurrency = -(-scenario.concurrency // scenario.clients) if scenario.mode == "closed" else 0
    return [
        Pace(
            start=start + number * between,
            measured_from=start + scenario.warm_up_seconds,
            end=start + scenario.window,
            rate=scenario.rate / scenario.clients,
            concurrency=concurrency,
            deadline=scenario.deadline_ms / 1000,
        )
        for number in range(scenario.clients)
    ]


class Clients:
    """The running client processes. `start` is the time.monotonic of the first call."""

    def __init__(self, processes: Sequence[asyncio.subprocess.Process], start: float) -> None:
        self._processes = processes
        self.start = start

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._processes]

    @staticmethod
    async def begin(scenario: Scenario, address: str, customers: Path | None) -> Clients:
        """Start one process per client and give it its orders."""
        start = time.monotonic() + START_SECONDS
        processes = []
        for number, pace in enumerate(paces(scenario, start)):
            process = await asyncio.create_subprocess_exec(
                *COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**30
            )
            connections = scenario.connections // scenario.clients
            orders = Orders(number, address, connections, str(customers or ""), asdict(scenario), asdict(pace))
            assert process.stdin is not None
            process.stdin.write(json.dumps(asdict(orders)).encode())
            process.stdin.close()
            processes.append(process)
        return Clients(processes, start)

    async def results(self) -> Noted:
        """What all of them noted. Raises ClientFailed."""
        outputs = await asyncio.gather(*(process.communicate() for process in self._processes))
        total = Noted()
        for process, (said, _) in zip(self._processes, outputs, strict=True):
            if process.returncode != 0:
                raise ClientFailed(f"a client ended with {process.returncode}")
            total.add(json.loads(said))
        return total
