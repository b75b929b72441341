"""What only asks leaves every key of the store as it was: dry runs, explanations, trials, look-ups, replays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.activation.loader import Loader
from engine.config import ListenConfig, ProjectConfig, ServeConfig, StoreConfig
from engine.counts import Counts
from engine.customer import CustomerChange
from engine.decision import Audience, Decision, Request, Trace
from engine.embedded.server_process import ServerProcess
from engine.ids import CustomerKey
from engine.outcome import Outcome
from engine.redis.store import RedisStore
from engine.replaying.replay import Outcome as Replay
from engine.replaying.replay import Replayer
from engine.replaying.revisions import PastSnapshots
from engine.running import Running, start
from engine.simulation.trial import Change, Tried
from tests.engine.company import GOOD, NOW
from tests.engine.conftest import servers_of
from tests.engine.served_project import write_project
from tests.engine.servers import say, url_of

SCARCE = """
limits:
  - {id: films, volume: 100, per: day, scope: {actions: [film_box]}}
  - {id: contacts, budget: 5, per: day, scope: {kinds: [OFFER]}, spends: cost}
"""
WHO = [CustomerKey("default", name) for name in ("anna", "ben", "visitor")]
CHANNELS = ("web", "call_centre", "push")


def dumped(server: ServerProcess) -> dict[bytes, bytes]:
    """Every key with all that it holds."""
    address = server.plan.address
    return {key: say(address, "DUMP", key) for key in say(address, "KEYS", "*")}


@pytest.fixture
def server(request: pytest.FixtureRequest) -> ServerProcess:
    return servers_of("valkey", request)[0]


@pytest.fixture
async def running(server: ServerProcess, tmp_path: Path) -> AsyncIterator[Running]:
    """A project at work, its customers known, with decisions and an outcome behind it."""
    project = write_project(tmp_path / "shop")
    with (project / "policy.yaml").open("a") as policy:
        policy.write(SCARCE)
    store = StoreConfig(redis_url=url_of(server), read_timeout_ms=5000, commit_timeout_ms=5000)
    config = ServeConfig(ProjectConfig(project=project), ListenConfig(), store)
    found = await start(config, Counts())
    async with asyncio.timeout(20):
        while found._live.in_force is None:
            await found.refresh()
            await asyncio.sleep(0)
    ports = found.ports
    assert ports.customers is not None
    assert ports.recording is not None
    consent = {f"push:{purpose}": True for purpose in ("marketing", "service")}
    await ports.customers.put([CustomerChange(WHO[0], features=GOOD, consent=consent)], NOW)
    for channel in CHANNELS:
        made = await ports.deciding.decide(Request(WHO[0], channel, request_id=channel), NOW)
        assert isinstance(made, Decision)
        told = [one.action for filled in made.placements for one in filled.actions][:1]
        await ports.recording.record([Outcome(f"o-{channel}", made.decision_id, told[0], "IMPRESSION", at=NOW)], NOW)
    yield found
    await found.close()


async def ask(running: Running) -> list[Decision]:
    """Dry runs for everyone, everywhere, in every trace and for every audience."""
    found = []
    for who in WHO:
        for channel in CHANNELS:
            for trace, audience in zip(Trace, Audience, strict=True):
                asked = Request(who, channel, dry_run=True, view=True, trace=trace, audience=audience, request_id="r")
                answer = await running.ports.deciding.decide(asked, NOW + 60.0)
                assert isinstance(answer, Decision)
                assert answer.decision_id == ""
                found.append(answer)
    return found


async def test_dry_runs_leave_every_key_of_the_store_as_it_was(server: ServerProcess, running: Running):
    before = dumped(server)
    assert len(before) > 10
    told = [one.counterfactual for answer in await ask(running) for one in answer.dropped]
    assert any(told)
    assert dumped(server) == before


async def test_a_trial_leaves_every_key_of_the_store_as_it_was(server: ServerProcess, running: Running, tmp_path: Path):
    policy = (tmp_path / "shop" / "policy.yaml").read_text().replace("customer.age < 18", "customer.age < 50")
    before = dumped(server)
    assert running.ports.simulating is not None
    requests = [Request(who, channel) for who in WHO for channel in CHANNELS]
    tried = await running.ports.simulating.simulate(Change(policy.encode(), ""), requests, NOW + 60.0)
    assert isinstance(tried, Tried)
    assert len(tried.decided) == len(requests)
    assert dumped(server) == before


async def test_looking_up_and_replaying_leave_every_key_as_it_was_and_come_out_the_same(
    server: ServerProcess, running: Running
):
    before = dumped(server)
    store = RedisStore(url_of(server), "replay")
    await store.open()
    replayer = Replayer(store, PastSnapshots(store, Loader(store.revisions)))
    found = [one async for one in replayer.all(256)]
    assert [one.outcome for one in found] == [Replay.SAME] * len(CHANNELS), found
    assert running.ports.recalling is not None
    for one in found:
        recalled = await running.ports.recalling.get_decision(one.decision_id)
        assert recalled is not None
        assert all(each.counterfactual for each in recalled.decision.dropped)
    await store.close()
    assert dumped(server) == before
