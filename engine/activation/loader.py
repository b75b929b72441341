"""Makes snapshots of revisions out of the store, off the event loop."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from documents.problem import BefitError
from engine.activation.in_force import InForce
from engine.activation.politeness import HURRY, Politeness
from engine.activation.rehearsal import rehearse
from engine.project import compile_text, joined
from engine.revisions.kept import KeptBundle
from engine.revisions.store import Revisions
from engine.snapshot import NOTHING_BESIDE, Beside, Snapshot
from models.bundle import Bundle, load_bundle
from models.features import FeatureSchema
from rules.compiled import CompiledPolicy

AT_HAND = 6
"""Snapshots that are kept: for what is in force, its challenger, and to answer again what earlier ones decided."""

Key = tuple[str, str]


class RevisionMissing(BefitError):
    """The store has no such policy or bundle."""


class Loader:
    """Snapshots by (policy, bundle). What one has compiled or loaded before is used again."""

    def __init__(
        self, revisions: Revisions, politeness: Politeness = HURRY, clock: Callable[[], float] = time.time
    ) -> None:
        self._revisions = revisions
        self._background = politeness.run
        self._clock = clock
        self._made: dict[Key, Snapshot] = {}

    def remember(self, snapshot: Snapshot) -> None:
        """Have it at hand."""
        key = (snapshot.policy_revision, snapshot.model_revision)
        self._made.pop(key, None)
        self._made[key] = replace(snapshot, stopped=0, beside=NOTHING_BESIDE)
        while len(self._made) > AT_HAND:
            self._made.pop(next(iter(self._made)))

    async def load(self, wanted: InForce) -> Snapshot:
        """All that decides while `wanted` is in force. Raises RevisionMissing, RevisionDamaged, StoreUnavailable,
        DocumentInvalid, BundleRefused."""
        snapshot = await self._snapshot(wanted.policy, wanted.bundle)
        challenge = wanted.challenge
        beside = Beside(earlier=dict(self._made))
        if challenge is not None:
            challenger = await self._snapshot(challenge.policy, challenge.bundle)
            beside = replace(
                beside, challenger=challenger, share=challenge.share, shadow=challenge.shadow, challenge=challenge.id
            )
        return replace(snapshot, beside=beside)

    async def _snapshot(self, policy: str, bundle: str) -> Snapshot:
        found = self._made.get((policy, bundle))
        if found is None:
            compiled, schema = await self._policy(policy)
            model = await self._bundle(bundle) if bundle else None
            found = await self._background(self._joined, compiled, schema, model)
        self.remember(found)
        return found

    async def _policy(self, revision: str) -> tuple[CompiledPolicy, FeatureSchema]:
        for made in self._made.values():
            if made.policy_revision == revision:
                return made.policy, made.schema
        kept = await self._revisions.read(revision)
        if kept is None:
            raise RevisionMissing(f"the store has no policy {revision}")
        return await self._background(compile_text, kept.text, Path())

    async def _bundle(self, revision: str) -> Bundle:
        for made in self._made.values():
            if made.model_revision == revision and made.expectation.bundle is not None:
                return made.expectation.bundle
        kept = await self._revisions.read_bundle(revision)
        if kept is None:
            raise RevisionMissing(f"the store has no bundle {revision}")
        return await self._background(_load, kept)

    def _joined(self, policy: CompiledPolicy, schema: FeatureSchema, bundle: Bundle | None) -> Snapshot:
        snapshot = joined(policy, schema, bundle)
        rehearse(snapshot, self._clock())
        return snapshot


def _load(kept: KeptBundle) -> Bundle:
    with tempfile.TemporaryDirectory(prefix="befit-bundle-") as folder:
        return load_bundle(kept.write(Path(folder)))
