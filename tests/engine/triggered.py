"""A company whose events start messages: they are decided, checked again and sent when the test says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.snapshot import Snapshot
from engine.triggers.dispatch import Dispatch, DispatchParts
from engine.triggers.sending import Report, Sending, Sent
from engine.triggers.store import Claimed
from rules.trigger import Trigger
from tests.engine.company import ANNA, DAY, changed
from tests.engine.eventful import HERE, EventfulCompany, cel, eventful

HOUR = 3600.0


def trigger(name: str = "abandoned", **fields: Any) -> Trigger:
    """An hour after a basket was abandoned, a push message, unless something is bought."""
    said = {
        "id": name,
        "on": "basket",
        "when": cel("event.change == 'abandoned'"),
        "channel": "push",
        "placement": "message",
        "intent": "",
        "delay": HOUR,
        "lasts": DAY,
        "collapse_key": name,
        "withdraw_on": frozenset({"purchase"}),
        "place": HERE,
    }
    return Trigger(**{**said, **fields})


def triggering(*triggers: Trigger, **fields: Any) -> Snapshot:
    """The eventful company with these triggers."""
    return changed(eventful(), triggers=triggers or (trigger(),), **fields)


class TriggeredCompany(EventfulCompany):
    """Anna agreed to push messages."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self.know(ANNA, consent={"push:marketing": True})
        self.became: list[str] = []
        parts = DispatchParts(
            self.store, lambda: self.snapshot, self.decider.decide, lambda _, became: self.became.append(became)
        )
        self.dispatch, self.sending = Dispatch(parts), Sending(parts)

    async def take(self, now: float, channels: Sequence[str] = ("push",), most: int = 10) -> list[Claimed]:
        """Decide what is due, and take what may be sent."""
        await self.dispatch.run(now)
        return [one async for one in self.sending.take(channels, most, now)]

    async def sent(self, now: float) -> list[str]:
        """The actions that are sent by now, as reported at once."""
        found = await self.take(now)
        for one in found:
            await self.sending.report(one, Report(Sent.SENT), now)
        return [one.message.decided.action for one in found if one.message.decided]
