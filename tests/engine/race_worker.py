"""One of several processes that decide for the same customers at once; run by test_race.py.

    python -m tests.engine.race_worker URL WORKER DECISIONS CUSTOMERS

Every decision reads the profile, waits a little so that others come in between, and commits what the caps still allow;
a lost claim makes it look at the fresh ledger and take what it can get. Prints what it answered as JSON.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys

from engine.ids import CustomerKey, decision_id
from engine.redis.keyspace import StoreOptions, StoreTimeouts
from engine.redis.store import RedisStore
from engine.store import Claim, ClaimLost, CommitRequest, Committed
from rules.ledger import CONTACT, Contact, stable_id

CAPS = {1: 1, 2: 3}  # action: contacts within the window
NOW = 1_760_000_000.0
AT_ONCE = 48
PATIENT = StoreOptions(timeouts=StoreTimeouts(read_ms=30_000, commit_ms=30_000))


def proposed(contacts: bytes | None) -> list[int]:
    """The actions that the ledger leaves room for."""
    seen = [action for _, action, *_ in CONTACT.iter_unpack(contacts or b"")]
    return [action for action, limit in CAPS.items() if seen.count(action) < limit]


def asked(customer: CustomerKey, decision: str, actions: list[int], take: bool) -> CommitRequest:
    packed = tuple(Contact(NOW, action, stable_id(decision), 1, 1).pack() for action in actions)
    claims = tuple(Claim(index, CAPS[action], NOW - 1, 0.0, 3, (), (action,)) for index, action in enumerate(actions))
    return CommitRequest(customer, decision, "", b"", packed, claims, b"slate", decision.encode(), take=take)


async def decide(store: RedisStore, customer: CustomerKey, decision: str, wait_s: float) -> dict[str, object]:
    profile = await store.read_profile(customer, "")
    await asyncio.sleep(wait_s)
    actions, attempt = proposed(profile.contacts), 1
    result = await store.commit(asked(customer, decision, actions, take=False))
    if isinstance(result, ClaimLost):
        actions, attempt = proposed(result.contacts), 2
        await asyncio.sleep(wait_s)
        result = await store.commit(asked(customer, decision, actions, take=True))
    if not isinstance(result, Committed):
        raise TypeError(result)
    kept = [action for index, action in enumerate(actions) if index not in result.dropped]
    return {"decision": decision, "customer": customer.customer, "actions": kept, "attempt": attempt}


async def work(url: str, worker: int, decisions: int, customers: int) -> list[dict[str, object]]:
    """All customers in the same order in every worker, so that they meet."""
    store = RedisStore(url, f"worker-{worker}", PATIENT)
    await store.open()
    chance, answers = random.Random(worker), []
    queue = iter(range(decisions))

    async def serve() -> None:
        for number in queue:
            customer = CustomerKey("race", f"c{number * customers // decisions}")
            decision = decision_id(customer.partition(256), NOW, worker << 24 | number)
            answers.append(await decide(store, customer, decision, chance.uniform(0, 0.004)))

    await asyncio.gather(*(serve() for _ in range(AT_ONCE)))
    await store.close()
    return answers


if __name__ == "__main__":
    json.dump(asyncio.run(work(sys.argv[1], *map(int, sys.argv[2:]))), sys.stdout)
