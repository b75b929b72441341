"""Alerts in Redis, at `{g}`: raised once whichever worker says it first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.alerts.alert import Alert, Resolution
from engine.alerts.store import MOST_OPEN, MOST_RESOLVED, Unposted
from engine.ids import CustomerKey
from engine.keys import ALERTS, ALERTS_OPEN, ALERTS_RESOLVED, ALERTS_TRIES, ALERTS_UNPOSTED
from engine.redis.keyspace import Keyspace, accepted

_KEYS = [ALERTS, ALERTS_OPEN, ALERTS_RESOLVED, ALERTS_UNPOSTED, ALERTS_TRIES]


class RedisAlerts:
    """Obeys engine/alerts/store.py. One round trip each, but two to resolve and to forget."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def raise_alert(self, alert: Alert, *, post: bool = False) -> bool:
        answer = await self._run("alert", _KEYS, alert.id, alert.at, alert.pack(), MOST_OPEN, int(post))
        return bool(answer[0])

    async def claim(self, now: float, until: float, most: int) -> tuple[Unposted, ...]:
        found = await self._run("claim_alerts", _KEYS, now, until, most)
        pairs = zip(found[::2], found[1::2], strict=True)
        return tuple(Unposted(Alert.unpack(packed), int(tries)) for packed, tries in pairs)

    async def posted(self, alert_id: str) -> None:
        await self._run("posted", _KEYS, alert_id)

    async def postpone(self, alert_id: str, at: float) -> None:
        await self._run("postpone", _KEYS, alert_id, at)

    async def newest(self, *, resolved: bool, most: int) -> tuple[Alert, ...]:
        listed = ALERTS_RESOLVED if resolved else ALERTS_OPEN
        found = await self._run("alerts", [ALERTS, listed], most)
        return tuple(Alert.unpack(packed) for packed in found if packed)

    async def find(self, alert_id: str) -> Alert | None:
        command = ("HGET", ALERTS, alert_id)
        (packed,) = await self._keyspace.ask(self._keyspace.global_slot, (command,), self._keyspace.admin_s, bulk=True)
        return None if packed is None else Alert.unpack(packed)

    async def resolve(self, alert_id: str, resolution: Resolution) -> Alert | None:
        found = await self.find(alert_id)
        if found is None:
            return None
        alert = replace(found, resolution=resolution)
        answer = await self._run("resolve", _KEYS, alert_id, resolution.at, alert.pack(), MOST_RESOLVED)
        return alert if answer[0] else None

    async def forget(self, customer: CustomerKey) -> None:
        kept = await self.newest(resolved=False, most=MOST_OPEN) + await self.newest(resolved=True, most=MOST_RESOLVED)
        names = [alert.id for alert in kept if alert.customer == customer]
        for start in range(0, len(names), 1000):
            await self._run("forget", _KEYS, *names[start : start + 1000])

    async def _run(self, function: str, named: list[bytes], *arguments: Any) -> Any:
        functions = self._keyspace.functions
        command = functions.library.call(function, named, *arguments)
        replies = await functions.run_each([(self._keyspace.global_slot, command)], self._keyspace.admin_s)
        return accepted(replies)[0]
