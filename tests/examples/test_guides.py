"""The guides do what they say: their blocks are followed in their order, as somebody would who reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.examples.guide import Reader, blocks


@pytest.fixture
def reading(tmp_path, monkeypatch) -> Iterator[Callable[[int], Reader]]:
    """Makes a reader with a company of so many customers."""
    monkeypatch.chdir(tmp_path)
    readers: list[Reader] = []

    def made(customers: int) -> Reader:
        readers.append(Reader(tmp_path, customers))
        return readers[0]

    yield made
    for one in readers:
        one.leave()


@pytest.mark.parametrize(("guide", "customers", "least"), [("ten-minutes.md", 150, 13), ("loop.md", 3_000, 12)])
def test_a_guide_works_from_its_first_command_to_its_last(reading, guide, customers, least):
    followed = list(blocks(guide))
    assert len(followed) >= least
    reader = reading(customers)
    for block in followed:
        reader.follow(block)
