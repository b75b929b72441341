"""Where revisions are kept. Each method is one round trip and raises StoreUnavailable.

What was kept once is never changed; what is told of it may be, as when it is approved.
"""

from __future__ import annotations

from typing import Protocol

from engine.revisions.kept import About, KeptBundle, KeptRevision


class Revisions(Protocol):
    """Policies and bundles by revision. `read` and `read_bundle` raise RevisionDamaged too; None = never kept."""

    async def keep(self, revision: KeptRevision) -> None: ...

    async def read(self, revision: str) -> KeptRevision | None: ...

    async def list(self) -> tuple[About, ...]:
        """Of all policies, the newest first."""
        ...

    async def keep_bundle(self, bundle: KeptBundle) -> None: ...

    async def read_bundle(self, revision: str) -> KeptBundle | None: ...

    async def list_bundles(self) -> tuple[About, ...]:
        """Of all bundles, the newest first."""
        ...
