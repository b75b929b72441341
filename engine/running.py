"""A project at work in one process: snapshot, store and all that decides, records and administers, joined once."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any

from engine.activation.at_work import AtWork
from engine.activation.comparing import both
from engine.activation.home import Home, first_snapshot
from engine.activation.loader import Loader
from engine.activation.underway import CountedDecider, Underway
from engine.admin import Admin
from engine.config import ServeConfig, StoreConfig
from engine.counts import Counts
from engine.customers import Customers
from engine.decider import Decider, DeciderParts, Observation
from engine.decision_counts import DecisionCounts
from engine.events.at_work import EventsAtWork
from engine.explaining.explainer import Explainer
from engine.identity import Identity
from engine.learning.published_drift import PublishedDrift
from engine.limits.keeper import LimitKeeper
from engine.limits.upkeep import Upkeep, UpkeepParts
from engine.live import Live
from engine.outcomes.at_work import OutcomesAtWork
from engine.pauses.lifting import Pauses
from engine.recall import Recall
from engine.redis.keyspace import StoreOptions, StoreTimeouts
from engine.redis.node import LinkPlan
from engine.redis.store import RedisStore
from engine.replaying.retold import Retelling
from engine.replaying.revisions import PastSnapshots
from engine.service.ports import Ports
from engine.simulation.simulator import Simulator
from engine.store import Store, StoreUnavailable
from engine.triggers.at_work import TriggersAtWork

ID_BITS = 40
EXPLAINING = 0.6
"""The part of a call's time that explaining a full trace may take."""


class Running:
    """What a worker serves. Without its store it still answers, with less information, and keeps trying to open it.

    Explanations take up to EXPLAINING of the time that a call has.
    """

    def __init__(self, live: Live, store: Store, counts: Counts, config: ServeConfig) -> None:
        partitions, call_seconds = config.store.partitions, config.listen.default_deadline_ms / 1000
        self._live, self._store, self._opened, self._project = live, store, False, config.project
        self._home = Home(config.project.project, config.project.bundle)
        explainer = Explainer(EXPLAINING * call_seconds)
        keeper = LimitKeeper(store.limits, counts.add)
        self._underway = Underway()
        self._at_work = AtWork(live, store, counts, self._underway.busy, config.project.trial_seconds)
        self._events = EventsAtWork(store, live.snapshot, counts, config.project.alert_webhook)
        self._outcomes = OutcomesAtWork(store, self._events, self._at_work.comparing.note_outcome)
        self._upkeep = Upkeep(UpkeepParts(store, keeper, live.snapshot, partitions, counts.hold), time.time())
        self._drift = PublishedDrift(store, counts.hold)
        self._decider = Decider(
            DeciderParts(
                store=store,
                snapshot=live.snapshot,
                entropy=lambda: secrets.randbits(ID_BITS),
                nanos=time.perf_counter_ns,
                observe=both(self._counted(counts), self._events.observe),
                partitions=partitions,
                explain=explainer.explain,
                limits=keeper,
            )
        )
        self._triggers = TriggersAtWork(store, live.snapshot, self._decider.decide, counts)
        self.ports = self._ports(config, explainer, keeper)

    def _counted(self, counts: Counts) -> Callable[[Observation], None]:
        return both(DecisionCounts(counts).observe, self._at_work.comparing.observe)

    def _ports(self, config: ServeConfig, explainer: Explainer, keeper: LimitKeeper) -> Ports:
        """What the services ask."""
        live, store = self._live, self._store
        return Ports(
            policy=lambda: live.snapshot().policy.policy,
            clock=time.time,
            deciding=CountedDecider(self._decider, self._underway),
            recalling=_recall(store, live, explainer),
            recording=self._outcomes.feedback,
            events=self._events.events,
            customers=Customers(store, live.snapshot),
            identifying=Identity(store),
            pauses=Pauses(store.pauses, live.snapshot, lambda: secrets.randbits(ID_BITS)),
            admin=Admin(live, store, config.store.partitions, self._upkeep.standings),
            activating=self._at_work.activator(self._home),
            alerting=self._events.alerts,
            parking=self._outcomes.parked,
            pushing=self._triggers.sending,
            simulating=Simulator(live, store, keeper, config.project.project),
        )

    async def refresh(self) -> bool:
        """Open the store where it is not open yet, take over what all workers share; whether the store answers.

        Raises StoreMismatch.
        """
        try:
            if not self._opened:
                await self._store.open()
                await self._at_work.found(self._home)
                await self._live.begin()
                self._opened = True
            else:
                await self._live.refresh()
            with contextlib.suppress(StoreUnavailable):
                await self._upkeep.refresh(time.time())
                await self._drift.refresh(time.time())
        except StoreUnavailable as away:
            self._live.store_problem = away.code
        return not self._live.store_problem

    @property
    def pause(self) -> float:
        """Seconds until the next refresh is due."""
        return self._live.pause

    def chores(self, number: int) -> list[Coroutine[Any, Any, None]]:
        """What worker `number` has to do as long as it serves; the first one watches the project's files."""
        chores = self._at_work.chores(self._home, watches=number == 0, proposes=self._project.watch)
        return [*chores, *self._events.chores(), self._outcomes.look(), self._triggers.look()]

    def succeed(self, pid: int) -> None:
        """This worker takes the place of one of this host that ended: what it held of limits is settled."""
        self._upkeep.succeed(f"{socket.gethostname()}-{pid}-", time.time())

    async def close(self) -> None:
        """Tell the store what it still has to know, then leave it."""
        await self._decider.close()
        await self._events.close()
        with contextlib.suppress(StoreUnavailable):
            await self._live.close()
        with contextlib.suppress(StoreUnavailable):
            await self._upkeep.close(time.time())
        await self._store.close()


async def start(config: ServeConfig, counts: Counts) -> Running:
    """Load the project and join its parts. Raises DocumentInvalid, BundleRefused, StoreMismatch."""
    writer = writer_name()
    store = RedisStore(config.store.redis_url, writer, store_options(config.store))
    snapshot, in_force = await first_snapshot(store, Home(config.project.project, config.project.bundle))
    live = Live(snapshot, store, writer)
    running = Running(live, store, counts, config)
    if in_force is not None:
        live.begins_as(in_force)
    await running.refresh()
    return running


def _recall(store: Store, live: Live, explainer: Explainer) -> Recall:
    """What looks up decisions, and makes them again under the revisions of then."""
    snapshots = PastSnapshots(store, Loader(store.revisions), live.snapshot)
    return Recall(store, live.snapshot, Retelling(snapshots, explainer.explain))


def writer_name() -> str:
    """Who writes to the log: host, process and chance, so that no two writers ever share a sequence."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


def store_options(store: StoreConfig) -> StoreOptions:
    """The store's options under a configuration."""
    return StoreOptions(
        partitions=store.partitions,
        timeouts=StoreTimeouts(read_ms=store.read_timeout_ms, commit_ms=store.commit_timeout_ms),
        links=LinkPlan(hot=store.connections),
    )
