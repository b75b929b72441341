"""A client process: reads its orders from stdin, calls, writes what it noted to stdout. Run by loadtest/clients.py."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from loadtest.calling import Caller, NobodyAnswers, Noted, Pace
from loadtest.questions import encoded
from loadtest.scenario import Scenario, read


@dataclass(frozen=True, slots=True)
class Orders:
    """What one client process is to do. `customers` is a file with one id a line, "" = all are strangers."""

    number: int
    address: str
    connections: int
    customers: str
    scenario: dict[str, Any]
    pace: dict[str, Any]


def questions_of(orders: Orders) -> list[bytes]:
    """The questions that these orders mean."""
    scenario: Scenario = read(orders.scenario["name"], orders.scenario)
    customers = Path(orders.customers).read_text().split() if orders.customers else []
    return encoded(scenario, customers, orders.number)


async def call(orders: Orders, questions: list[bytes]) -> Noted:
    """Follow the orders."""
    caller = Caller(orders.address, orders.connections, questions, Pace(**orders.pace))
    gc.collect()
    gc.freeze()
    return await caller.run()


def main() -> None:
    orders = Orders(**json.load(sys.stdin))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            noted = runner.run(call(orders, questions_of(orders)))
        except NobodyAnswers as failure:
            sys.exit(f"{orders.address}: {failure}")
    json.dump(noted.plain(), sys.stdout)


if __name__ == "__main__":
    main()
