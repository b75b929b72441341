"""Hands out what may be sent, checked again just before, and takes what became of it.

A message that is handed out is its taker's for a while; what is not reported by then is handed out again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import msgspec

from engine.ids import CustomerKey
from engine.linked import read_linked
from engine.triggers.dispatch import Dispatch, DispatchParts, told
from engine.triggers.message import READY, REPLACED, WITHDRAWN
from engine.triggers.recheck import recheck
from engine.triggers.store import Claimed, Held

SENDING_LEASE = 60.0
"""s in which a taker says what became of a message."""
MOST_OF_EACH = 20
"""Of each partition, at one look."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0


class Sent(StrEnum):
    """What a taker reports: sent; not now, to be tried again; never, as the address is gone."""

    SENT = "sent"
    FAILED = "failed"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a message that was handed out; `why` in words."""

    became: Sent
    why: str = ""


class Sending:
    """Raises StoreUnavailable."""

    def __init__(self, parts: DispatchParts) -> None:
        self._parts = parts
        self._outbox = parts.store.outbox
        self._dispatch = Dispatch(parts)

    async def take(self, channels: Sequence[str], most: int, now: float) -> AsyncIterator[Claimed]:
        """Up to `most` messages that may be sent over these channels at `now` (s)."""
        left = most
        for channel in channels:
            for held in await self._outbox.due_ready(channel, now, MOST_OF_EACH) if left else ():
                claimed = await self._take(held, now) if left else None
                if claimed is not None:
                    left -= 1
                    yield claimed

    async def _take(self, held: Held, now: float) -> Claimed | None:
        claimed = await self._outbox.claim_ready(held, now, now + SENDING_LEASE)
        decided = claimed.message.decided if claimed else None
        if claimed is None or decided is None:
            return None
        if now >= claimed.message.expires_at:
            await self._dispatch.end(claimed, "expired", "", now)
            return None
        found = await recheck(self._parts.store, self._parts.snapshot(), decided, held.name, now)
        if not found.allowed:
            await self._dispatch.end(claimed, "not_allowed", found.why, now)
            return None
        if found.not_before is not None and found.not_before > now:
            await self._later(claimed, found.not_before)
            return None
        return claimed if await self._outlives(claimed, now + SENDING_LEASE) else None

    async def _outlives(self, claimed: Claimed, until: float) -> bool:
        """Whether a message is its taker's until then: it does not expire before. False where it was taken back."""
        if claimed.message.expires_at >= until:
            return True
        return await self._outbox.keep(claimed, until, until)

    async def report(self, claimed: Claimed, report: Report, now: float) -> None:
        """Take what became of a message that was handed out."""
        if report.became is Sent.SENT:
            record = told(claimed, "sent", report.why, now)
            if await self._outbox.drop(claimed.held, READY + WITHDRAWN + REPLACED, record):
                self._parts.note(claimed.held.name.channel, "sent")
        elif report.became is Sent.UNDELIVERABLE:
            await self._dispatch.end(claimed, "undeliverable", report.why, now)
        else:
            again = msgspec.structs.replace(claimed.message, tries=claimed.message.tries + 1)
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(claimed.message.tries, 10))
            await self._later(replace(claimed, message=again), now + pause)

    async def report_of(self, customer: CustomerKey, message_id: str, report: Report, now: float) -> None:
        """Take what became of a message that another stream handed out; one that is over is left as it is."""
        whose, _ = await read_linked(self._parts.store, customer, "")
        for claimed in await self._outbox.of(whose):
            if claimed.held.name.message_id == message_id and claimed.message.decided is not None:
                await self.report(claimed, report, now)

    async def _later(self, claimed: Claimed, at: float) -> None:
        await self._outbox.keep(claimed, claimed.message.expires_at, at)
