"""A company whose policies change, over a store in memory: trials find what the test tells them to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.activation.activator import Activator
from engine.activation.candidate import Candidate, Found
from engine.activation.changing import Changing
from engine.activation.home import Home, found
from engine.live import Live
from engine.memory.store import MemoryStore
from engine.project import load_snapshot

TITLE = "Films for everyone"


@dataclass
class Changed:
    """One worker and its activator on a project's folder. `finds` is what the next trials find."""

    project: Path
    store: MemoryStore = field(default_factory=MemoryStore)
    finds: Found = field(default_factory=Found)
    original: Path = Path()
    tried: list[Candidate] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.live = Live(load_snapshot(self.project, None), self.store, "w1", time.time)
        changing = Changing(self.store, self._check, time.time, "w1")
        self.activator = Activator(changing, self.project, lambda: self.live.snapshot().policy.policy)

    @property
    def home(self) -> Home:
        return Home(self.project)

    async def begin(self) -> None:
        await found(self.store, self.live.snapshot(), self.home, time.time)
        await self.live.begin()
        await self.follow(1)

    async def follow(self, epoch: int) -> None:
        """Refresh until the worker decides by this change."""
        async with asyncio.timeout(30):
            while self.live.in_force is None or self.live.in_force.epoch < epoch:
                await self.live.refresh()
                await asyncio.sleep(0.001)

    async def _check(self, candidate: Candidate) -> Found:
        self.tried.append(candidate)
        return self.finds


def titled(project: Path, title: str, more: str = "") -> Mapping[str, bytes]:
    """The project's files with another title for what is offered first in the shop."""
    policy = (project / "policy.yaml").read_text().replace(TITLE, title) + more
    return {"policy.yaml": policy.encode(), "features.yaml": (project / "features.yaml").read_bytes()}
