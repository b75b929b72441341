"""The corner shop with a past, for tests of simulations: customers met in every channel, and what was logged of it."""

from __future__ import annotations

import asyncio
import random
from functools import lru_cache
from pathlib import Path
from typing import Any

from documents.strict_yaml import parse
from engine.decision import Request
from engine.ids import CustomerKey
from engine.simulation.change import read_change
from engine.simulation.questions import LoggedBatch
from engine.simulation.sides import Plan, SidePlan, plan_of
from engine.store import CommitRequest, CommitResult
from tests.engine.company import NOW, POLICIES, Company, corner_shop

SHOP = POLICIES / "corner_shop.yaml"
CUSTOMERS = 100


def shop(*changes: str, **texts: str) -> SidePlan:
    """The shop with numbers changed, and with texts of its policy file replaced: those of OLD by new ones."""
    side = plan_of(SHOP, POLICIES)
    text = SHOP.read_text()
    for name, new in texts.items():
        old = OLD[name]
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    policy = parse(text, str(SHOP))
    made = SidePlan("shop", policy, side.features, policy.digest[:12])
    return made.changed([read_change(one) for one in changes])


OLD = {
    "adult": "block_when: customer.age < 18",
    "push_week": "{id: push_week, limit: 2, within: 7d, per: scope, channels: [push]}",
    "basic_web": "      web: {title: Basic tariff}\n",
}


def plan(after: SidePlan, before: SidePlan | None = None) -> Plan:
    return Plan(before or shop(), after)


@lru_cache
def past() -> LoggedBatch:
    """What the shop logged of 300 decisions."""
    company = Company(corner_shop())
    records: list[bytes] = []
    commit = company.store.commit

    async def noted(request: CommitRequest) -> CommitResult:
        records.append(request.record)
        return await commit(request)

    company.store.commit = noted  # type: ignore[method-assign]
    draw = random.Random(5)
    for number in range(CUSTOMERS):
        key = CustomerKey("shop", f"customer {number}")
        company.know(key, features(draw), {"push:marketing": draw.random() < 0.7})
    asyncio.run(_meet(company, draw))
    return LoggedBatch(tuple(records))


async def _meet(company: Company, draw: random.Random) -> None:
    for number in range(3 * CUSTOMERS):
        customer = CustomerKey("shop", f"customer {draw.randrange(CUSTOMERS)}")
        channel = draw.choice(("call_centre", "web", "push"))
        intent = draw.choice(("cancel", "billing", "")) if channel == "call_centre" else ""
        await company.decider.decide(Request(customer, channel, intent), NOW + number * 60)


def features(draw: random.Random) -> dict[str, Any]:
    return {
        "age": draw.choice((15, 17, 30, 60)),
        "tenure_months": draw.randrange(60),
        "value_12m": round(draw.uniform(0, 2000), 2),
        "value_prior_12m": round(draw.uniform(0, 2000), 2),
        "orders_12m": draw.randrange(4),
        "open_complaints": int(draw.random() < 0.1),
        "data_used_share": draw.choice((0.2, 0.85, 0.95)),
    }


def write_customers(path: Path, count: int = 40) -> Path:
    """A table of customers, as `befit load` takes it."""
    draw = random.Random(7)
    rows = [{"customer_id": f"c{number}", **features(draw), "consent:push:marketing": 1} for number in range(count)]
    lines = [",".join(rows[0]), *(",".join(str(cell) for cell in row.values()) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path
