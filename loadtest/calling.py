"""One client process: sends questions by a scenario's pace, notes for each how long it took and how it ended.

Open loop: latency counts from when the call was due, not from when it could be sent, so that a server that stalls is
charged for everyone who waited.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import grpc
import grpc.aio

from befit.v1.decide_pb2 import DecideResponse, Degraded
from loadtest.marking import mark_of
from loadtest.ticker import Ticker

DECIDE = "/befit.v1.DecisionService/Decide"
Stub = grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
OPTIONS = (("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0))

READY_SECONDS = 3.0
"""How long the connections may take before the measurement is given up."""


class NobodyAnswers(Exception):
    """No connection came about in time; the measurement was not begun."""


@dataclass(frozen=True, slots=True)
class Pace:
    """When to call. Times are time.monotonic seconds, the same in all processes; `concurrency` 0 = open loop.

    Calls due before `measured_from` warm up and are not noted.
    """

    start: float
    measured_from: float
    end: float
    rate: float
    concurrency: int
    deadline: float


@dataclass(slots=True)
class Noted:
    """What came of the measured calls. `latencies` s of answered ones, `late` s between due and sent of all;
    `statuses` by gRPC name, `degraded` by code, `revisions` by policy and marker (loadtest/marking.py), as
    "REVISION MARKER"."""

    latencies: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    degraded: Counter[str] = field(default_factory=Counter)
    revisions: Counter[str] = field(default_factory=Counter)

    def add(self, told: Mapping[str, Any]) -> None:
        """Take over what another process noted, as `plain` gives it."""
        self.latencies += told["latencies"]
        self.late += told["late"]
        self.statuses.update(told["statuses"])
        self.degraded.update(told["degraded"])
        self.revisions.update(told["revisions"])

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        noted = {"latencies": self.latencies, "late": self.late}
        counted = {"statuses": self.statuses, "degraded": self.degraded, "revisions": self.revisions}
        return noted | {name: dict(count) for name, count in counted.items()}


class Caller:
    """Sends the questions over its connections in turn."""

    def __init__(self, address: str, connections: int, questions: list[bytes], pace: Pace) -> None:
        self._channels = [grpc.aio.insecure_channel(address, options=OPTIONS) for _ in range(connections)]
        self._stubs: Iterator[Stub] = cycle([channel.unary_unary(DECIDE, None, None) for channel in self._channels])
        self._questions = cycle(questions)
        self._pace = pace
        self._running: set[asyncio.Task[None]] = set()
        self.noted = Noted()

    async def run(self, patience: float = READY_SECONDS) -> Noted:
        """Call until the end of the pace, then wait for the answers still due. Raises NobodyAnswers."""
        await self._connect(patience)
        await (self._closed() if self._pace.concurrency else self._open())
        for channel in self._channels:
            await channel.close()
        return self.noted

    async def _connect(self, patience: float) -> None:
        try:
            async with asyncio.timeout(patience):
                for channel in self._channels:
                    await channel.channel_ready()
        except TimeoutError:
            for channel in self._channels:
                await channel.close()
            raise NobodyAnswers(f"no server took a connection within {patience:g} s") from None

    async def _open(self) -> None:
        pace = self._pace
        total, period = round((pace.end - pace.start) * pace.rate), 1 / pace.rate
        sent, over = 0, asyncio.Event()

        def tick(due: int) -> None:
            nonlocal sent
            for _ in range(min(due, total - sent)):
                task = asyncio.create_task(self._call(pace.start + sent * period))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
                sent += 1
            if sent >= total:
                over.set()

        ticker = Ticker(pace.start, period, tick)
        await over.wait()
        ticker.stop()
        await asyncio.gather(*self._running)

    async def _closed(self) -> None:
        await asyncio.sleep(max(0.0, self._pace.start - time.monotonic()))
        await asyncio.gather(*(self._ask_on() for _ in range(self._pace.concurrency)))

    async def _ask_on(self) -> None:
        while (now := time.monotonic()) < self._pace.end:
            await self._call(now)

    async def _call(self, due: float) -> None:
        sent = time.monotonic()
        status, answer = await _answer(next(self._stubs)(next(self._questions), timeout=self._pace.deadline))
        if due >= self._pace.measured_from:
            self._note(due, sent, status, answer)

    def _note(self, due: float, sent: float, status: str, answer: bytes) -> None:
        self.noted.late.append(sent - due)
        self.noted.statuses[status] += 1
        if status == "OK":
            self.noted.latencies.append(time.monotonic() - due)
            decided = DecideResponse.FromString(answer)
            self.noted.revisions[f"{decided.policy_revision} {mark_of(decided.tier_why)}"] += 1
            for code in decided.degraded:
                self.noted.degraded[Degraded.Name(code).removeprefix("DEGRADED_")] += 1


async def _answer(call: grpc.aio.UnaryUnaryCall[bytes, bytes]) -> tuple[str, bytes]:
    try:
        return "OK", await call
    except grpc.aio.AioRpcError as failure:
        return failure.code().name, b""
