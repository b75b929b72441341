"""Counts of the log are kept by number, reach all workers, move where young actions start, and are replayed as then."""

from __future__ import annotations

import numpy as np
import orjson
import pytest

from engine.counts import Counts
from engine.learning.counts import counted
from engine.learning.log_contacts import log_contacts
from engine.learning.published_drift import PublishedDrift
from engine.learning.store import Learned
from engine.live import Live
from engine.memory.store import MemoryStore
from engine.record import DecisionRecord, unpack_decision
from engine.replaying.replay import Outcome
from engine.sink.reading import joined
from engine.store import Store
from models.learned_counts import Cell, Counted, LearnedCounts
from rules.policy import Exploration
from tests.engine.company import DAY, NOW, Company, changed, corner_shop
from tests.engine.modelled import modelled_shop
from tests.engine.test_replaying import replays

SHOP = changed(corner_shop(), exploration=Exploration(), control_groups=())
GOOD_ON_THE_WEB = LearnedCounts(NOW, 90 * DAY, 1000, {Cell("film_box", "transactional", "web"): Counted(800, 1000)})


async def test_counts_are_kept_by_number_and_read_when_there_are_later_ones(store: Store):
    assert await store.learned.read(Learned()) == Learned()
    first = await store.learned.publish(GOOD_ON_THE_WEB)
    assert (first.number, await store.learned.read(first)) == (1, first)
    second = await store.learned.publish(LearnedCounts(NOW + 1, DAY))
    assert await store.learned.read(first) == second == Learned(2, LearnedCounts(NOW + 1, DAY))
    assert await store.learned.at(1) == first
    assert await store.learned.at(0) == Learned()
    assert await store.learned.at(3) is None


async def test_the_latest_drift_stands(store: Store):
    assert await store.learned.read_drift() is None
    await store.learned.publish_drift(b"{}")
    await store.learned.publish_drift(b'{"alarms": []}')
    assert await store.learned.read_drift() == b'{"alarms": []}'


@pytest.fixture
def memory() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def live(memory) -> Live:
    live = Live(SHOP, memory)
    await live.begin()
    return live


def records(company: Company) -> list[DecisionRecord]:
    return [unpack_decision(entry.body) for log in company.store.logs.values() for _, entry in log]


def propensity(company: Company, record: DecisionRecord, action: str) -> float:
    stable = company.snapshot.policy.policy.actions[company.snapshot.policy.catalogue.index[action]].stable_id
    row = np.frombuffer(record.scored.actions, dtype="<u4").tolist().index(stable)
    return float(np.frombuffer(record.scored.propensity, dtype="<f8")[row])


async def test_workers_take_counts_over_and_records_name_their_number(live):
    company = Company(live.snapshot())
    await company.decide()
    await company.store.learned.publish(GOOD_ON_THE_WEB)
    company.snapshot = live.snapshot().with_learned(await company.store.learned.read(Learned()))
    await company.decide(now=NOW + 1)
    told = {record.counts: propensity(company, record, "film_box") for record in records(company)}
    assert told == {"": 1.0, "#1": pytest.approx((20 + 800) / (20 + 1000), abs=0.01)}


async def test_a_refresh_brings_the_latest_counts(live, memory):
    await memory.learned.publish(GOOD_ON_THE_WEB)
    await live.refresh()
    assert live.snapshot().expectation.learned == 1
    kept = live.snapshot()
    await live.refresh()
    assert live.snapshot() is kept


async def test_decisions_are_made_again_under_the_counts_of_then(tmp_path):
    company = Company(modelled_shop(tmp_path / "bundle"))
    for number in range(3):
        await company.decide(now=NOW + number * DAY)
        learned = await company.store.learned.publish(GOOD_ON_THE_WEB)
        company.snapshot = company.snapshot.with_learned(learned)
    found = await replays(company.store, company.snapshot)
    assert [one.outcome for one in found] == [Outcome.SAME] * 3, found
    company.store.learned = MemoryStore().learned
    found = await replays(company.store, company.snapshot)
    assert {one.why for one in found if one.outcome is Outcome.NOT_REPLAYABLE} == {
        "cannot be replayed: the learned counts of number 1 are gone",
        "cannot be replayed: the learned counts of number 2 are gone",
    }


async def test_only_closed_windows_are_counted():
    company = Company(SHOP)
    decision = await company.decide()
    await company.tell(decision, "ACCEPTED", "film_box", NOW + 60)
    entries = [entry for log in company.store.logs.values() for _, entry in log]
    told = [one for one in entries if one.kind == "outcome"]
    for newest, windows in ((NOW + DAY, 0), (NOW + 400 * DAY, 1)):
        decisions = joined((one for one in entries if one.kind == "decision"), told)
        found = counted(log_contacts(decisions, SHOP, newest), SHOP, newest)
        assert sum(cell.action == "film_box" for cell in found.cells) == windows
    (cell,) = [one for one in found.cells if one.action == "film_box"]
    assert (cell.channel, found.cells[cell].successes) == ("web", found.cells[cell].closed)


async def test_workers_show_the_latest_drift_on_their_gauges():
    store, counts = MemoryStore(), Counts()
    shown = PublishedDrift(store, counts.hold)
    moved, told = {"index": 0.4}, {"error": 0.05}
    report = {"model": "m1", "inputs": {"customer.age": moved}, "score": {"index": 0.1}, "calibration": told}
    await store.learned.publish_drift(orjson.dumps(report | {"alarms": ["customer.age"]}))
    await shown.refresh(NOW)
    assert counts.snapshot().gauges == {
        ("befit_drift_index", ("m1", "customer.age")): 0.4,
        ("befit_drift_index", ("m1", "score")): 0.1,
        ("befit_drift_calibration_error", ("m1",)): 0.05,
        ("befit_drift_alarms", ("m1",)): 1.0,
    }
    await store.learned.publish_drift(b"damaged")
    await shown.refresh(NOW + 1)
    await shown.refresh(NOW + 60)
    assert counts.snapshot().gauges[("befit_drift_alarms", ("m1",))] == 1.0
