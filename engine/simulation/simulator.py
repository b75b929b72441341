"""Answers trials for a running server: reads what is known of the customers, lays out both sides, has them decided."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.activation.asked import Source
from engine.activation.gathering import Gathered, Gathering, NotThere
from engine.decision import Request
from engine.facts.store import FactsRead
from engine.learning.store import Learned
from engine.limits.keeper import LimitKeeper
from engine.linked import read_linked
from engine.live import Live
from engine.refusal import Refusal, RefusalKind
from engine.simulation.trial import Change, Trial, TrialQuestion, TrialSide, Tried, tried_apart
from engine.store import Store
from models.bundle_files import BundleRefused

NOT_TOLD = Refusal("not-ready", "the store has not told yet what is in force", kind=RefusalKind.NOT_READY)
_AT_ONCE = 32
"""Reads underway: few enough that decisions do not wait behind them."""


class Simulator:
    """One trial at a time. Reads the store, writes nothing."""

    def __init__(self, live: Live, store: Store, keeper: LimitKeeper, project: Path) -> None:
        self._live = live
        self._store = store
        self._keeper = keeper
        self._gathering = Gathering(store.revisions, project)
        self._turn = asyncio.Semaphore(1)

    async def simulate(self, change: Change, requests: Sequence[Request], now: float) -> Tried | Refusal:
        """Decide each request as a dry run, under what is in force and under the change, at `now` (s).

        Raises StoreUnavailable, RevisionDamaged.
        """
        in_force = self._live.in_force
        if in_force is None:
            return NOT_TOLD
        async with self._turn:
            try:
                before = await self._gathering.kept(in_force.policy, in_force.bundle)
                after = await self._gathering.gather(Source(bundle=change.bundle), in_force)
            except NotThere as missing:
                return missing.refusal
            except BundleRefused as refused:
                return Tried(bundle_refused=str(refused))
            shared = (await self._store.read_settings(), await self._store.facts.read(FactsRead()))
            learned = await self._store.learned.read(Learned())
            questions = await self._questions(requests, now)
            with tempfile.TemporaryDirectory(prefix="befit-trial-") as folder:
                sides = _sides(Path(folder), before, _with_policy(after, change.policy))
                return await asyncio.to_thread(tried_apart, Trial(*sides, *shared, learned, questions, now))

    async def _questions(self, requests: Sequence[Request], now: float) -> tuple[TrialQuestion, ...]:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def question(request: Request) -> TrialQuestion:
            async with gate:
                customer, profile = await read_linked(self._store, request.customer, "")
            snapshot = self._live.snapshot()
            meters = snapshot.policy.rationing.by_channel.get(request.channel, ())
            limits = self._keeper.seen(snapshot, meters, now)
            return TrialQuestion(replace(request, customer=customer, request_id="", dry_run=True), profile, limits)

        return tuple(await asyncio.gather(*(question(request) for request in requests)))


def _with_policy(gathered: Gathered, policy: bytes) -> Gathered:
    """The same with another policy file, where there is one, under the revision of that."""
    if not policy:
        return gathered
    text = replace(gathered.candidate.text, policy=policy)
    return replace(gathered, candidate=replace(gathered.candidate, text=text), policy=text.revision)


def _sides(folder: Path, before: Gathered, after: Gathered) -> tuple[TrialSide, TrialSide]:
    """A bundle that both have is laid out once."""
    first = TrialSide(before.candidate.text, _laid_out(folder / "before", before.candidate.bundle))
    if before.bundle == after.bundle:
        return first, TrialSide(after.candidate.text, first.bundle)
    return first, TrialSide(after.candidate.text, _laid_out(folder / "after", after.candidate.bundle))


def _laid_out(folder: Path, files: Mapping[str, bytes] | None) -> Path | None:
    if files is None:
        return None
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
