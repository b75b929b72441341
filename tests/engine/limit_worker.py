"""One of several processes that decide under one limit; run by test_limits_race.py.

    python -m tests.engine.limit_worker URL NAME MOST

Takes orders on standard input, a line each, and answers each with a line: `decide N` decides for N new customers at
once and says how many were offered it; `hold N` begins N decisions that never get to commit what they took, and says
`held`; `refresh` renews the leases. The end of the input ends it as a worker ends: it gives back what it holds.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from typing import Any

from engine.decider import Decider, DeciderParts
from engine.decision import Decision, Request
from engine.ids import CustomerKey
from engine.limits.keeper import LimitKeeper
from engine.limits.upkeep import Upkeep, UpkeepParts
from engine.redis.store import RedisStore
from engine.store import CommitRequest, CommitResult, CustomerWrite
from models.codec import encode
from tests.engine.company import GOOD
from tests.engine.conftest import PATIENT
from tests.engine.limited import BETTER, limit, offered, shop_with

PARTITIONS = PATIENT.partitions


class Holding(RedisStore):
    """A store whose commits never come about while `holding`; `held` is released by each."""

    holding = False

    def __init__(self, *how: Any) -> None:
        super().__init__(*how)
        self.held = asyncio.Semaphore(0)

    async def commit(self, request: CommitRequest) -> CommitResult:
        if self.holding:
            self.held.release()
            await asyncio.get_running_loop().create_future()
        return await super().commit(request)


class LimitWorker:
    """A worker with its accounts; `name` is its writer's."""

    def __init__(self, url: str, name: str, most: int) -> None:
        self.name = name
        self.snapshot = shop_with(limit("launch", most))
        self.store = Holding(url, name, PATIENT)
        self.keeper = keeper = LimitKeeper(self.store.limits, lambda *_: None)
        self.upkeep = Upkeep(UpkeepParts(self.store, keeper, lambda: self.snapshot, PARTITIONS), time.time())
        numbers = itertools.count(1)
        parts = (self.store, lambda: self.snapshot, lambda: next(numbers), lambda: 0, lambda _: None, PARTITIONS)
        self.decider = Decider(DeciderParts(*parts, limits=keeper))
        self._customers = itertools.count(1)

    async def decide(self) -> Decision:
        now = time.time()
        who = CustomerKey("shop", f"{self.name}-{next(self._customers)}")
        vector = encode(self.snapshot.schema, GOOD, who, now)
        await self.store.put_customers([CustomerWrite(who, vector)])
        decision = await self.decider.decide(Request(customer=who, channel="web", exclude=BETTER), now)
        assert isinstance(decision, Decision)
        return decision

    async def obey(self, order: str, count: int) -> str:
        if order == "refresh":
            await self.keeper.refresh(self.snapshot, time.time())
            return "refreshed"
        self.store.holding = order == "hold"
        decisions = [asyncio.create_task(self.decide()) for _ in range(count)]
        if order == "decide":
            return str(sum(map(offered, await asyncio.gather(*decisions))))
        await asyncio.gather(*(self.store.held.acquire() for _ in range(count)))
        return "held"

    async def run(self, orders: asyncio.StreamReader) -> None:
        await self.store.open()
        while line := (await orders.readline()).decode().split():
            sys.stdout.write(await self.obey(line[0], int(line[1])) + "\n")
            sys.stdout.flush()
        await self.upkeep.close(time.time())
        await self.store.close()


async def main(url: str, name: str, most: str) -> None:
    orders = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    await LimitWorker(url, name, int(most)).run(orders)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
