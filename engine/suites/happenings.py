"""What happens in a case between decisions: events about the customer, an action or a queue, and what falls due."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from engine.alerts.alert import Resolution
from engine.alerts.alerts import Alerts
from engine.counts import Counts
from engine.decider import Answer, Observation
from engine.decision import Audience, Decision, Request, Trace
from engine.event import Event
from engine.events.recording import Events
from engine.events.settling import Settling
from engine.events.sweep import Sweep
from engine.facts.store import FactsRead
from engine.ids import CustomerKey
from engine.memory.store import MemoryStore
from engine.outcome import Disposition
from engine.outcomes.duty import DutyDesk
from engine.procedures.beginning import Beginning
from engine.snapshot import Snapshot
from engine.suites.expectation import Failure
from engine.suites.suite import Happen, Push
from engine.suites.why import told
from engine.triggers.dispatch import Decide, Dispatch, DispatchParts
from engine.triggers.sending import Report, Sending, Sent
from rules.event_types import INTERNAL
from rules.situation import Value
from rules.triggers import CompiledTrigger

SESSION = "case"
"""The session that all of a case happens in."""
_MOST = 100


class Happenings:
    """Enters the events of one case as a worker would; `snapshot` follows the live facts that they tell. `started` has
    the triggers that started something, `decided` what was decided for them, with its channel."""

    def __init__(self, snapshot: Snapshot, store: MemoryStore, numbers: Iterator[int]) -> None:
        self.snapshot = snapshot
        self.now = 0.0
        self.started: set[str] = set()
        self.decided: list[tuple[str, Decision]] = []
        self._store = store
        self._numbers = numbers
        self._events = Events(store, lambda: self.snapshot)
        settling = Settling(self._events, store, lambda: self.snapshot)
        self.alerting = Alerts(store.alerts, Counts(), settling.resolved)
        self.duty = DutyDesk(self._events, self.alerting, lambda: self.snapshot)
        self._sweep = Sweep(store, self.alerting, self._events, lambda: self.snapshot)
        self._beginning = Beginning(self._events, lambda: self.now)

    @property
    def observe(self) -> Callable[[Observation], None]:
        """What the decider tells of each decision."""
        return self._beginning.observe

    async def happen(self, step: Happen, customer: CustomerKey) -> list[Failure]:
        """Enter one event; what the server would refuse is a failure."""
        subject = {"customer": "" if step.action or step.queue else customer.customer}
        event = Event(
            f"e-{next(self._numbers)}",
            step.event,
            customer.tenant,
            at=self.now - step.ago,
            action=step.action,
            queue=step.queue,
            attributes=step.attributes,
            session_id=SESSION,
            **subject,
        )
        (verdict,) = await self._events.record_events([event], self.now)
        self.snapshot = self.snapshot.with_facts(await self._store.facts.read(FactsRead()))
        if verdict.disposition is Disposition.ACCEPTED:
            return [] if step.action or step.queue else await self._start(step, customer)
        return [Failure(step.place, f"{step.event} can be entered", f"{verdict.field}: {verdict.reason}")]

    async def _start(self, step: Happen, customer: CustomerKey) -> list[Failure]:
        """Note what the event starts, the customer being who they are now; that it is something else than expected is
        a failure."""
        started: list[tuple[CompiledTrigger, Mapping[str, Value]]] = []
        denied: list[tuple[CompiledTrigger, Mapping[str, Value]]] = []
        for trigger in self.snapshot.policy.triggers.started_on(step.event):
            read = await self._dispatch.read_for(trigger, customer, self.now)
            (started if trigger.holds(read, step.attributes) else denied).append((trigger, read))
        found = {trigger.rule.id for trigger, _ in started}
        self.started |= found
        if step.starts is None or found == {*step.starts}:
            return []
        why = "; ".join(_why_not(trigger, read, step) for trigger, read in denied if trigger.rule.id in step.starts)
        wanted, got = ", ".join(sorted(step.starts)), ", ".join(sorted(found))
        return [Failure(step.place, f"{step.event} starts: {wanted or 'nothing'}", got or "nothing", why)]

    async def resolve(self, kind: str) -> bool:
        """Resolve every open alert of a kind; whether there was one."""
        await self.alerts()
        found = [one.id for one in await self.alerting.newest(resolved=False, most=_MOST) if one.kind == kind]
        for name in found:
            await self.alerting.resolve(name, Resolution(self.now, SESSION))
        return bool(found)

    def sends_what(self, decide: Decide) -> None:
        """What decides for triggers; said once, before the first step."""

        async def traced(request: Request, now: float) -> Answer:
            """As live, but told in full."""
            self.started.add(request.request_id.removeprefix(INTERNAL).partition(":")[0])
            answer = await decide(replace(request, trace=Trace.FULL, audience=Audience.ANALYST), now)
            if isinstance(answer, Decision):
                self.decided.append((request.channel, answer))
            return answer

        parts = DispatchParts(self._store, lambda: self.snapshot, traced, lambda *_: None)
        self._dispatch, self._sending = Dispatch(parts), Sending(parts)

    async def push(self, step: Push) -> list[Failure]:
        """Send what may be sent by now; that it is something else than expected is a failure."""
        await self._dispatch.run(self.now)
        sent = []
        async for claimed in self._sending.take((step.channel,), _MOST, self.now):
            await self._sending.report(claimed, Report(Sent.SENT), self.now)
            sent.append(claimed.message.decided.action if claimed.message.decided else "")
        if step.sends is None or sorted(sent) == sorted(step.sends):
            return []
        wanted, got = ", ".join(sorted(step.sends)), ", ".join(sorted(sent))
        return [Failure(step.place, f"over {step.channel} is sent: {wanted or 'nothing'}", got or "nothing")]

    async def settle(self) -> None:
        """Wait until what decisions began has begun."""
        await self._beginning.close()

    async def alerts(self) -> tuple[str, ...]:
        """The kinds of the alerts that are open now."""
        await self._sweep.run(self.now)
        return tuple(one.kind for one in await self.alerting.newest(resolved=False, most=_MOST))


def _why_not(trigger: CompiledTrigger, read: Mapping[str, Value], step: Happen) -> str:
    """What the condition of a trigger that does not start saw."""
    known = {**read, **{f"event.{name}": value for name, value in step.attributes.items()}}
    seen = ", ".join(f"{name} is {told(known.get(name))}" for name in (trigger.test.reads if trigger.test else ()))
    return f"{trigger.rule.id} reads: {seen}"
