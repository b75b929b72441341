"""What all workers must agree on to change as one. Each method is one round trip and raises StoreUnavailable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from engine.activation.in_force import Beat, FileNotice, InForce, Pending, Shared, Stop


class Activations(Protocol):
    """Where a change is planned, agreed and made. What is damaged raises StateDamaged."""

    async def read(self, beat: Beat | None = None) -> Shared:
        """What is in force and what is next; leaves the worker's beat."""
        ...

    async def begin(self, holder: str, seconds: float) -> str:
        """Be the only one who changes what is in force for so long; "" or who is."""
        ...

    async def end(self, holder: str) -> None:
        """Let others change it; takes back a plan that was not made."""
        ...

    async def prepare(self, plan: InForce) -> None:
        """Have the workers make ready for it."""
        ...

    async def put(self, plan: InForce) -> bool:
        """Put it in force; False when what was in force is not of the epoch before."""
        ...

    async def beats(self) -> tuple[Beat, ...]: ...

    async def forget(self, writer: str) -> None:
        """A worker ended."""
        ...

    async def history(self, newest: int) -> tuple[InForce, ...]:
        """What was in force, the newest first."""
        ...

    async def keep_pending(self, pending: Pending) -> None: ...

    async def drop_pending(self, key: str) -> None: ...

    async def pending(self) -> tuple[Pending, ...]: ...

    async def tell_files(self, notice: FileNotice) -> None: ...

    async def files(self) -> tuple[FileNotice, ...]: ...

    async def tell_stop(self, stop: Stop, stopped: bool) -> None: ...

    async def stops(self) -> tuple[Stop, ...]: ...

    async def count(self, challenge: str, amounts: Mapping[str, float]) -> None:
        """Add to what is counted of a challenge."""
        ...

    async def counted(self, challenge: str) -> Mapping[str, float]: ...
