"""Revisions in memory."""

from __future__ import annotations

from collections.abc import Callable

from engine.revisions.kept import About, KeptBundle, KeptRevision, newest_first


class MemoryRevisions:
    """Obeys engine/revisions/store.py; `check` raises StoreUnavailable while the store is to fail."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._policies: dict[str, KeptRevision] = {}
        self._bundles: dict[str, KeptBundle] = {}

    async def keep(self, revision: KeptRevision) -> None:
        self._check()
        kept = self._policies.get(revision.revision, revision)
        self._policies[revision.revision] = KeptRevision(revision.about, kept.text)

    async def read(self, revision: str) -> KeptRevision | None:
        self._check()
        return self._policies.get(revision)

    async def list(self) -> tuple[About, ...]:
        self._check()
        return newest_first(one.about for one in self._policies.values())

    async def keep_bundle(self, bundle: KeptBundle) -> None:
        self._check()
        kept = self._bundles.get(bundle.about.revision, bundle)
        self._bundles[bundle.about.revision] = KeptBundle(bundle.about, kept.files)

    async def read_bundle(self, revision: str) -> KeptBundle | None:
        self._check()
        return self._bundles.get(revision)

    async def list_bundles(self) -> tuple[About, ...]:
        self._check()
        return newest_first(one.about for one in self._bundles.values())
