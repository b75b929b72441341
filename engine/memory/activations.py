"""What is in force, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.activation.in_force import Beat, FileNotice, InForce, Pending, Shared, Stop


class MemoryActivations:
    """Obeys engine/activation/store.py; `check` raises StoreUnavailable while the store is to fail. Nothing expires."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._holder = ""
        self._next: InForce | None = None
        self._history: list[InForce] = []
        self._beats: dict[str, Beat] = {}
        self._pending: dict[str, Pending] = {}
        self._files: dict[str, FileNotice] = {}
        self._stops: dict[str, Stop] = {}
        self._counted: dict[str, dict[str, float]] = {}

    async def read(self, beat: Beat | None = None) -> Shared:
        self._check()
        if beat is not None:
            self._beats[beat.writer] = beat
        return Shared(self._history[-1] if self._history else None, self._next)

    async def begin(self, holder: str, seconds: float) -> str:
        del seconds
        self._check()
        if self._holder and self._holder != holder:
            return self._holder
        self._holder = holder
        return ""

    async def end(self, holder: str) -> None:
        self._check()
        if self._holder == holder:
            self._holder, self._next = "", None

    async def prepare(self, plan: InForce) -> None:
        self._check()
        self._next = plan

    async def put(self, plan: InForce) -> bool:
        self._check()
        if (self._history[-1].epoch if self._history else 0) != plan.epoch - 1:
            return False
        self._history.append(plan)
        self._next = None
        return True

    async def beats(self) -> tuple[Beat, ...]:
        self._check()
        return tuple(self._beats.values())

    async def forget(self, writer: str) -> None:
        self._check()
        self._beats.pop(writer, None)

    async def history(self, newest: int) -> tuple[InForce, ...]:
        self._check()
        return tuple(reversed(self._history[-newest:]))

    async def keep_pending(self, pending: Pending) -> None:
        self._check()
        self._pending[pending.key] = pending

    async def drop_pending(self, key: str) -> None:
        self._check()
        self._pending.pop(key, None)

    async def pending(self) -> tuple[Pending, ...]:
        self._check()
        return tuple(sorted(self._pending.values(), key=lambda one: (one.at, one.key)))

    async def tell_files(self, notice: FileNotice) -> None:
        self._check()
        self._files[notice.folder] = notice

    async def files(self) -> tuple[FileNotice, ...]:
        self._check()
        return tuple(sorted(self._files.values(), key=lambda one: one.folder))

    async def tell_stop(self, stop: Stop, stopped: bool) -> None:
        self._check()
        self._stops.pop(stop.action, None)
        if stopped:
            self._stops[stop.action] = stop

    async def stops(self) -> tuple[Stop, ...]:
        self._check()
        return tuple(sorted(self._stops.values(), key=lambda one: one.action))

    async def count(self, challenge: str, amounts: Mapping[str, float]) -> None:
        self._check()
        counted = self._counted.setdefault(challenge, {})
        for name, amount in amounts.items():
            counted[name] = counted.get(name, 0.0) + amount

    async def counted(self, challenge: str) -> Mapping[str, float]:
        self._check()
        return dict(self._counted.get(challenge, {}))
