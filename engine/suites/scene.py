"""One case being played: a store of its own, the customer in it, and a clock that only the case moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.decider import Decider, DeciderParts
from engine.decision import Audience, Decision, Request, Trace
from engine.feedback import Feedback
from engine.ids import DEFAULT_PARTITIONS, CustomerKey
from engine.memory.store import MemoryStore
from engine.outcome import Disposition, Outcome
from engine.profile import know
from engine.snapshot import Snapshot
from engine.standing import Consent
from engine.store import CustomerWrite, Profile
from engine.suites.answer import Answer
from engine.suites.expectation import Failure
from engine.suites.happenings import SESSION, Happenings
from engine.suites.past import Past
from engine.suites.suite import (
    PREVIOUS,
    Case,
    Change,
    Customer,
    Decide,
    Happen,
    Meeting,
    Push,
    Resolve,
    Step,
    Tell,
    Wait,
)
from engine.suites.supply import Supply
from models.codec import encode
from rules.situation import Moment

TENANT = "default"
_AWAY = "timeout"


class Scene:
    """Plays the steps of one case in order. `decided` has every decision with its channel, those of triggers too;
    `started` the triggers that started something."""

    def __init__(self, snapshot: Snapshot, case: Case, numbers: Iterator[int]) -> None:
        self._case = case
        self._now = case.now
        self._key = CustomerKey(TENANT, case.customer.id)
        self._store = MemoryStore(DEFAULT_PARTITIONS)
        self._numbers = numbers
        self._happenings = Happenings(snapshot, self._store, numbers)
        self._supply = Supply(snapshot, self._store.limits)
        parts = DeciderParts(
            store=self._store,
            snapshot=lambda: self._snapshot,
            entropy=lambda: next(numbers),
            nanos=lambda: 0,
            observe=self._happenings.observe,
            partitions=DEFAULT_PARTITIONS,
            limits=self._supply.keeper,
        )
        self._decider = Decider(parts)
        self._happenings.sends_what(self._decider.decide)
        self._feedback = Feedback(self._store, lambda: self._snapshot, attend=self._happenings.duty.attend)
        self._named: dict[str, Decision] = {}
        self.decided, self.started = self._happenings.decided, self._happenings.started

    @property
    def _snapshot(self) -> Snapshot:
        """What decides, with the live facts that were told so far."""
        return self._happenings.snapshot

    async def begin(self) -> list[Failure]:
        """Load the customer, and what happened before."""
        await self._load(self._case.customer)
        partition = self._key.partition(DEFAULT_PARTITIONS)
        past = Past(self._snapshot, self._store, self._feedback, lambda: next(self._numbers), partition)
        return await past.enter(self._key, self._case.customer.history, self._now)

    async def take(self, step: Step) -> list[Failure]:
        """Play one step; what it breaks."""
        match step:
            case Decide():
                return await self._decide(step)
            case Tell():
                return await self._tell(step)
            case Wait():
                self._now += step.seconds
            case Change():
                await self._load(step.customer)
            case Happen():
                self._happenings.now = self._now
                return await self._happenings.happen(step, self._key)
            case Push():
                self._happenings.now = self._now
                return await self._happenings.push(step)
            case Resolve():
                self._happenings.now = self._now
                if not await self._happenings.resolve(step.kind):
                    return [Failure(step.place, f"an alert of kind {step.kind} is open", "none is")]
        return []

    async def _load(self, customer: Customer) -> None:
        write = _written(self._snapshot, customer, self._key, self._now)
        if write is not None:
            await self._store.put_customers([write])

    async def _decide(self, step: Decide) -> list[Failure]:
        await self._supply.meet(step.meeting, self._now)
        self._store.fail = _AWAY if step.meeting.away else ""
        answer = await self._answer(step)
        self._store.fail = ""
        self._named[PREVIOUS] = answer.decision
        if step.name:
            self._named[step.name] = answer.decision
        self.decided.append((step.meeting.channel, answer.decision))
        return [failure for one in step.expectations for failure in one.judge(answer)]

    async def _answer(self, step: Decide) -> Answer:
        """The decision as every audience is told it that an expectation asks for; only the analyst's is remembered."""
        known = know(self._snapshot, self._key, await self._profile(), self._now)
        request = self._request(step.meeting)
        asked = frozenset[Audience]().union(*(one.audiences for one in step.expectations))
        told = {one: await self._decision(replace(request, audience=one, dry_run=True)) for one in sorted(asked)}
        told[Audience.ANALYST] = await self._decision(request)
        meeting = step.meeting
        moment = Moment(self._now, meeting.channel, meeting.intent, meeting.locale, meeting.context)
        return Answer(self._snapshot, known, moment, told, await self._open_alerts())

    async def _open_alerts(self) -> tuple[str, ...]:
        """What people are alerted to by now; nobody is while the store is away."""
        self._happenings.now = self._now
        await self._happenings.settle()
        return () if self._store.fail else await self._happenings.alerts()

    async def _decision(self, request: Request) -> Decision:
        """What the decider answers; without a request id it refuses nothing."""
        decision = await self._decider.decide(request, self._now)
        assert isinstance(decision, Decision)
        return decision

    async def _profile(self) -> Profile | None:
        return None if self._store.fail else await self._store.read_profile(self._key, "")

    def _request(self, meeting: Meeting) -> Request:
        follows = self._named[meeting.follows].decision_id if meeting.follows else ""
        return _asked(meeting, self._key, follows)

    async def _tell(self, step: Tell) -> list[Failure]:
        name, said_as = self._named[step.of].decision_id, f"o-{next(self._numbers)}"
        told = Outcome(said_as, name, step.action, step.outcome, at=self._now, rating=step.rating)
        said = replace(told, reason_code=step.reason)
        (verdict,) = await self._feedback.record([said], self._now)
        if verdict.disposition is Disposition.ACCEPTED:
            return []
        expected = f"{step.outcome} of {step.action or 'what was proposed'} can be entered"
        return [Failure(step.place, expected, f"{verdict.field}: {verdict.reason}", _offered(self._named[step.of]))]


def _offered(decision: Decision) -> str:
    shown = [one.action for filled in decision.placements for one in filled.actions]
    return f"the decision proposed {', '.join(shown) or 'nothing'}"


def _written(snapshot: Snapshot, customer: Customer, key: CustomerKey, now: float) -> CustomerWrite | None:
    """What the store has to know of a customer as a case has them; None = nothing."""
    vector = None if customer.features is None else encode(snapshot.schema, customer.features, key, now)
    said = Consent(customer.consent or {}, customer.time_zone, personalised=customer.personalised is not False)
    known = customer.consent is not None or customer.time_zone or customer.personalised is not None
    consent = said.pack() if known else None
    return None if vector is None and consent is None else CustomerWrite(key, vector, consent)


def _asked(meeting: Meeting, key: CustomerKey, follows: str) -> Request:
    """The question of a meeting, after the decision with the id `follows`."""
    return Request(
        customer=key,
        channel=meeting.channel,
        intent=meeting.intent,
        context=meeting.context,
        locale=meeting.locale,
        placements=meeting.placements,
        max_actions=meeting.max_actions,
        follows=follows,
        exclude=meeting.exclude,
        session_id=SESSION,
        trace=Trace.FULL,
        audience=Audience.ANALYST,
    )
