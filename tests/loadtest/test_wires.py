"""HTTP and gRPC are asked the same, and told beside each other."""

from __future__ import annotations

from io import StringIO
from itertools import repeat

import pytest
from rich.console import Console

from befit.v1.decide_pb2 import DecideRequest
from loadtest.wires import Refused, Wire, asked_on, grpc_caller, http_caller, posted, shown
from tests.engine.over_http import over_http
from tests.engine.service_fakes import FakeEngine, all_ports

QUESTION = DecideRequest(customer_id="ü1", channel="web", max_actions=2).SerializeToString()


async def test_both_wires_ask_the_same_question():
    fake = FakeEngine()
    async with (
        over_http(all_ports(fake)) as served,
        grpc_caller(served.grpc.address, repeat(QUESTION)) as ours,
        http_caller(f"127.0.0.1:{served.port}", repeat(posted(QUESTION))) as http,
    ):
        assert len(await asked_on(ours, 3) + await asked_on(http, 3)) == 6
    assert len(fake.asked) == 6
    assert len(set(map(repr, fake.asked))) == 1


async def test_an_answer_that_is_none_ends_the_measurement():
    async with over_http(all_ports(FakeEngine())) as served:
        caller = http_caller(f"127.0.0.1:{served.port}", repeat(posted(b"")))
        with pytest.raises(Refused, match="400"):
            async with caller as http:
                await http()


def test_the_ratio_is_that_of_the_medians():
    told = Console(width=120, record=True, file=StringIO())
    wires = {"grpc": Wire((), [0.002] * 3, cpu=0.003), "http": Wire((), [0.003] * 3, cpu=0.0045)}
    told.print(shown(wires))
    text = told.export_text()
    assert "http / grpc" in text
    assert text.count("1.50") >= 2
