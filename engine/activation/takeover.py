"""How one worker comes to decide by what is in force: made ready off the event loop, then switched to by reference.

A change has two phases. First every worker makes the plan ready and says so; then it is put in force with a moment a
little ahead, at which all switch. A worker that is not ready by then switches as soon as it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from documents.problem import BefitError
from engine.activation.in_force import Beat, InForce, Shared
from engine.snapshot import Snapshot

RETRY_SECONDS = 5.0
_LOG = logging.getLogger("befit.activation")

Load = Callable[[InForce], Awaitable[Snapshot]]
Switch = Callable[[Snapshot, InForce], None]


class Takeover:
    """Follows what the store says. `load` makes a snapshot, `switch` puts it in the place of the one before; `clock`
    tells wall-clock seconds, which all machines share."""

    def __init__(self, load: Load, switch: Switch, clock: Callable[[], float]) -> None:
        self._load = load
        self._switch = switch
        self._clock = clock
        self._wanted: InForce | None = None
        self._agreed = False
        self._made: Snapshot | None = None
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._failed_at = 0.0
        self.in_force: InForce | None = None
        self.problem = ""

    @property
    def epoch(self) -> int:
        """Of what this worker decides by; 0 until it knows."""
        return self.in_force.epoch if self.in_force else 0

    @property
    def underway(self) -> bool:
        """Whether a change is coming: look more often."""
        return self._wanted is not None

    def beat(self, writer: str) -> Beat:
        """What to say of this worker now."""
        ready = self._wanted.plan if self._wanted is not None and self._made is not None else ""
        return Beat(writer, self._clock(), self.epoch, ready, self.problem if self._wanted else "")

    def follow(self, shared: Shared) -> None:
        """Take in what is in force and what is next."""
        agreed = shared.in_force is not None and shared.in_force.epoch > self.epoch
        wanted = shared.in_force if agreed else shared.next
        if wanted is None or wanted.epoch <= self.epoch:
            self._drop()
            return
        if self._wanted is None or wanted.plan != self._wanted.plan or wanted.epoch != self._wanted.epoch:
            self._drop()
            self._begin(wanted)
        elif self.problem and self._clock() - self._failed_at > RETRY_SECONDS:
            self._begin(wanted)
        self._wanted, self._agreed = wanted, agreed
        self._arm()

    async def close(self) -> None:
        """Let what is being made end."""
        task = self._task
        self._drop()
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)

    def _drop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._wanted = self._made = self._task = self._timer = None
        self._agreed, self.problem = False, ""

    def _begin(self, wanted: InForce) -> None:
        self._wanted, self.problem = wanted, ""
        self._task = asyncio.create_task(self._make(wanted))

    async def _make(self, wanted: InForce) -> None:
        try:
            made = await self._load(wanted)
        except BefitError as failure:
            if self._is_wanted(wanted):
                self._fail(wanted, failure)
            return
        if self._is_wanted(wanted):
            self._made = made
            self._arm()

    def _is_wanted(self, one: InForce) -> bool:
        return self._wanted is not None and (self._wanted.epoch, self._wanted.plan) == (one.epoch, one.plan)

    def _fail(self, wanted: InForce, failure: BefitError) -> None:
        """This worker goes on as it is; whoever waits for it reads why."""
        self.problem, self._failed_at = f"{type(failure).__name__}: {failure}"[:500], self._clock()
        _LOG.error("policy %s, model %s cannot be taken over: %s", wanted.policy, wanted.bundle or "none", failure)

    def _arm(self) -> None:
        """Switch at the agreed moment, once both are there: the agreement and the snapshot."""
        if self._agreed and self._made is not None and self._timer is None and self._wanted is not None:
            delay = max(0.0, self._wanted.at - self._clock())
            self._timer = asyncio.get_running_loop().call_later(delay, self._act)

    def _act(self) -> None:
        if self._made is not None and self._wanted is not None:
            made, self.in_force = self._made, self._wanted
            self._drop()
            self._switch(made, self.in_force)
