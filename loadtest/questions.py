"""The questions of a scenario, encoded before the first is asked: the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from befit.questions import DecideOptions, decide_request
from befit.v1.decide_pb2 import Trace
from loadtest.scenario import Ask, Scenario

DISTINCT = 5000


def encoded(scenario: Scenario, customers: Sequence[str], client: int) -> list[bytes]:
    """DISTINCT questions for one client process (its number), to be asked over and over."""
    draw = random.Random(f"{scenario.seed}:{client}")
    shares = [ask.share for ask in scenario.mix]
    asks = draw.choices(scenario.mix, shares, k=DISTINCT)
    return [_encoded(ask, _who(scenario, customers, draw)) for ask in asks]


def _who(scenario: Scenario, customers: Sequence[str], draw: random.Random) -> str:
    if not customers or draw.random() < scenario.strangers:
        return f"stranger-{draw.getrandbits(32):08x}"
    return draw.choice(customers)


def _encoded(ask: Ask, customer: str) -> bytes:
    options: DecideOptions = {"intent": ask.intent, "context": ask.context, "placements": ask.placements}
    request = decide_request(customer, ask.channel, options)
    request.trace = Trace.Value(f"TRACE_{ask.trace}")
    return request.SerializeToString()
