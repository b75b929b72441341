"""Whatever is asked in whatever order, the store answers as the one in memory does."""

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ids import CustomerKey
from engine.memory.store import MemoryStore
from engine.outcomes.write import PauseClaim
from engine.redis.store import RedisStore
from engine.store import Claim, StoreUnavailable
from tests.engine.asking import NOW, contact, new_decision, outcome, proposing
from tests.engine.conftest import PATIENT
from tests.engine.servers import url_of

ACTIONS, CHANNELS, REASONS = st.integers(1, 2), st.integers(1, 2), st.integers(0, 1)
TIMES = st.integers(0, 4).map(lambda second: NOW + second)
PEOPLE = st.sampled_from(["anna", "anna", "visitor"])
_tenants = itertools.count()

one_contact = st.tuples(ACTIONS, TIMES, CHANNELS, st.integers(0, 1), st.integers(0, 1))
contacts = st.lists(one_contact, max_size=3)
claims = st.lists(
    st.builds(
        Claim,
        contact=st.integers(0, 2),
        limit=st.integers(0, 3),
        since=st.sampled_from([NOW, NOW + 2]),
        release_before=st.one_of(st.just(0.0), st.just(float("inf")), TIMES),
        directions=st.sampled_from([3, 2, 1]),
        channels=st.lists(CHANNELS, max_size=2, unique=True).map(tuple),
        actions=st.lists(ACTIONS, max_size=3, unique=True).map(tuple),
    ),
    max_size=4,
)
pauses = st.lists(
    st.builds(
        PauseClaim,
        cause=st.integers(0, 1),
        times=st.integers(1, 2),
        since=st.sampled_from([NOW, NOW + 2]),
        outcomes=st.sampled_from([1022, 1 << 4]),
        reasons=st.lists(REASONS, max_size=2, unique=True).map(tuple),
        counted=st.lists(ACTIONS, max_size=3, unique=True).map(tuple),
        paused=st.lists(ACTIONS, max_size=3, unique=True).map(tuple),
        until=TIMES,
    ),
    max_size=2,
)
types = st.sampled_from(["IMPRESSION", "ACCEPTED", "REJECTED", "RATING", "CLICKED"])
asked_before = st.integers(0, 1)


def step(kind, **fields):
    return st.tuples(st.just(kind), PEOPLE, st.fixed_dictionaries(fields))


committing = step(
    "commit",
    contacts=contacts,
    claims=claims.map(tuple),
    take=st.booleans(),
    ledger_length=st.sampled_from([64, 3]),
    request_id=st.sampled_from(["", "", "r"]),
)
telling = step(
    "outcome",
    back=asked_before,
    type_=types,
    action=ACTIONS,
    reason=REASONS,
    at=TIMES,
    seen=st.booleans(),
    pauses=pauses.map(tuple),
)
voiding, repeating, linking = step("void", back=asked_before), step("repeat", back=asked_before), step("link")
steps = st.one_of(committing, committing, telling, telling, telling, voiding, repeating, linking)


class Asking:
    """The steps as requests, the same for both stores."""

    def __init__(self):
        tenant = f"t{next(_tenants)}"
        self.people = {name: CustomerKey(tenant, f"{name}-{tenant}") for name in ("anna", "visitor")}
        self.requests = []

    def said(self, step):
        kind, name, fields = step
        return getattr(self, kind)(self.people[name], **fields)

    def commit(self, customer, *, contacts, take, **how):
        decision = new_decision(customer)
        fields = ("channel", "direction", "flags")
        packed = [contact(decision, a, at, **dict(zip(fields, rest, strict=True))) for a, at, *rest in contacts]
        tier = b"t" if take else None
        request = proposing(*packed, decision=decision, customer=customer, take=take, tier=tier, **how)
        self.requests.append(request)
        return lambda store: store.commit(request)

    def _before(self, customer, back):
        found = [one.decision_id for one in self.requests if one.customer == customer]
        return found[-1 - back] if back < len(found) else "0000-000000000000-0000000000"

    def outcome(self, customer, *, back, type_, action, **fields):
        write = outcome(self._before(customer, back), type_, action, customer=customer, **fields)
        return lambda store: store.record_outcome(write)

    def void(self, customer, back):
        return lambda store: store.void(customer, self._before(customer, back))

    def repeat(self, customer, back):
        again = self.requests[-1 - back] if back < len(self.requests) else None
        return lambda store: store.commit(again) if again else store.read_profile(customer, "")

    def link(self, customer):
        other = next(key for key in self.people.values() if key != customer)
        return lambda store: store.link(customer, other)


@pytest.fixture(scope="module")
def both(valkey):
    """Both stores, and what runs their coroutines."""
    with asyncio.Runner() as runner:
        real = RedisStore(url_of(valkey), "memory", PATIENT)
        runner.run(real.open())
        yield runner, real
        runner.run(real.close())


async def answer(asked, store):
    try:
        return await asked(store)
    except StoreUnavailable as refused:
        return refused.code


async def compare(real, script):
    memory, asking = MemoryStore(), Asking()
    for step in script:
        asked = asking.said(step)
        assert await answer(asked, real) == await answer(asked, memory), step
        for key in asking.people.values():
            assert await real.read_profile(key, "r") == await memory.read_profile(key, "r"), step
        for request in asking.requests[-3:]:
            assert await real.read_slate(request.decision_id) == await memory.read_slate(request.decision_id), step


FREE = {"claims": (), "take": False, "ledger_length": 64, "request_id": ""}


@settings(max_examples=60)
@given(script=st.lists(steps, min_size=10, max_size=40))
def test_the_store_does_what_plain_loops_do(both, script):
    runner, real = both
    runner.run(compare(real, script))


@settings(max_examples=150)
@given(before=st.lists(one_contact, min_size=4, max_size=8), asked=st.lists(committing, min_size=2, max_size=4))
def test_claims_are_counted_as_plain_loops_count_them(both, before, asked):
    runner, real = both
    commits = [("commit", "anna", fields) for _, _, fields in asked]
    runner.run(compare(real, [("commit", "anna", {"contacts": before, **FREE}), *commits]))


@settings(max_examples=150)
@given(contacted=st.lists(one_contact, min_size=1, max_size=3), said=st.lists(telling, min_size=4, max_size=8))
def test_outcomes_and_pauses_are_entered_as_plain_loops_enter_them(both, contacted, said):
    runner, real = both
    outcomes = [("outcome", "anna", {**fields, "back": 0}) for _, _, fields in said]
    runner.run(compare(real, [("commit", "anna", {"contacts": contacted, **FREE}), *outcomes]))
