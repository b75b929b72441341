"""Shows what the demonstration is busy with: a bar while a step runs, and a line with its time when it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


class Steps:
    """The steps of a preparation; several may run at once, in threads. A context manager around all of them."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("  {task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
        self._bars = Progress(*columns, console=console, transient=True)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[float], None]]:
        """One step; what it gives is told how much of the step is done, in [0, 1]."""
        begun = time.perf_counter()
        task = self._bars.add_task(name, total=1.0)
        try:
            yield lambda done: self._bars.update(task, completed=done)
        finally:
            self._bars.remove_task(task)
        self._bars.console.print(f"[green]✓[/green] {name} [dim]{time.perf_counter() - begun:.1f} s[/dim]")
