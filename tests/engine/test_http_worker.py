"""JSON over HTTP as users run it: `befit serve --http-port`, several workers at one port, nothing lost in between."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.engine.over_http import Replied, line, next_reply, replied
from tests.engine.served_project import ServedProject, served, started, write_project


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProject]:
    project = write_project(tmp_path_factory.mktemp("shop"))
    with served(project, "--workers", "2", "--http-port", "0") as running:
        yield running


def _port(server: ServedProject) -> int:
    port = urlsplit(server.says["http"]).port
    assert port is not None
    return port


async def _get(server: ServedProject, path: str) -> Replied:
    async with line(_port(server)) as (reader, writer):
        writer.write(f"GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".encode())
        return replied(await reader.read())


def _question(customer: str, request_id: str) -> bytes:
    body = json.dumps({"customerId": customer, "channel": "web", "requestId": request_id}).encode()
    head = "POST /v1/decide HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def _all_ready(server: ServedProject) -> bool:
    with urllib.request.urlopen(server.says["metrics"]) as answer:
        return "befit_workers_ready 2.0" in answer.read().decode()


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while True:
            if holds():
                return
            await asyncio.sleep(0.05)


async def _asks(server: ServedProject, answers: Counter[str], over: asyncio.Event) -> None:
    """Ask on over kept connections, as clients do: a connection that ends before any answer is made anew."""
    numbers = itertools.count()
    while not over.is_set():
        try:
            async with line(_port(server)) as (reader, writer):
                last = False
                while not over.is_set() and not last:
                    number = next(numbers)
                    writer.write(_question(f"c{number % 50}", f"{id(numbers)}-{number}"))
                    reply = await next_reply(reader)
                    answers[str(reply.status)] += 1
                    last = reply.headers.get("connection") == "close"
        except (ConnectionError, asyncio.IncompleteReadError):
            answers["again"] += 1


async def test_every_page_is_there_and_metrics_are_those_of_all_workers(server: ServedProject):
    assert server.says["http"].endswith("/docs")
    assert "/v1/simulate" in (await _get(server, "/docs")).body.decode()
    metrics = await _get(server, "/metrics")
    assert "befit_workers_ready 2.0" in metrics.body.decode()
    assert metrics.headers["content-type"].startswith("text/plain")
    assert (await _get(server, "/readyz")).json["ready"]
    assert (await _get(server, "/v1/status")).json["workers"] == 2


async def test_no_request_is_lost_while_each_worker_is_replaced_in_turn(server: ServedProject):
    answers: Counter[str] = Counter()
    over = asyncio.Event()
    asking = [asyncio.create_task(_asks(server, answers, over)) for _ in range(6)]
    for first in server.workers:
        os.kill(first, signal.SIGTERM)
        await _until(lambda first=first: first not in server.workers and _all_ready(server))
    over.set()
    await asyncio.gather(*asking)
    assert answers.keys() <= {"200", "again"}
    assert answers["200"] > 100
    assert answers["again"] <= 12


def test_a_port_that_is_taken_is_told(server: ServedProject, tmp_path: Path):
    with started(write_project(tmp_path), "--http-port", str(_port(server))) as process:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 1
        assert str(_port(server)) in said


def test_without_a_port_there_is_no_http(tmp_path: Path):
    with served(write_project(tmp_path)) as server:
        assert "http" not in server.says
