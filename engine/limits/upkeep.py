"""What a worker does for the limits beside deciding: renews its leases, settles what dead workers left, and leaves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.limits.keeper import LimitKeeper
from engine.limits.reconcile import Death, reconcile
from engine.limits.spans import Clock
from engine.limits.standing import LimitStanding, standings
from engine.limits.store import MeterStanding, WriterStanding
from engine.snapshot import Snapshot
from engine.store import Store, StoreUnavailable

DEAD_AFTER = 60.0
"""Seconds of silence after which a writer counts as dead; six times as long as a silent writer relies on its leases."""

GRACE = 2.0
"""Seconds after which nothing of a process that ended is still on its way to the store."""

RENEWS_EVERY = 0.2
LOOKS_EVERY = 5.0
CLOCKS_DIFFER = 60.0
"""Seconds by which a writer's clock and the store's may differ, and for which a take may have stood unsettled."""

_FREED = "what it held of limits and did not use is free again"
_SPENT = "it held nothing of limits that it did not use"
_LOG = logging.getLogger("befit.limits")


def ungauged(name: str, values: Mapping[tuple[str, ...], float]) -> None:
    """Where nobody wants gauges."""
    del name, values


@dataclass(frozen=True, slots=True)
class UpkeepParts:
    """`hold` sets gauges: (metric, values by labels); `patience` are seconds of silence after which a writer counts as
    dead."""

    store: Store
    keeper: LimitKeeper
    snapshot: Callable[[], Snapshot]
    partitions: int
    hold: Callable[[str, Mapping[tuple[str, ...], float]], None] = ungauged
    patience: float = DEAD_AFTER


class Upkeep:
    """One worker's chores. `refresh` is called several times a second."""

    def __init__(self, parts: UpkeepParts, now: float) -> None:
        self._parts = parts
        self._ended: dict[str, float] = {}
        self._renewed = now - RENEWS_EVERY
        self._due = now
        self._looking: asyncio.Task[None] | None = None

    def succeed(self, writer: str, now: float) -> None:
        """The writer whose name begins so has ended, maybe without leaving: settle what it holds as soon as it may
        be."""
        self._ended[writer] = now + GRACE

    async def refresh(self, now: float) -> None:
        """Renew the leases; now and then look for the dead, beside. Raises StoreUnavailable."""
        snapshot = self._parts.snapshot()
        if not snapshot.policy.rationing.meters or 0 <= now - self._renewed < RENEWS_EVERY:
            return
        self._renewed = now
        await self._parts.keeper.refresh(snapshot, now)
        self._show()
        if now >= self._due and (self._looking is None or self._looking.done()):
            self._due = now + LOOKS_EVERY
            self._looking = asyncio.create_task(self._look(now))

    def standings(self) -> tuple[LimitStanding, ...]:
        """Where the limits stand, as told last."""
        return standings(self._parts.keeper.accounts(self._parts.snapshot()), self._renewed)

    def _show(self) -> None:
        """The gauges of the limits of which the store told."""
        known = [one for one in self.standings() if one.known]
        self._parts.hold("befit_limit_used", {(one.name,): one.used for one in known})
        self._parts.hold("befit_limit_left", {(one.name,): one.left for one in known})
        self._parts.hold("befit_limit_price", {(one.name,): one.price for one in known})

    async def _look(self, now: float) -> None:
        try:
            await self.settle_dead(now)
        except StoreUnavailable as away:
            _LOG.warning("what dead workers left is not settled yet: %s", away.code)

    async def settle_dead(self, now: float) -> int:
        """Settle the accounts of all writers that are dead at `now`; the units that are free again.

        Raises StoreUnavailable.
        """
        parts, freed = self._parts, 0
        accounts = {account.meter.key: account for account in parts.keeper.accounts(parts.snapshot())}
        standings = dict(zip(accounts, await parts.store.limits.standings(list(accounts)), strict=True))
        clocks = {key: account.clock for key, account in accounts.items()}
        for writer in sorted({name for name, _ in self._dead(standings, now)}):
            own = {key: one.writers[writer] for key, one in standings.items() if writer in one.writers}
            buckets = {key: _bucket(clocks[key], standing, now) for key, standing in own.items()}
            since = min(standing.at for standing in own.values()) - CLOCKS_DIFFER
            after = f"{max(0, int(since * 1000))}"
            found = await reconcile(parts.store, Death(writer, own, buckets), parts.partitions, after)
            _LOG.warning("worker %s is gone: %s", writer, _FREED if found else _SPENT)
            freed += found
        return freed

    def _dead(self, standings: Mapping[str, MeterStanding], now: float) -> Iterator[tuple[str, WriterStanding]]:
        own = self._parts.store.limits.writer
        for one in standings.values():
            for name, standing in one.writers.items():
                silent = now - standing.at > self._parts.patience
                ended = any(name.startswith(begin) and due <= now for begin, due in self._ended.items())
                if name != own and (silent or ended):
                    yield name, standing

    async def close(self, now: float) -> None:
        """Give everything back, all decisions being settled. Raises StoreUnavailable."""
        if self._looking is not None:
            self._looking.cancel()
        parts = self._parts
        accounts = [one for one in parts.keeper.accounts(parts.snapshot()) if one.last.turn]
        keys = [account.meter.key for account in accounts]
        for account, found in zip(accounts, await parts.store.limits.standings(keys), strict=True):
            standing = found.writers.get(parts.store.limits.writer)
            if standing is not None:
                more = account.taken - standing.spent if standing.period == account.period else 0
                spent = {_bucket(account.clock, standing, now): more} if more > 0 else {}
                await parts.store.limits.bury(account.meter.key, parts.store.limits.writer, standing, spent)


def _bucket(clock: Clock, standing: WriterStanding, now: float) -> str:
    """Where what a writer spent in its period is to be counted."""
    return standing.period if clock.stepwise else clock.span(now).bucket
