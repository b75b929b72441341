"""Decides what is to be sent when a trigger is due, and tidies up what was taken back or came too late.

One worker looks at a time. Should two look at once, a claim keeps each message to one of them, and the decision's
request id keeps it to one decision.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import msgspec

from engine.decider import Answer
from engine.decision import Decision, Degraded, Filled, Request
from engine.events.realtime import read_realtime
from engine.events.sources import withdrawn_id
from engine.ids import CustomerKey
from engine.linked import read_linked
from engine.profile import know
from engine.rights.bound import bound
from engine.snapshot import Snapshot
from engine.store import Store
from engine.tiers.held import held_tier
from engine.triggers.message import FORMAT, PENDING, READY, REPLACED, WITHDRAWN, Decided, PushRecord
from engine.triggers.store import Claimed, Held
from rules.event_types import INTERNAL
from rules.situation import Moment, Value
from rules.triggers import CompiledTrigger

MOST_AT_ONCE = 100
"""Of each partition; the rest waits for the next look."""
LEASE = 30.0
"""s for which a message is its worker's."""
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0
_SIDE_BY_SIDE = 20
_UNSURE = frozenset({Degraded.STORE_UNAVAILABLE, Degraded.COMMIT_UNKNOWN})

Decide = Callable[[Request, float], Awaitable[Answer]]


class DispatchParts(NamedTuple):
    """`decide` is the decider's; `note` is told what became of a message."""

    store: Store
    snapshot: Callable[[], Snapshot]
    decide: Decide
    note: Callable[[str, str], None]


class Dispatch:
    """Raises StoreUnavailable."""

    def __init__(self, parts: DispatchParts) -> None:
        self._parts = parts
        self._outbox = parts.store.outbox

    async def run(self, now: float) -> int:
        """See to all that is due by `now` (s); how many messages are ready to be sent now."""
        due = await self._outbox.due_work(now, MOST_AT_ONCE)
        ready = 0
        for start in range(0, len(due), _SIDE_BY_SIDE):
            part = due[start : start + _SIDE_BY_SIDE]
            ready += sum(await asyncio.gather(*(self._see_to(one, now) for one in part)))
        return ready

    async def _see_to(self, held: Held, now: float) -> bool:
        claimed = await self._outbox.claim_work(held, now, now + LEASE)
        if claimed is None:
            return False
        if claimed.state in (WITHDRAWN, REPLACED):
            await self.end(claimed, "withdrawn" if claimed.state == WITHDRAWN else "replaced", "", now)
        elif now >= claimed.message.expires_at:
            await self.end(claimed, "expired", "", now)
        elif claimed.state == PENDING:
            return await self._begin(claimed, now)
        return False

    async def end(self, claimed: Claimed, became: str, why: str, now: float) -> None:
        """Forget a message that is not sent, and that its decision was one."""
        decided = claimed.message.decided
        if decided is not None:
            await self._parts.store.void(decided.key, decided.decision_id)
        if await self._outbox.drop(claimed.held, claimed.state, told(claimed, became, why, now)):
            self._parts.note(claimed.held.name.channel, became)

    async def _begin(self, claimed: Claimed, now: float) -> bool:
        trigger = self._parts.snapshot().policy.triggers.by_id.get(claimed.held.name.trigger)
        if trigger is None:
            await self.end(claimed, "withdrawn", "the policy has the trigger no more", now)
            return False
        if await self._overtaken(claimed):
            await self.end(claimed, "withdrawn", "what takes it back was told before", now)
            return False
        if not trigger.holds(await self.read_for(trigger, claimed.held.customer, now), claimed.message.attributes):
            await self.end(claimed, "not_wanted", "its condition does not hold", now)
            return False
        return await self._decide(trigger, claimed, now)

    async def _overtaken(self, claimed: Claimed) -> bool:
        """Whether what takes a message back happened after what started it, and was told before that."""
        _, profile = await read_linked(self._parts.store, claimed.held.customer, "")
        state = read_realtime(profile.realtime)
        taken = state.aggregates.get(withdrawn_id(claimed.held.name.trigger)) if state else None
        return taken is not None and taken.at > claimed.message.at

    async def read_for(self, trigger: CompiledTrigger, whom: CustomerKey, now: float) -> Mapping[str, Value]:
        """What the condition reads beside the event, of the customer as they are now."""
        if trigger.of_event_alone:
            return {}
        customer, profile = await read_linked(self._parts.store, whom, "")
        snapshot = self._parts.snapshot().of(customer)
        known = know(snapshot, customer, profile, now)
        moment = Moment(now, trigger.rule.channel, trigger.rule.intent)
        tier = snapshot.policy.place(bound(snapshot, known, moment), held_tier(snapshot, known, now))
        zone = snapshot.policy.zone(known.standing.time_zone)
        values = trigger.binding.bind(known.values, moment, zone)
        said = {"tier.name": tier.tier.name, "tier.direction": tier.direction}
        return {**values, **said}

    async def _decide(self, trigger: CompiledTrigger, claimed: Claimed, now: float) -> bool:
        rule, message = trigger.rule, claimed.message
        asked = Request(
            claimed.held.customer,
            rule.channel,
            intent=rule.intent,
            placements=(rule.placement,),
            request_id=f"{INTERNAL}{claimed.held.name.message_id}:{message.tries}",
        )
        decision = await self._parts.decide(asked, now)
        again = msgspec.structs.replace(message, tries=message.tries + 1)
        if not isinstance(decision, Decision) or not decision.decision_id or _UNSURE & set(decision.degraded):
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(message.tries, 10))
            await self._outbox.keep(replace(claimed, message=again), now + pause, None)
            return False
        (filled,) = decision.placements
        if filled.actions:
            return await self._ready(claimed, decision, filled, now)
        if filled.send_at is not None and filled.send_at < message.expires_at:
            await self._outbox.keep(replace(claimed, message=again), max(filled.send_at, now + FIRST_PAUSE), None)
        else:
            await self.end(claimed, "nothing", filled.blocked_by or filled.cause.value, now)
        return False

    async def _ready(self, claimed: Claimed, decision: Decision, filled: Filled, now: float) -> bool:
        customer, _ = await read_linked(self._parts.store, claimed.held.customer, "")
        first, send_at = filled.actions[0], filled.send_at or now
        content = {name: text for name, text in first.content._asdict().items() if text}
        whom = (customer.tenant, customer.customer)
        decided = Decided(*whom, decision.decision_id, first.action, first.treatment, content, send_at)
        expires = min(claimed.message.expires_at, filled.expires_at or claimed.message.expires_at)
        message = msgspec.structs.replace(claimed.message, decided=decided, expires_at=expires, tries=0)
        ready = replace(claimed, state=READY, message=message)
        if await self._outbox.keep(ready, expires, send_at):
            return send_at <= now
        await self._parts.store.void(decided.key, decided.decision_id)
        return False


def told(claimed: Claimed, became: str, why: str, now: float) -> PushRecord:
    """The record of what became of a message."""
    held, decided = claimed.held, claimed.message.decided
    name = held.name
    return PushRecord(
        FORMAT,
        name.message_id,
        held.customer.tenant,
        held.customer.customer,
        name.channel,
        name.trigger,
        name.event_id,
        decided.decision_id if decided else "",
        decided.action if decided else "",
        became,
        why,
        now,
    )
