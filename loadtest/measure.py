"""One measurement: clients against a target, CPU and metrics looked at when the measured window opens and closes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from loadtest.calling import Noted
from loadtest.clients import Clients
from loadtest.processes import cpu_of_all
from loadtest.reloading import Reloads, reload
from loadtest.scenario import Scenario
from loadtest.scrape import Change, scraped
from loadtest.serving import Target

QUANTILES = (50.0, 90.0, 99.0, 99.9)


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds of all processes of one sort."""

    client: float
    workers: float
    store: float
    supervisor: float

    def since(self, before: Cpu) -> Cpu:
        return Cpu(
            self.client - before.client,
            self.workers - before.workers,
            self.store - before.store,
            self.supervisor - before.supervisor,
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement. `latencies_ms` of answered calls, float64, sorted, shape (answered,); `late_ms` how late calls
    were sent, sorted; `cpu` and `change` over `seconds`, the measured window."""

    scenario: Scenario
    seconds: float
    latencies_ms: npt.NDArray[np.float64]
    late_ms: npt.NDArray[np.float64]
    noted: Noted
    cpu: Cpu
    change: Change
    reloads: Reloads | None = None

    @property
    def answered(self) -> int:
        return len(self.latencies_ms)

    @property
    def failed(self) -> int:
        return sum(self.noted.statuses.values()) - self.answered

    @property
    def rate(self) -> float:
        """Answered calls a second."""
        return self.answered / self.seconds


async def measure(scenario: Scenario, target: Target, customers: Path | None, project: Path | None = None) -> Measured:
    """Run the scenario once; `project` is what changes are made of. Raises ClientFailed."""
    clients = await Clients.begin(scenario, target.address, customers)
    gathering = asyncio.create_task(clients.results())
    opening = clients.start + scenario.warm_up_seconds
    await _sleep_until(opening)
    if gathering.done():
        await gathering  # clients that found nobody: tell why instead of measuring nothing
    cpu, metrics = _cpu(clients, target), await _metrics(target)
    reloading = asyncio.create_task(_reloaded(scenario, target, project, opening))
    await _sleep_until(opening + scenario.seconds)
    used = _cpu(clients, target).since(cpu)
    change = Change(metrics, await _metrics(target))
    noted = await gathering
    latencies, late = _sorted_ms(noted.latencies), _sorted_ms(noted.late)
    return Measured(scenario, scenario.seconds, latencies, late, noted, used, change, await reloading)


async def _reloaded(scenario: Scenario, target: Target, project: Path | None, opening: float) -> Reloads | None:
    if project is None or not scenario.reloads:
        return None
    return await reload(scenario, target.address, project, opening)


def quantiles(values: npt.NDArray[np.float64]) -> dict[str, float]:
    """p50 to p99.9 and max of sorted values; empty without values."""
    if not len(values):
        return {}
    found = {f"p{q:g}": float(value) for q, value in zip(QUANTILES, np.percentile(values, QUANTILES), strict=True)}
    return found | {"max": float(values[-1])}


def _sorted_ms(seconds: list[float]) -> npt.NDArray[np.float64]:
    return np.sort(np.array(seconds, dtype=np.float64) * 1000)


def _cpu(clients: Clients, target: Target) -> Cpu:
    supervisor = (target.supervisor,) if target.supervisor else ()
    return Cpu(cpu_of_all(clients.pids), cpu_of_all(target.workers), cpu_of_all(target.store), cpu_of_all(supervisor))


async def _metrics(target: Target) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return dict(await asyncio.to_thread(scraped, target.metrics)) if target.metrics else {}


async def _sleep_until(at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.monotonic()))
