"""Alerts in memory, in the order in which they were raised or resolved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.alerts.alert import Alert, Resolution
from engine.alerts.store import MOST_OPEN, MOST_RESOLVED, Unposted
from engine.ids import CustomerKey


class MemoryAlerts:
    """Obeys engine/alerts/store.py; `check` raises what every call of the store raises."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._open: dict[str, Alert] = {}
        self._resolved: dict[str, Alert] = {}
        self._unposted: dict[str, tuple[float, int]] = {}

    async def raise_alert(self, alert: Alert, *, post: bool = False) -> bool:
        self._check()
        if alert.id in self._open or alert.id in self._resolved:
            return False
        self._open[alert.id] = Alert.unpack(alert.pack())
        _cut(self._open, MOST_OPEN, lambda one: one.at)
        if post:
            self._unposted[alert.id] = (alert.at, 0)
        return True

    async def claim(self, now: float, until: float, most: int) -> tuple[Unposted, ...]:
        self._check()
        found = []
        for name, (due, tries) in sorted(self._unposted.items(), key=lambda one: (one[1][0], one[0]))[:most]:
            alert = self._open.get(name) or self._resolved.get(name)
            if alert is not None and due <= now:
                self._unposted[name] = (until, tries + 1)
                found.append(Unposted(alert, tries + 1))
        return tuple(found)

    async def posted(self, alert_id: str) -> None:
        self._check()
        self._unposted.pop(alert_id, None)

    async def postpone(self, alert_id: str, at: float) -> None:
        self._check()
        if alert_id in self._unposted:
            self._unposted[alert_id] = (at, self._unposted[alert_id][1])

    async def newest(self, *, resolved: bool, most: int) -> tuple[Alert, ...]:
        self._check()
        if resolved:
            return tuple(sorted(self._resolved.values(), key=_ended, reverse=True)[:most])
        return tuple(sorted(self._open.values(), key=lambda one: (one.at, one.id), reverse=True)[:most])

    async def find(self, alert_id: str) -> Alert | None:
        self._check()
        return self._open.get(alert_id) or self._resolved.get(alert_id)

    async def resolve(self, alert_id: str, resolution: Resolution) -> Alert | None:
        self._check()
        alert = self._open.pop(alert_id, None)
        if alert is None:
            return None
        self._resolved[alert_id] = replace(alert, resolution=resolution)
        _cut(self._resolved, MOST_RESOLVED, lambda one: _ended(one)[0])
        return self._resolved[alert_id]

    async def forget(self, customer: CustomerKey) -> None:
        self._check()
        for kept in (self._open, self._resolved):
            for name in [name for name, alert in kept.items() if alert.customer == customer]:
                del kept[name]


def _ended(alert: Alert) -> tuple[float, str]:
    return alert.resolution.at if alert.resolution else alert.at, alert.id


def _cut(kept: dict[str, Alert], most: int, when: Callable[[Alert], float]) -> None:
    if len(kept) > most:
        del kept[min(kept, key=lambda name: (when(kept[name]), name))]
