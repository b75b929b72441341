"""Three processes decide under one limit, one of them is killed: exactly as much is proposed as there is."""

import asyncio
import sys
import time
from pathlib import Path

import pytest

from engine.limits.upkeep import GRACE
from engine.record import unpack_decision
from tests.engine.limit_worker import PARTITIONS, LimitWorker
from tests.engine.servers import say, url_of

ROOT = Path(__file__).parents[2]


class Worker:
    """A worker process, and what it answers to orders."""

    def __init__(self, process):
        self.process = process

    @classmethod
    async def start(cls, url, name, most):
        command = (sys.executable, "-m", "tests.engine.limit_worker", url, name, str(most))
        pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
        return cls(await asyncio.create_subprocess_exec(*command, cwd=ROOT, **pipes))

    async def obey(self, order, count=0):
        self.process.stdin.write(f"{order} {count}\n".encode())
        return (await self.process.stdout.readline()).decode().strip()

    async def kill(self):
        self.process.kill()
        await self.process.wait()

    async def end(self):
        self.process.stdin.close()
        assert await self.process.wait() == 0


async def proposed(store):
    """How often the log says that the offer was made, by writers."""
    found = []
    for partition in range(PARTITIONS):
        entries = [entry async for entry in store.read_log(partition)]
        records = [unpack_decision(entry.body) for entry in entries if entry.kind == "decision"]
        found += [take for record in records for take in record.takes]
        assert not any(entry.dropped or entry.kind == "void" for entry in entries)
    return len(found)


async def until_exhausted(workers):
    """Everybody decides until nobody gets anything any more, twice in a row."""
    got, idle = 0, 0
    while idle < 2:
        found = [int(said) for said in await asyncio.gather(*(worker.obey("decide", 12) for worker in workers))]
        await asyncio.gather(*(worker.obey("refresh") for worker in workers))
        got, idle = got + sum(found), 0 if any(found) else idle + 1
    return got


@pytest.mark.parametrize(("most", "served", "held"), [(10, 2, 3), (300, 20, 15)])
async def test_exactly_as_many_as_there_are_though_one_worker_is_killed(valkey, most, served, held):
    say(valkey.plan.address, "FLUSHALL")
    url = url_of(valkey)
    victim, *others = [await Worker.start(url, f"worker-{number}", most) for number in range(3)]
    got = [int(await victim.obey("decide", served))]
    assert (got, await victim.obey("hold", held)) == ([served], "held")
    got.append(await until_exhausted(others))
    successor = LimitWorker(url, "successor", most)
    await successor.store.open()
    assert await proposed(successor.store) == sum(got) <= most - held
    await victim.kill()
    assert await until_exhausted(others) == 0  # what the dead one holds counts as used
    freed = await settled(successor, "worker-0")
    assert freed == most - sum(got) >= held
    got.append(await until_exhausted(others))
    assert await proposed(successor.store) == sum(got) == most
    for worker in others:
        await worker.end()
    (left,) = await successor.store.limits.standings(["volume:launch"])
    assert (sum(left.used.values()), dict(left.writers)) == (most, {})
    await successor.store.close()


async def settled(successor, ended):
    """What a worker frees that is told which one ended before it."""
    upkeep = successor.upkeep
    upkeep.succeed(ended, time.time())
    assert await upkeep.settle_dead(time.time()) == 0  # what it wrote last may be on its way still
    return await upkeep.settle_dead(time.time() + GRACE + 1)
