"""Revisions in Redis: contents and what is told of them in two hashes each, so that a list reads no content."""

from __future__ import annotations

from engine.keys import BUNDLES, BUNDLES_ABOUT, POLICIES, POLICIES_ABOUT
from engine.redis.keyspace import Keyspace
from engine.redis.wire import Command, Replies
from engine.revisions.kept import (
    About,
    KeptBundle,
    KeptRevision,
    newest_first,
    packed_about,
    packed_files,
    packed_text,
    read_about,
    read_files,
    read_text,
)


class RedisRevisions:
    """Obeys engine/revisions/store.py."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def keep(self, revision: KeptRevision) -> None:
        name = revision.revision
        content = ("HSETNX", POLICIES, name, packed_text(revision.text))
        await self._ask(content, ("HSET", POLICIES_ABOUT, name, packed_about(revision.about)))

    async def read(self, revision: str) -> KeptRevision | None:
        content, about = await self._ask(("HGET", POLICIES, revision), ("HGET", POLICIES_ABOUT, revision))
        return None if content is None or about is None else KeptRevision(read_about(about), read_text(content))

    async def list(self) -> tuple[About, ...]:
        (found,) = await self._ask(("HVALS", POLICIES_ABOUT))
        return newest_first(map(read_about, found))

    async def keep_bundle(self, bundle: KeptBundle) -> None:
        name = bundle.about.revision
        content = ("HSETNX", BUNDLES, name, packed_files(bundle.files))
        await self._ask(content, ("HSET", BUNDLES_ABOUT, name, packed_about(bundle.about)))

    async def read_bundle(self, revision: str) -> KeptBundle | None:
        content, about = await self._ask(("HGET", BUNDLES, revision), ("HGET", BUNDLES_ABOUT, revision))
        return None if content is None or about is None else KeptBundle(read_about(about), read_files(content))

    async def list_bundles(self) -> tuple[About, ...]:
        (found,) = await self._ask(("HVALS", BUNDLES_ABOUT))
        return newest_first(map(read_about, found))

    async def _ask(self, *commands: Command) -> Replies:
        return await self._keyspace.ask(self._keyspace.global_slot, commands, self._keyspace.admin_s, bulk=True)
