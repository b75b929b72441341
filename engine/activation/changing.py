"""A change from a candidate to what all workers decide by: one at a time, checked, approved, kept, switched to."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from documents.problem import DocumentInvalid
from documents.strict_yaml import read
from engine.activation.asked import Activated
from engine.activation.candidate import Candidate, Found
from engine.activation.gathering import Gathered, NotThere
from engine.activation.in_force import Change, InForce, Origin, Pending
from engine.activation.store import Activations
from engine.activation.switching import NotSwitched, Switching
from engine.project import FEATURES_FILE
from engine.refusal import Refusal, RefusalKind
from engine.revisions.kept import About, KeptBundle, KeptRevision, ProjectText
from engine.revisions.store import Revisions
from engine.store import Store, StoreUnavailable
from models.bundle_files import BundleRefused
from models.feature_file import read_features

TURN_SECONDS = 180.0
GONE_SECONDS = 10.0
"""After so long a silence a worker is taken for dead: it says something of itself every second at least."""
NOTHING_YET = Refusal(
    "not-begun", "nothing is in force yet; try again when the store answers", kind=RefusalKind.NOT_READY
)
Answer = Activated | Refusal
Check = Callable[[Candidate], Awaitable[Found]]


@dataclass(frozen=True, slots=True)
class Wish:
    """A change that somebody wants. `by_another`: another person has to approve it first; `approver` did."""

    gathered: Gathered
    change: Change
    author: str
    origin: Origin
    note: str = ""
    approver: str = ""
    by_another: bool = False
    dry_run: bool = False


class Changing:
    """Makes changes. `check` tries a candidate; `clock` gives wall-clock seconds; `holder` names this worker."""

    def __init__(self, store: Store, check: Check, clock: Callable[[], float], holder: str) -> None:
        self.activations: Activations = store.activations
        self.revisions: Revisions = store.revisions
        self._store = store
        self._check = check
        self.clock = clock
        self._holder = holder
        self._switching = Switching(store.activations, clock)

    async def in_turn(self, work: Callable[[InForce], Awaitable[Answer]]) -> Answer:
        """What the work says, given what is in force, while nobody else changes it."""
        holder = f"{self._holder}-{secrets.token_hex(4)}"
        other = await self.activations.begin(holder, TURN_SECONDS)
        if other and await self._is_gone(other):
            await self.activations.end(other)
            other = await self.activations.begin(holder, TURN_SECONDS)
        if other:
            message = f"another change is underway, by worker {other.rpartition('-')[0]}; try again"
            return Refusal("activation-underway", message, kind=RefusalKind.NOT_READY)
        now: InForce | None = None
        try:
            now = (await self.activations.read()).in_force
            return NOTHING_YET if now is None else await work(now)
        except NotThere as missing:
            return missing.refusal
        except DocumentInvalid as invalid:
            return NOTHING_YET if now is None else unchanged(now, Found(problems=invalid.problems))
        except BundleRefused as refused:
            return NOTHING_YET if now is None else unchanged(now, Found(bundle_refused=str(refused)))
        finally:
            with contextlib.suppress(StoreUnavailable):
                await asyncio.shield(self.activations.end(holder))

    async def _is_gone(self, holder: str) -> bool:
        """Whether the worker that holds the turn has said nothing of itself for long: it died in the middle."""
        worker = holder.rpartition("-")[0]
        said = [beat.at for beat in await self.activations.beats() if beat.writer == worker]
        return bool(said) and max(said) < self.clock() - GONE_SECONDS

    async def make(self, now: InForce, wish: Wish) -> Activated:
        """Check the wish, and put it in force or have it wait."""
        plan = self._plan(now, wish)
        if plan.decides_as(now) and not wish.dry_run:
            return replace(unchanged(now, Found()), activated=True, at=now.at)
        found = await self._check(wish.gathered.candidate)
        if not found.holds or wish.dry_run:
            return replace(unchanged(now, found), revision=plan.policy)
        await self._keep(wish)
        if wish.by_another:
            return await self._pend(now, wish, found)
        switched = await self._switching.switch(plan)
        if isinstance(switched, NotSwitched):
            return unchanged(now, replace(found, fault=switched.reason))
        return replace(
            unchanged(switched.to, found),
            activated=True,
            revision=plan.policy,
            workers=switched.workers,
            late=switched.late,
            at=switched.to.at,
        )

    def _plan(self, now: InForce, wish: Wish) -> InForce:
        said = replace(wish.change.of(now), author=wish.author, approver=wish.approver, note=wish.note)
        return replace(said, origin=wish.origin, at=self.clock(), plan=secrets.token_hex(8))

    async def _keep(self, wish: Wish) -> None:
        """What the store does not have yet; what is told of it is whose idea it first was, and who approved it."""
        gathered = wish.gathered
        about = About("", self.clock(), wish.author, wish.approver, wish.origin.value, wish.note)
        if gathered.new_text is not None and await self.revisions.read(gathered.policy) is None:
            await self.revisions.keep(KeptRevision(replace(about, revision=gathered.policy), gathered.new_text))
            await self._keep_schema(gathered.new_text)
        if gathered.new_bundle is not None and await self.revisions.read_bundle(gathered.bundle) is None:
            kept = KeptBundle(replace(about, revision=gathered.bundle), gathered.new_bundle)
            await self.revisions.keep_bundle(kept)

    async def _keep_schema(self, text: ProjectText) -> None:
        """Before the switch, so that no worker meets vectors of a schema that it does not know."""
        schema = await asyncio.to_thread(lambda: read_features(read(text.features, FEATURES_FILE)))
        await self._store.keep_schema(schema.hash.hex(), schema.to_json())

    async def note_approval(self, gathered: Gathered, approver: str) -> None:
        """Tell of revisions who approved them. Raises StoreUnavailable."""
        policy = await self.revisions.read(gathered.policy)
        if policy is not None:
            await self.revisions.keep(replace(policy, about=replace(policy.about, approver=approver)))
        bundle = await self.revisions.read_bundle(gathered.bundle) if gathered.bundle else None
        if bundle is not None:
            await self.revisions.keep_bundle(replace(bundle, about=replace(bundle.about, approver=approver)))

    async def _pend(self, now: InForce, wish: Wish, found: Found) -> Activated:
        pending = Pending(wish.change, wish.author, self.clock(), wish.origin, wish.note)
        for earlier in await self.activations.pending():
            if pending.replaces(earlier):
                await self.activations.drop_pending(earlier.key)
        await self.activations.keep_pending(pending)
        return replace(unchanged(now, found), pending=True, revision=pending.key)


def unchanged(now: InForce, found: Found) -> Activated:
    """What is in force still, and what was found."""
    return Activated(
        activated=False,
        policy_revision=now.policy,
        model_revision=now.bundle,
        problems=found.problems,
        bundle_refused=found.bundle_refused,
        cases=found.cases,
        failed=found.failed,
        fault=found.fault,
        epoch=now.epoch,
    )
