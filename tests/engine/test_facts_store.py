"""Live facts are kept as they were told last, read by what changed, and known as they were at any revision."""

from __future__ import annotations

import pytest

from engine.facts.store import FactsPost, FactsRead, Posted
from engine.store import Store
from tests.engine.company import NOW

NONE = FactsRead()


async def test_the_latest_fact_counts_whenever_it_comes(store: Store):
    assert await store.facts.post(FactsPost("sofa", NOW, {"stock": 5.0, "days": 2.0}))
    assert not await store.facts.post(FactsPost("sofa", NOW - 1, {"stock": 9.0}))
    assert not await store.facts.post(FactsPost("sofa", NOW, {"stock": 5.0}))
    assert await store.facts.post(FactsPost("sofa", NOW + 1, {"stock": 0.0}))
    read = await store.facts.read(NONE)
    assert read.facts == {("sofa", "stock"): Posted(0.0, NOW + 1), ("sofa", "days"): Posted(2.0, NOW)}
    assert read.revision == 3


async def test_what_did_not_change_is_not_read_again(store: Store):
    assert await store.facts.read(NONE) is NONE
    await store.facts.post(FactsPost("sofa", NOW, {"stock": 5.0}))
    first = await store.facts.read(NONE)
    assert await store.facts.read(first) is first
    await store.facts.post(FactsPost("chair", NOW, {"stock": 1.0}))
    second = await store.facts.read(first)
    assert set(second.facts) == {("sofa", "stock"), ("chair", "stock")}
    assert second.since == -1 or (second.since, set(second.changed)) == (first.revision, {("chair", "stock")})


@pytest.mark.parametrize("changes", [3, 1005])
async def test_many_changes_at_once_are_read_whole(store: Store, changes: int):
    await store.facts.post(FactsPost("sofa", NOW, {"stock": 1.0}))
    first = await store.facts.read(NONE)
    for start in range(0, changes, 250):
        names = {f"a{number}": float(number) for number in range(start, min(start + 250, changes))}
        await store.facts.post(FactsPost("sofa", NOW, names))
    read = await store.facts.read(first)
    assert (read.revision, len(read.facts)) == (1 + changes, 1 + changes)


async def test_facts_are_known_as_they_were_at_a_revision(store: Store):
    for second, stock in enumerate((5.0, 4.0, 3.0)):
        await store.facts.post(FactsPost("sofa", NOW + second, {"stock": stock}))
    assert await store.facts.at(2) == FactsRead(2, {("sofa", "stock"): Posted(4.0, NOW + 1)})
    assert await store.facts.at(0) == NONE
    assert await store.facts.at(4) is None
