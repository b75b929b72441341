"""Live facts in Redis, at `{g}`: workers read the changes since what they have, all of them only at first."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any

from engine.facts.store import MOST_CHANGES, FactName, FactsPost, FactsRead, Posted
from engine.keys import FACTS, FACTS_CHANGES, FACTS_REVISION
from engine.redis.keyspace import Keyspace, accepted
from engine.redis.wire import Replies

_FACT = struct.Struct("<dd")
_PAGE = 1000


class RedisFacts:
    """Obeys engine/facts/store.py."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace

    async def post(self, post: FactsPost) -> bool:
        functions = self._keyspace.functions
        told = [part for name, value in post.values.items() for part in (name, value)]
        named = [FACTS, FACTS_REVISION, FACTS_CHANGES]
        command = functions.library.call("facts", named, post.action, post.at, MOST_CHANGES, *told)
        replies = await functions.run_each([(self._keyspace.global_slot, command)], self._keyspace.admin_s)
        return bool(accepted(replies)[0][0])

    async def read(self, before: FactsRead) -> FactsRead:
        changes = ("XRANGE", FACTS_CHANGES, f"({before.revision}-0", "+", "COUNT", _PAGE)
        revision, changed = await self._ask(("GET", FACTS_REVISION), changes)
        now = int(revision or 0)
        if now == before.revision:
            return before
        if before.revision and now - before.revision == len(changed):
            found = dict(map(_changed, changed))
            return FactsRead(now, {**before.facts, **found}, before.revision, found)
        revision, kept = await self._ask(("GET", FACTS_REVISION), ("HGETALL", FACTS))
        return FactsRead(int(revision or 0), dict(_kept(kept)))

    async def at(self, revision: int) -> FactsRead | None:
        facts: dict[FactName, Posted] = {}
        seen = 0
        while seen < revision:
            (page,) = await self._ask(("XRANGE", FACTS_CHANGES, f"({seen}-0", f"{revision}-0", "COUNT", _PAGE))
            if not page or _number(page[0]) != seen + 1:
                return None
            facts.update(map(_changed, page))
            seen = _number(page[-1])
        return FactsRead(revision, facts)

    async def _ask(self, *commands: Any) -> Replies:
        return await self._keyspace.ask(self._keyspace.global_slot, commands, self._keyspace.admin_s, bulk=True)


def _number(entry: Any) -> int:
    return int(entry[0].split(b"-")[0])


def _changed(entry: Any) -> tuple[FactName, Posted]:
    return _fact(entry[1][1], entry[1][3])


def _kept(flat: list[bytes]) -> Iterable[tuple[FactName, Posted]]:
    return (_fact(name, packed) for name, packed in zip(flat[::2], flat[1::2], strict=True))


def _fact(name: bytes, packed: bytes) -> tuple[FactName, Posted]:
    action, _, attribute = name.decode().partition("\0")
    at, value = _FACT.unpack(packed)
    return (action, attribute), Posted(value, at)
