"""What sinks agree on, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.memory.book import MemoryBook
from engine.sink.layout import order_of


class MemorySinks:
    """Obeys engine/sink/store.py over the logs of a book."""

    def __init__(self, book: MemoryBook, check: Callable[[], None]) -> None:
        self._book = book
        self._check = check
        self._reached: dict[str, dict[int, str]] = {}
        self._trimmed: dict[int, str] = {}

    async def reach(self, folder: str, offsets: Mapping[int, str]) -> None:
        self._check()
        if offsets:
            self._reached.setdefault(folder, {}).update(offsets)

    async def reached(self) -> Mapping[str, Mapping[int, str]]:
        self._check()
        return {folder: dict(offsets) for folder, offsets in self._reached.items()}

    async def forget(self, folder: str) -> None:
        self._check()
        self._reached.pop(folder, None)

    async def trim(self, partition: int, before: str) -> int:
        self._check()
        self._trimmed[partition] = before
        log = self._book.logs.get(partition, [])
        kept = [one for one in log if order_of(one[1].stream_id) >= order_of(before)]
        self._book.logs[partition] = kept
        return len(log) - len(kept)

    async def trimmed(self) -> Mapping[int, str]:
        self._check()
        return dict(self._trimmed)

    async def oldest(self, partition: int) -> str:
        self._check()
        return next((entry.stream_id for _, entry in self._book.logs.get(partition, [])), "")

    async def sequences(self, partition: int) -> Mapping[str, int]:
        self._check()
        last = self._book.sequences.get(partition)
        return {} if last is None else {self._book.writer: last}
