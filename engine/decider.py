"""One decision with its two round trips: read, resolve, commit; retried once in take mode when a limit was lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import msgspec
from msgspec import structs

from engine.asker import Asker
from engine.commit import Proposal, commit_request, digest_of
from engine.decision import Decision, Request, Trace
from engine.ids import decision_id
from engine.last_resort import last_resort
from engine.limits.unlimited import Rationed, Unlimited
from engine.linked import read_linked
from engine.present import present
from engine.profile import know
from engine.refusal import NOT_ANSWERED, Refusal, RefusalKind
from engine.repeat import repeated
from engine.resolution import Question, Resolution
from engine.settle import settled, ungranted, unsettled
from engine.snapshot import Snapshot
from engine.stopwatch import Stopwatch
from engine.store import ClaimLost, CommitResult, Committed, Duplicate, Profile, Store, StoreUnavailable
from engine.voids import Voids
from rules.removal import Removal
from rules.situation import Moment

REUSED = Refusal(
    "request-id-reused", "was used for another question; choose a new one", "request_id", RefusalKind.CONFLICT
)
Answer = Decision | Refusal
Explain = Callable[[Snapshot, Resolution, Decision], Awaitable[Decision]]


class Observation(msgspec.Struct, frozen=True):
    """What metrics learn of one decision: its channel, the answer, what removed actions, and microseconds by stage;
    `question` where it was resolved."""

    channel: str
    decision: Decision
    removals: tuple[Removal, ...]
    micros: tuple[tuple[str, int], ...]
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class DeciderParts:
    """What a decider is made of. `snapshot` gives the revision in force; `entropy` 40 random bits for ids; `nanos` a
    monotonic clock for timings; `observe` takes what metrics count; `explain` adds what a full trace tells beside the
    reasons, None = nothing; `limits` resolves under the limits over all customers."""

    store: Store
    snapshot: Callable[[], Snapshot]
    entropy: Callable[[], int]
    nanos: Callable[[], int]
    observe: Callable[[Observation], None]
    partitions: int
    explain: Explain | None = None
    limits: Rationed = field(default_factory=Unlimited)


class Decider:
    """Decides. Safe to share between concurrent calls of one event loop."""

    def __init__(self, parts: DeciderParts) -> None:
        self._parts = parts
        self._voids = Voids(parts.store, parts.limits)

    async def decide(self, request: Request, now: float) -> Answer:
        """The decision for a validated request at `now` (seconds). Never raises for what the store does."""
        snapshot = self._parts.snapshot()
        watch = Stopwatch(self._parts.nanos)
        request, profile = await self._read(request)
        watch.mark("profile")
        if profile and profile.earlier:
            return await self._repeat(snapshot, request, profile, now)
        snapshot = snapshot.of(request.customer)
        question = Question(request, know(snapshot, request.customer, profile, now), _moment(request, now))
        return await self._answer(snapshot, question, watch)

    async def _read(self, request: Request) -> tuple[Request, Profile | None]:
        """The customer's fields; a visitor who was linked is decided for as the customer."""
        request_id = "" if request.dry_run else request.request_id
        try:
            customer, profile = await read_linked(self._parts.store, request.customer, request_id)
        except StoreUnavailable:
            return request, None
        return request if customer == request.customer else replace(request, customer=customer), profile

    async def _answer(self, snapshot: Snapshot, question: Question, watch: Stopwatch) -> Answer:
        """Resolve and commit; once more, taking what is left, when a limit was lost in between."""
        proposal = await self._propose(snapshot, question, watch)
        if question.request.dry_run or question.known.fields is None:
            return await self._finish(proposal, watch)
        result = await self._commit(proposal, watch, take=False)
        if isinstance(result, ClaimLost):
            proposal = await self._propose_again(proposal, result, watch)
            result = await self._commit(proposal, watch, take=True)
        if isinstance(result, Duplicate):
            return _first(Asker(snapshot, question.request, question.known), result)
        if isinstance(result, Committed):
            return await self._finish(settled(proposal, result.dropped), watch)
        return await self._finish(unsettled(proposal), watch)

    async def _propose(
        self, snapshot: Snapshot, question: Question, watch: Stopwatch, first: Resolution | None = None
    ) -> Proposal:
        resolution = await self._parts.limits.resolve(snapshot, question, first)
        watch.mark("resolve")
        try:
            decision = present(snapshot, resolution, self._name(question))
        except BaseException:
            self._parts.limits.settle(resolution.takes, frozenset(take.action for take in resolution.takes))
            raise
        watch.mark("present")
        return Proposal(snapshot, resolution, decision)

    def _name(self, question: Question) -> str:
        """The id under which the decision will be remembered; "" where it will not be."""
        if question.request.dry_run or question.known.fields is None:
            return ""
        partition = question.request.customer.partition(self._parts.partitions)
        return decision_id(partition, question.now, self._parts.entropy())

    async def _propose_again(self, lost: Proposal, result: ClaimLost, watch: Stopwatch) -> Proposal:
        """The same question and moment with the ledger as it is now, and a second draw."""
        question = lost.resolution.question
        fields = question.known.fields or Profile()
        fresh = replace(fields, contacts=result.contacts, pauses=result.pauses)
        known = know(lost.snapshot, question.request.customer, fresh, question.now)
        again = replace(question, known=known, attempt=2, first=question)
        return await self._propose(lost.snapshot, again, watch, lost.resolution)

    async def _commit(self, proposal: Proposal, watch: Stopwatch, *, take: bool) -> CommitResult | None:
        """What the store said; None when that is unknown, and then it is told to forget the decision."""
        request, takes = commit_request(proposal, watch.timings, take), proposal.resolution.takes
        try:
            with self._voids.unless_awaited(request.customer, request.decision_id, takes):
                result = await self._parts.store.commit(request)
        except StoreUnavailable:
            self._voids.forget(request.customer, request.decision_id, takes)
            return None
        except Exception:
            self._parts.limits.settle(takes)
            raise
        else:
            self._parts.limits.settle(takes, ungranted(proposal, result))
            return result
        finally:
            watch.mark("commit")

    async def _repeat(self, snapshot: Snapshot, request: Request, profile: Profile, now: float) -> Answer:
        earlier = profile.earlier
        assert earlier is not None
        try:
            slate = await self._parts.store.read_slate(earlier.decision_id)
        except StoreUnavailable:
            return NOT_ANSWERED
        asker = Asker(snapshot, request, know(snapshot, request.customer, profile, now))
        return _first(asker, Duplicate(earlier.digest, earlier.decision_id, slate))

    async def _finish(self, proposal: Proposal, watch: Stopwatch) -> Decision:
        """The answer; explained where a full trace is asked for, which is not part of the decision's time."""
        decision, resolution = structs.replace(proposal.decision, server_micros=watch.total()), proposal.resolution
        request, removals = resolution.question.request, resolution.removals
        self._parts.observe(Observation(request.channel, decision, removals, watch.timings, resolution.question))
        if request.trace is Trace.FULL and self._parts.explain is not None:
            with self._voids.unless_awaited(request.customer, decision.decision_id, ()):
                return await self._parts.explain(proposal.snapshot, resolution, decision)
        return decision

    def fallback(self, request: Request, now: float) -> Decision:
        """The policy's fallbacks and nothing else, without the store: for when deciding failed."""
        snapshot = self._parts.snapshot()
        return last_resort(Asker(snapshot, request, know(snapshot, request.customer, None, now)), now)

    async def close(self) -> None:
        """Wait for what the store still has to be told."""
        await self._voids.close()


def _first(asker: Asker, earlier: Duplicate) -> Answer:
    """The first answer to this request id, or why it is not given."""
    if earlier.digest != digest_of(asker.request):
        return REUSED
    return repeated(asker, earlier) or NOT_ANSWERED


def _moment(request: Request, now: float) -> Moment:
    return Moment(now, request.channel, request.intent, request.locale, request.context)
