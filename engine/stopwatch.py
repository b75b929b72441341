"""How long the stages of one decision take, on a monotonic clock that is handed in."""

from __future__ import annotations

from collections.abc import Callable


class Stopwatch:
    """Notes the time since the last mark under a stage's name. Microseconds."""

    __slots__ = ("_last", "_marks", "_nanos", "_start")

    def __init__(self, nanos: Callable[[], int]) -> None:
        self._nanos = nanos
        self._start = self._last = nanos()
        self._marks: list[tuple[str, int]] = []

    def mark(self, stage: str) -> None:
        """The stage ends here."""
        now = self._nanos()
        self._marks.append((stage, (now - self._last) // 1000))
        self._last = now

    @property
    def timings(self) -> tuple[tuple[str, int], ...]:
        return tuple(self._marks)

    def total(self) -> int:
        """Microseconds since the start."""
        return (self._nanos() - self._start) // 1000
