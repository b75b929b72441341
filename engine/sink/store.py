"""What the sink asks of the store beside reading the log. Each method is one round trip and raises StoreUnavailable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Sinks(Protocol):
    """How far which folder has the log, what was trimmed behind them, and what writers say that they wrote."""

    async def reach(self, folder: str, offsets: Mapping[int, str]) -> None:
        """A folder, by its id, safely holds these partitions up to these stream ids."""
        ...

    async def reached(self) -> Mapping[str, Mapping[int, str]]:
        """How far each folder is, by its id and by partition."""
        ...

    async def forget(self, folder: str) -> None:
        """A folder no longer takes part; nothing waits for it."""
        ...

    async def trim(self, partition: int, before: str) -> int:
        """Remove a partition's entries with a lower stream id, and say how many. Two round trips."""
        ...

    async def trimmed(self) -> Mapping[int, str]:
        """Below which stream id each partition was trimmed."""
        ...

    async def oldest(self, partition: int) -> str:
        """The stream id of a partition's first entry, "" where there is none."""
        ...

    async def sequences(self, partition: int) -> Mapping[str, int]:
        """The last running number of each writer."""
        ...
