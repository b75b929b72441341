"""Raises alerts and counts them; lists and resolves them for those who work on them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from engine.alerts.alert import Alert, Resolution
from engine.alerts.store import AlertStore
from engine.alerts.webhook import Webhook
from engine.counts import Counts
from engine.refusal import Refusal, RefusalKind

UNKNOWN_ALERT = Refusal("alert-unknown", "must be the id of an open alert", "alert_id", RefusalKind.NOT_FOUND)
Ends = Callable[[Alert], Awaitable[None]]
"""Ends what an alert stands for, given how it is resolved; may be repeated."""


class Alerts:
    """The alerts of one store, for one process; `posted_by_others`: it has no webhook, and those that have one post
    what is raised here. Raises StoreUnavailable."""

    def __init__(
        self,
        store: AlertStore,
        counts: Counts,
        ends: Ends | None = None,
        webhook: Webhook | None = None,
        *,
        posted_by_others: bool = False,
    ) -> None:
        self._store = store
        self._counts = counts
        self._ends = ends
        self._webhook = webhook
        self._posted_by_others = posted_by_others

    async def tell(self, alert: Alert) -> bool:
        """Raise it; False when it was raised before."""
        post = self._posted_by_others or (self._webhook is not None and self._webhook.wanted)
        new = await self._store.raise_alert(alert, post=post)
        if new:
            self._counts.add("befit_alerts", (alert.kind,))
        if new and self._webhook is not None:
            self._webhook.kick()
        return new

    async def newest(self, *, resolved: bool, most: int, tenant: str | None = None) -> Sequence[Alert]:
        """The open alerts, or the resolved ones, latest first; a tenant's see none about another's customers."""
        asked = most
        while True:
            found = await self._store.newest(resolved=resolved, most=asked)
            seen = [one for one in found if _seen_by(one, tenant)]
            if len(seen) >= most or len(found) < asked:
                return seen[:most]
            asked *= 4

    async def resolve(self, alert_id: str, resolution: Resolution, tenant: str | None = None) -> Alert | Refusal:
        """Record what was done about an alert, and before that end what it stands for."""
        alert = await self._store.find(alert_id)
        if alert is None or alert.resolution is not None or not _seen_by(alert, tenant):
            return UNKNOWN_ALERT
        if self._ends is not None:
            await self._ends(replace(alert, resolution=resolution))
        return await self._store.resolve(alert_id, resolution) or UNKNOWN_ALERT


def _seen_by(alert: Alert, tenant: str | None) -> bool:
    """Whether an alert is for those of a tenant; None = of all."""
    return tenant is None or alert.customer is None or alert.customer.tenant == tenant
