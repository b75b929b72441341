"""Three workers decide ten thousand times for the same customers at once: no cap is ever exceeded, nothing is lost."""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path

from engine.ids import CustomerKey
from engine.redis.store import RedisStore
from rules.ledger import CONTACT
from tests.engine.conftest import PATIENT
from tests.engine.race_worker import CAPS
from tests.engine.servers import say, url_of

ROOT = Path(__file__).parents[2]
WORKERS, DECISIONS, CUSTOMERS = 3, 3334, 60


async def race(url):
    """What all workers answered."""
    command = (sys.executable, "-m", "tests.engine.race_worker", url)
    sizes = (str(DECISIONS), str(CUSTOMERS))
    workers = [
        await asyncio.create_subprocess_exec(*command, str(worker), *sizes, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        for worker in range(WORKERS)
    ]
    printed = await asyncio.gather(*(worker.communicate() for worker in workers))
    assert [worker.returncode for worker in workers] == [0] * WORKERS
    return [answer for said, _ in printed for answer in json.loads(said)]


async def test_caps_hold_when_three_workers_decide_at_once(cluster):
    for node in cluster:
        say(node.plan.address, "FLUSHALL")
    answers = await race(url_of(*cluster))
    assert len({answer["decision"] for answer in answers}) == len(answers) == WORKERS * DECISIONS
    assert sum(answer["attempt"] == 2 for answer in answers) > 20 * CUSTOMERS  # they did meet
    store = RedisStore(url_of(*cluster), "reader", PATIENT)
    await store.open()
    granted = Counter((answer["customer"], action) for answer in answers for action in answer["actions"])
    for name in {answer["customer"] for answer in answers}:
        profile = await store.read_profile(CustomerKey("race", name), "")
        entered = Counter(action for _, action, *_ in CONTACT.iter_unpack(profile.contacts))
        assert entered == CAPS, name
        assert {action: granted[name, action] for action in CAPS} == CAPS, name
    partitions = {int(answer["decision"][:4], 16) for answer in answers}
    logged = [entry for partition in partitions async for entry in store.read_log(partition)]
    assert Counter(entry.id for entry in logged) == Counter(answer["decision"] for answer in answers)
    assert_no_gaps(logged, answers)
    await store.close()


def assert_no_gaps(logged, answers):
    """Every writer's sequence in every partition counts from 1 without a gap."""
    counted = {}
    for entry in logged:
        counted.setdefault((entry.writer, entry.id[:4]), []).append(entry.sequence)
    assert all(found == list(range(1, len(found) + 1)) for found in counted.values())
    assert sum(map(len, counted.values())) == len(answers)
