"""What happens in a case between decisions: events about the customer, an action or a queue, and what falls due."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.alerts.alerts import Alerts
from engine.counts import Counts
from engine.decider import Observation
from engine.event import Event
from engine.events.recording import Events
from engine.events.settling import Settling
from engine.events.sweep import Sweep
from engine.facts.store import FactsRead
from engine.ids import CustomerKey
from engine.memory.store import MemoryStore
from engine.outcome import Disposition
from engine.procedures.beginning import Beginning
from engine.snapshot import Snapshot
from engine.suites.expectation import Failure
from engine.suites.suite import Happen

SESSION = "case"
"""The session that all of a case happens in."""
_MOST = 100


class Happenings:
    """Enters the events of one case as a worker would; `snapshot` follows the live facts that they tell."""

    def __init__(self, snapshot: Snapshot, store: MemoryStore, numbers: Iterator[int]) -> None:
        self.snapshot = snapshot
        self.now = 0.0
        self._store = store
        self._numbers = numbers
        self._events = Events(store, lambda: self.snapshot)
        self._alerts = Alerts(store.alerts, Counts(), Settling(self._events).resolved)
        self._sweep = Sweep(store, self._alerts, lambda: self.snapshot)
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
            return []
        return [Failure(step.place, f"{step.event} can be entered", f"{verdict.field} {verdict.reason}")]

    async def settle(self) -> None:
        """Wait until what decisions began has begun."""
        await self._beginning.close()

    async def alerts(self) -> tuple[str, ...]:
        """The kinds of the alerts that are open now."""
        await self._sweep.run(self.now)
        return tuple(one.kind for one in await self._alerts.newest(resolved=False, most=_MOST))
