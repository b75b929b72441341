"""Where alerts are kept: one list for all workers. Every method raises StoreUnavailable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.alerts.alert import Alert, Resolution
from engine.ids import CustomerKey

MOST_OPEN = 10_000
MOST_RESOLVED = 1_000
"""How many are kept; beyond it the oldest are dropped."""


@dataclass(frozen=True, slots=True)
class Unposted:
    """An alert to be posted; `tries` counts from 1."""

    alert: Alert
    tries: int


class AlertStore(Protocol):
    """Implementations: `engine/redis/alerts.py`, `engine/memory/alerts.py`."""

    async def raise_alert(self, alert: Alert, *, post: bool = False) -> bool:
        """True when it is new; False when an alert of this id is kept already, resolved or not. `post`: it has to be
        posted as well."""
        ...

    async def claim(self, now: float, until: float, most: int) -> tuple[Unposted, ...]:
        """Those that are to be posted at `now` (s); nobody else gets them before `until`."""
        ...

    async def posted(self, alert_id: str) -> None:
        """It need not be posted any more."""
        ...

    async def postpone(self, alert_id: str, at: float) -> None:
        """It is to be posted at `at` (s), if it still is."""
        ...

    async def newest(self, *, resolved: bool, most: int) -> tuple[Alert, ...]:
        """The open alerts, or the resolved ones, latest first."""
        ...

    async def find(self, alert_id: str) -> Alert | None:
        """The alert of this id, open or resolved."""
        ...

    async def resolve(self, alert_id: str, resolution: Resolution) -> Alert | None:
        """The alert as it is resolved now; None where no open one has this id."""
        ...

    async def forget(self, customer: CustomerKey) -> None:
        """Drop every alert about a customer."""
        ...
