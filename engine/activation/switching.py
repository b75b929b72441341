"""The two phases of a change: every worker makes ready, then all switch at one moment. See takeover.py too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from engine.activation.in_force import Beat, InForce
from engine.activation.store import Activations

LEAD = 0.2
"""Seconds between agreement and switch: workers that make ready look every 0.04 s."""

PREPARE_SECONDS = 15.0
CONFIRM_SECONDS = 3.0
ALIVE_SECONDS = 3.0
FORGET_SECONDS = 600.0
LOOK = 0.02


@dataclass(frozen=True, slots=True)
class Switched:
    """What is in force since its `at`; `workers` decide by it, `late` did not when the answer was due."""

    to: InForce
    workers: int
    late: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotSwitched:
    """Nothing changed; `reason` is for people."""

    reason: str


class Switching:
    """Leads the workers through a change. `clock` gives wall-clock seconds, `pause` waits."""

    def __init__(
        self,
        activations: Activations,
        clock: Callable[[], float],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._activations = activations
        self._clock = clock
        self._pause = pause

    async def switch(self, plan: InForce) -> Switched | NotSwitched:
        """Put the plan in force. Workers that fall silent are not waited for; one that cannot make ready stops it."""
        await self._activations.prepare(plan)
        beats = await self._until(lambda beat: beat.ready == plan.plan or bool(beat.problem), PREPARE_SECONDS)
        refused = [beat for beat in beats if beat.problem]
        if refused:
            return NotSwitched(f"worker {refused[0].writer} cannot take it over: {refused[0].problem}")
        agreed = replace(plan, at=self._clock() + LEAD)
        if not await self._activations.put(agreed):
            return NotSwitched("something else was put in force meanwhile")
        beats = await self._until(lambda beat: beat.epoch >= plan.epoch, LEAD + CONFIRM_SECONDS)
        late = tuple(beat.writer for beat in beats if beat.epoch < plan.epoch)
        await self._forget_the_dead()
        return Switched(agreed, len(beats) - len(late), late)

    async def _forget_the_dead(self) -> None:
        """Workers that ended without a word."""
        for beat in await self._activations.beats():
            if beat.at < self._clock() - FORGET_SECONDS:
                await self._activations.forget(beat.writer)

    async def _until(self, holds: Callable[[Beat], bool], seconds: float) -> Sequence[Beat]:
        """The beats of all workers alive, once it holds for each or the time is over."""
        over = self._clock() + seconds
        while True:
            now = self._clock()
            beats = [beat for beat in await self._activations.beats() if beat.at > now - ALIVE_SECONDS]
            if now > over or all(map(holds, beats)):
                return beats
            await self._pause(LOOK)
