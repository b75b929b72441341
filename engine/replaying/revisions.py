"""Snapshots as they were when a decision was made: from the project's files where they are of that revision, else from
what the store keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from documents.problem import BefitError
from engine.activation.gathering import bundle_revision
from engine.activation.in_force import InForce
from engine.activation.loader import Loader
from engine.expectation import number_of
from engine.facts.store import FactsRead
from engine.learning.store import Learned
from engine.live import schemas_of
from engine.project import read_text
from engine.record import DecisionRecord
from engine.revisions.kept import About, KeptBundle, KeptRevision, ProjectText
from engine.revisions.store import Revisions
from engine.snapshot import NOTHING_BESIDE, Snapshot
from engine.store import Store, StoreUnavailable
from models.bundle_files import read_raw
from models.codec import written_schema

MOST_KEPT = 4
"""Snapshots of earlier revisions."""


class NotReplayable(BefitError):
    """A decision cannot be made again; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class FilesFirst:
    """Revisions of which the project's own files are one; the rest is `kept`."""

    kept: Revisions
    text: ProjectText | None
    bundle: Mapping[str, bytes] = field(default_factory=dict)

    @staticmethod
    def of(kept: Revisions, project: Path, bundle: Path | None) -> FilesFirst:
        """With the files as they are now. Raises DocumentInvalid, BundleRefused where they cannot be read."""
        return FilesFirst(kept, read_text(project), {} if bundle is None else read_raw(bundle))

    async def read(self, revision: str) -> KeptRevision | None:
        if self.text is not None and self.text.revision == revision:
            return KeptRevision(About(revision, 0.0), self.text)
        return await self.kept.read(revision)

    async def read_bundle(self, revision: str) -> KeptBundle | None:
        if self.bundle and bundle_revision(self.bundle) == revision:
            return KeptBundle(About(revision, 0.0), self.bundle)
        return await self.kept.read_bundle(revision)

    async def keep(self, revision: KeptRevision) -> None:
        await self.kept.keep(revision)

    async def list(self) -> tuple[About, ...]:
        return await self.kept.list()

    async def keep_bundle(self, bundle: KeptBundle) -> None:
        await self.kept.keep_bundle(bundle)

    async def list_bundles(self) -> tuple[About, ...]:
        return await self.kept.list_bundles()


class PastSnapshots:
    """Gives the snapshot that a record was decided by; `at_hand` one that may be it already. Raises NotReplayable,
    StoreUnavailable."""

    def __init__(self, store: Store, loader: Loader, at_hand: Callable[[], Snapshot] | None = None) -> None:
        self._store = store
        self._loader = loader
        self._at_hand = at_hand
        self._dressed: dict[tuple[str, str], Snapshot] = {}
        self._facts: dict[int, FactsRead] = {0: FactsRead()}
        self._learned: dict[int, Learned] = {0: Learned()}

    async def of(self, record: DecisionRecord) -> Snapshot:
        """With the actions that were stopped then, the live facts of actions and the learned counts of then."""
        snapshot = await self._of_revisions(record.policy, record.bundle)
        _check_schema(snapshot, record)
        catalogue = snapshot.policy.catalogue
        stopped = catalogue.mask_of_stable(np.frombuffer(record.stopped, dtype="<u4").tolist())
        snapshot = replace(snapshot, stopped=stopped, beside=NOTHING_BESIDE)
        snapshot = snapshot.with_learned(await self._learned_at(number_of(record.counts)))
        live = snapshot.policy.unposted.names
        return snapshot.with_facts(await self._facts_at(record.facts)) if live else snapshot

    async def _of_revisions(self, policy: str, bundle: str) -> Snapshot:
        if self._at_hand is not None:
            found = self._at_hand().that_decided(policy, bundle)
            if (found.policy_revision, found.model_revision) == (policy, bundle):
                return found
        if (policy, bundle) not in self._dressed:
            settings = await self._store.read_settings()
            made = await self._loaded(policy, bundle)
            self._dressed = dict(list(self._dressed.items())[1 - MOST_KEPT :])
            self._dressed[policy, bundle] = made.with_schemas(schemas_of(settings.schemas))
        return self._dressed[policy, bundle]

    async def _loaded(self, policy: str, bundle: str) -> Snapshot:
        try:
            return await self._loader.load(InForce(0, policy, bundle, 0.0))
        except StoreUnavailable:
            raise
        except BefitError as failure:
            raise NotReplayable(f"cannot be replayed: {failure}") from failure

    async def _facts_at(self, revision: int) -> FactsRead:
        found = self._facts.get(revision) or await self._store.facts.at(revision)
        if found is None:
            raise NotReplayable(f"cannot be replayed: the live facts of actions of revision {revision} are gone")
        self._facts = {0: FactsRead(), revision: found}
        return found

    async def _learned_at(self, number: int) -> Learned:
        found = self._learned.get(number) or await self._store.learned.at(number)
        if found is None:
            raise NotReplayable(f"cannot be replayed: the learned counts of number {number} are gone")
        self._learned = {0: Learned(), number: found}
        return found


def _check_schema(snapshot: Snapshot, record: DecisionRecord) -> None:
    """The features can be read as they could be then."""
    if not record.schema or record.state is None or not record.state.vector:
        return
    if written_schema(record.state.vector) not in snapshot.readings:
        raise NotReplayable("cannot be replayed: the schema that the features were written under is not known")
