"""Posts alerts to the address that the policy or the settings name, until it answers that it has them.

Every worker may post: one that takes an alert has it to itself for a while, and one that ends in between leaves it to
the others. What is posted may come twice; the alert's id tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

import orjson

from engine.alerts.alert import Alert
from engine.alerts.store import AlertStore, Unposted
from engine.counts import Counts
from engine.store import StoreUnavailable

SECONDS_BETWEEN = 0.5
"""Between two looks for what another worker left; what this one raises is posted at once."""
LEASE = 12.0
"""s for which one worker has an alert to itself: longer than an address may take to answer."""
PATIENCE = 24 * 3600.0
"""s after which an alert that nobody takes is posted no more; it stays in the list."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
MOST_AT_ONCE = 20
ANSWER_SECONDS = 5.0

Post = Callable[[str, bytes], Awaitable[bool]]
"""Posts a body to an address; whether it was taken."""
_LOG = logging.getLogger("befit.alerts")


class Webhook:
    """`url` gives the address, "" = nothing is posted."""

    def __init__(self, store: AlertStore, counts: Counts, url: Callable[[], str], post: Post | None = None) -> None:
        self._store = store
        self._counts = counts
        self._url = url
        self._post = post or posted
        self._raised = asyncio.Event()
        self._underway: set[asyncio.Task[None]] = set()

    @property
    def wanted(self) -> bool:
        """Whether alerts are posted."""
        return bool(self._url())

    def kick(self) -> None:
        """Something was raised: look at once."""
        self._raised.set()

    async def run(self, clock: Callable[[], float]) -> None:
        """Post what is to be posted, until cancelled; while the store is away, nothing is lost. An address that takes
        its time for one alert holds no other up."""
        async with asyncio.TaskGroup() as posts:
            while True:
                with contextlib.suppress(StoreUnavailable):
                    for one in await self._claim(clock()):
                        task = posts.create_task(self._try_later(one, clock()))
                        self._underway.add(task)
                        task.add_done_callback(self._underway.discard)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._raised.wait(), SECONDS_BETWEEN)
                self._raised.clear()

    async def look(self, now: float) -> int:
        """Post what is due at `now` (s), and wait for it; how many alerts were taken. Raises StoreUnavailable."""
        return sum(await asyncio.gather(*(self._try(one, now) for one in await self._claim(now))))

    async def _claim(self, now: float) -> tuple[Unposted, ...]:
        free = MOST_AT_ONCE - len(self._underway)
        return await self._store.claim(now, now + LEASE, free) if self.wanted and free > 0 else ()

    async def _try_later(self, one: Unposted, now: float) -> None:
        """What the store cannot be told of now is posted again when the lease is over."""
        with contextlib.suppress(StoreUnavailable):
            await self._try(one, now)

    async def _try(self, one: Unposted, now: float) -> bool:
        if await self._post(self._url(), body(one.alert)):
            await self._store.posted(one.alert.id)
            self._counts.add("befit_alerts_posted", ("taken",))
            return True
        if now - one.alert.at > PATIENCE:
            await self._store.posted(one.alert.id)
            self._counts.add("befit_alerts_posted", ("given_up",))
            _LOG.error("nobody takes an alert of kind %s: it is in the list only", one.alert.kind)
            return False
        self._counts.add("befit_alerts_posted", ("failed",))
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(one.tries - 1, 20))
        await self._store.postpone(one.alert.id, now + pause)
        return False


def body(alert: Alert) -> bytes:
    """What is posted: JSON of one alert."""
    at = datetime.fromtimestamp(alert.at, UTC).isoformat(timespec="milliseconds")
    fields = ("id", "kind", "subject", "text", "to")
    return orjson.dumps({name: getattr(alert, name) for name in fields} | {"at": at})


async def posted(url: str, body: bytes) -> bool:
    """Post over HTTP, in a thread; 2xx within ANSWER_SECONDS means taken."""
    return await asyncio.to_thread(taken_by, url, body)


def taken_by(url: str, body: bytes) -> bool:
    """Post a body of JSON; whether it was answered with 2xx within ANSWER_SECONDS. Redirections are not followed: it
    goes where the company said, and nowhere else."""
    try:
        parts = urlsplit(url)
        kind = {"https": HTTPSConnection, "http": HTTPConnection}[parts.scheme]
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with contextlib.closing(kind(parts.hostname or "", parts.port, timeout=ANSWER_SECONDS)) as connection:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            return connection.getresponse().status in range(200, 300)
    except (HTTPException, OSError, ValueError, KeyError):
        return False
