"""The snapshot in force, kept up with what all workers share: stopped actions and feature schemas."""

from __future__ import annotations

from collections.abc import Mapping

from engine.snapshot import Snapshot
from engine.store import Settings, Store, StoreUnavailable
from models.features import FeatureSchema

SECONDS_BETWEEN = 0.25
"""From one refresh to the next: how long an action that was stopped elsewhere may still be proposed here."""


class Live:
    """Holds the snapshot; a refresh swaps the reference, so each decision uses exactly one."""

    def __init__(self, snapshot: Snapshot, store: Store) -> None:
        self._snapshot = snapshot
        self._store = store
        self._settings = Settings()
        self.store_problem = ""

    def snapshot(self) -> Snapshot:
        """The revision in force."""
        return self._snapshot

    async def begin(self) -> None:
        """Publish this project's schema and revisions, then read what is shared. Raises StoreUnavailable."""
        schema = self._snapshot.schema
        await self._store.keep_schema(schema.hash.hex(), schema.to_json())
        await self._store.keep_revision("policy", self._snapshot.policy_revision)
        await self._store.keep_revision("bundle", self._snapshot.model_revision)
        await self.refresh()

    async def refresh(self) -> None:
        """Read what is shared and apply what changed; the store being away leaves everything as it is."""
        try:
            settings = await self._store.read_settings()
        except StoreUnavailable as problem:
            self.store_problem = problem.code
            return
        self.store_problem = ""
        if settings == self._settings:
            return
        stopped = self._snapshot.with_stopped(settings.stopped)
        self._snapshot = stopped.with_schemas(_schemas(settings.schemas))
        self._settings = settings

    @property
    def stopped(self) -> tuple[str, ...]:
        """The actions that are stopped, by name."""
        return tuple(sorted(self._settings.stopped))


def _schemas(kept: Mapping[str, bytes]) -> dict[bytes, FeatureSchema]:
    """The schemas that can be read; one that cannot leaves its vectors unreadable, which decisions say."""
    found = {}
    for name, written in kept.items():
        try:
            schema = FeatureSchema.from_json(written)
        except (ValueError, KeyError, TypeError):
            continue
        if schema.hash.hex() == name:
            found[schema.hash] = schema
    return found
