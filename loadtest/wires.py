"""JSON over HTTP beside gRPC in one run: `python -m loadtest.wires [--calls N] [--callers N]`.

The same questions go to the same worker in blocks, gRPC, HTTP, HTTP, gRPC and so on, so that whatever else the machine
does meets both; what counts is the ratio. Callers wait for each answer and read none of it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import grpc.aio
import numpy as np
import orjson
import uvloop
from google.protobuf.json_format import MessageToDict
from rich.console import Console
from rich.table import Table

from befit.v1.decide_pb2 import DecideRequest
from loadtest.calling import DECIDE, OPTIONS, Stub
from loadtest.company import Company, company
from loadtest.processes import cpu_of_all
from loadtest.questions import encoded
from loadtest.scenario import load
from loadtest.serving import Target, serving

HOME = Path("build/loadtest")
SCENARIO = "alone"
BLOCKS = ("grpc", "http", "http", "grpc")
QUANTILES = (50, 90, 99)
Call = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Wire:
    """One way to ask. `seconds` of each call; `cpu` seconds of the workers meanwhile."""

    callers: Sequence[Call]
    seconds: list[float] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def figures(self) -> list[float]:
        """p50, p90, p99 in ms, and the workers' CPU in us, per call."""
        ms = np.percentile(np.array(self.seconds) * 1000, QUANTILES)
        return [*map(float, ms), self.cpu / len(self.seconds) * 1e6]


class Refused(Exception):
    """An answer over HTTP that is none; the message is its first line."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="loadtest.wires", description="Compare HTTP with gRPC.")
    parser.add_argument("--calls", type=int, default=500, help="calls of one caller in one block")
    parser.add_argument("--rounds", type=int, default=3, help="how often the blocks are gone through")
    parser.add_argument("--callers", type=int, default=1, help="callers at a time, each with a connection")
    return parser.parse_args()


@asynccontextmanager
async def grpc_caller(address: str, questions: Iterator[bytes]) -> AsyncIterator[Call]:
    async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
        ask: Stub = channel.unary_unary(DECIDE, None, None)
        await channel.channel_ready()

        async def call() -> None:
            await ask(next(questions))

        yield call


@asynccontextmanager
async def http_caller(address: str, questions: Iterator[bytes]) -> AsyncIterator[Call]:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))

    async def call() -> None:
        writer.write(next(questions))
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.lower().split(b"\r\n")
        if b" 200 " not in first:
            raise Refused(first.decode())
        length = next(line for line in lines if line.startswith(b"content-length:"))
        await reader.readexactly(int(length[15:]))

    try:
        yield call
    finally:
        writer.transport.abort()


def posted(question: bytes) -> bytes:
    """A question as a request over HTTP."""
    body = orjson.dumps(MessageToDict(DecideRequest.FromString(question)))
    head = "POST /v1/decide HTTP/1.1\r\nhost: loadtest\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


async def asked_on(call: Call, count: int) -> list[float]:
    """Seconds of each of so many calls, one after the other."""
    took = []
    for _ in range(count):
        began = time.perf_counter()
        await call()
        took.append(time.perf_counter() - began)
    return took


async def compared(target: Target, made: Company, asked: argparse.Namespace) -> dict[str, Wire]:
    """Both wires, measured in turn; the first block of each warms up and is not counted."""
    questions = encoded(load(SCENARIO), made.ids.read_text().split(), 0)
    ours, posts = cycle(questions), cycle([posted(question) for question in questions])
    async with AsyncExitStack() as held:
        callers = range(asked.callers)
        over_grpc = [await held.enter_async_context(grpc_caller(target.address, ours)) for _ in callers]
        over_http = [await held.enter_async_context(http_caller(target.http, posts)) for _ in callers]
        wires = {"grpc": Wire(over_grpc), "http": Wire(over_http)}
        for place, name in enumerate(("grpc", "http", *BLOCKS * asked.rounds)):
            wire, before = wires[name], cpu_of_all(target.workers)
            took = await asyncio.gather(*(asked_on(call, asked.calls) for call in wire.callers))
            if place >= 2:
                wire.cpu += cpu_of_all(target.workers) - before
                wire.seconds += [one for each in took for one in each]
    return wires


def shown(wires: dict[str, Wire]) -> Table:
    table = Table("", "p50 ms", "p90 ms", "p99 ms", "worker CPU us", "calls")
    ours, theirs = wires["grpc"], wires["http"]
    for name, wire in wires.items():
        *ms, cpu = wire.figures
        table.add_row(name, *(f"{one:.2f}" for one in ms), f"{cpu:,.0f}", f"{len(wire.seconds):,}")
    ratios = [after / before for before, after in zip(ours.figures, theirs.figures, strict=True)]
    table.add_row("http / grpc", *(f"{ratio:.2f}" for ratio in ratios), "")
    return table


async def measured(asked: argparse.Namespace) -> dict[str, Wire]:
    made = company(HOME, load(SCENARIO).customers, lambda text: print(text, file=sys.stderr, flush=True))
    async with serving(made, workers=1, http=True) as target:
        return await compared(target, made, asked)


def main() -> int:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        Console().print(shown(runner.run(measured(arguments()))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
