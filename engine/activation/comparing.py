"""How a challenger fares: what it would choose as a shadow; what it chose, and what came of it, where it decides.

A shadow decides again what this worker decided, later, while no decision is in progress: from a short queue, at most so
many a second, so that a caller never waits for it longer than one decision takes. What is counted, by name:

    compared, missed, failed         decisions that the shadow made too, that did not fit in the queue, that it failed
    alike:P, other:P                 first actions of placement P that were alike, or not
    moved:P:A:B                      those where A was first and the shadow's would have been B; "nothing" is one
    expected:champion, :challenger   sum of the priorities of all first actions, each by its own policy and model
    decided:ARM, worth:ARM           decisions of champion or challenger, and the same sum; each decides its own share
    outcome:ARM:TYPE, revenue:ARM    what came of them
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from engine.activation.rehearsal import DoesNotDecide, deciding
from engine.counts import Counts
from engine.decide import resolve
from engine.decider import Observation
from engine.decision import Decision
from engine.outcome import Outcome
from engine.present import present
from engine.profile import know
from engine.resolution import Question
from engine.slate import Slate
from engine.snapshot import Snapshot
from engine.store import Store, StoreUnavailable

MOST_WAITING = 64
A_SECOND = 20
MOST_NAMES = 2000
NOTHING = "nothing"
CHAMPION, CHALLENGER = "champion", "challenger"
_LOG = logging.getLogger("befit.activation")


class Waiting(NamedTuple):
    """A decision that the shadow is to make too."""

    challenge: str
    challenger: Snapshot
    question: Question
    decision: Decision


class Comparing:
    """Counts for one worker; `flush` adds to the store. `busy` tells whether decisions are in progress."""

    def __init__(
        self, store: Store, counts: Counts, snapshot: Callable[[], Snapshot], busy: Callable[[], bool]
    ) -> None:
        self._store = store
        self._counts = counts
        self._snapshot = snapshot
        self._busy = busy
        self._queue: deque[Waiting] = deque()
        self._counted: dict[str, dict[str, float]] = {}

    def observe(self, seen: Observation) -> None:
        """Take a decision that was just answered. Cost without a challenge: 0.1 us."""
        in_force = self._snapshot()
        beside, decision = in_force.beside, seen.decision
        if beside.challenger is None:
            return
        arm = _arm(in_force, decision.policy_revision, decision.model_revision)
        if not beside.shadow and arm:
            self._add(beside.challenge, f"decided:{arm}", 1)
            self._add(beside.challenge, f"worth:{arm}", worth(decision))
        elif arm == CHAMPION and seen.question is not None:
            self._enqueue(Waiting(beside.challenge, beside.challenger, seen.question, decision))

    def _enqueue(self, waiting: Waiting) -> None:
        if len(self._queue) < MOST_WAITING:
            self._queue.append(waiting)
        else:
            self._add(waiting.challenge, "missed", 1)

    def note_outcome(self, slate: Slate, outcome: Outcome) -> None:
        """Take an outcome that was entered."""
        in_force = self._snapshot()
        beside = in_force.beside
        if beside.challenger is None or beside.shadow:
            return
        arm = _arm(in_force, slate.policy_revision, slate.model_revision)
        if not arm:
            return
        self._add(beside.challenge, f"outcome:{arm}:{outcome.type}", 1)
        if outcome.revenue is not None:
            self._add(beside.challenge, f"revenue:{arm}", outcome.revenue)

    async def run(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Decide for the shadow what waits, whenever there is time; until cancelled."""
        while True:
            await pause(1 / A_SECOND)
            while self._queue and self._busy():
                await pause(0.001)
            if self._queue:
                self.compare(self._queue.popleft())

    def compare(self, waiting: Waiting) -> None:
        """Decide once for the shadow and count how that differs."""
        try:
            decision = decided_by(waiting.challenger, waiting.question)
        except DoesNotDecide as failure:
            self._add(waiting.challenge, "failed", 1)
            _LOG.warning("the challenger fails to decide: %s", failure)
            return
        self._add(waiting.challenge, "compared", 1)
        self._add(waiting.challenge, "expected:champion", worth(waiting.decision))
        self._add(waiting.challenge, "expected:challenger", worth(decision))
        firsts, others = first_actions(waiting.decision), first_actions(decision)
        for placement, first in firsts.items():
            other = others.get(placement, NOTHING)
            alike = first == other
            self._add(waiting.challenge, f"{'alike' if alike else 'other'}:{placement}", 1)
            self._counts.add("befit_shadow", (placement, "yes" if alike else "no"))
            if not alike:
                self._add(waiting.challenge, f"moved:{placement}:{first}:{other}", 1)

    async def flush(self) -> None:
        """Add what was counted to the store; the store being away keeps it for later."""
        for challenge in list(self._counted):
            amounts = self._counted.pop(challenge)
            try:
                await self._store.activations.count(challenge, amounts)
            except StoreUnavailable:
                for name, amount in amounts.items():
                    self._add(challenge, name, amount)

    def _add(self, challenge: str, name: str, amount: float) -> None:
        counted = self._counted.setdefault(challenge, {})
        if name in counted or len(counted) < MOST_NAMES:
            counted[name] = counted.get(name, 0.0) + amount


def decided_by(challenger: Snapshot, question: Question) -> Decision:
    """What the challenger answers to a question that was decided before: with the fields as they were read. Raises
    DoesNotDecide."""
    with deciding():
        known = know(challenger, question.known.customer, question.known.fields, question.now)
        return present(challenger, resolve(challenger, replace(question, known=known)), "")


def first_actions(decision: Decision) -> Mapping[str, str]:
    """By placement."""
    return {one.placement: one.actions[0].action if one.actions else NOTHING for one in decision.placements}


def worth(decision: Decision) -> float:
    """Sum of the priorities of the first actions, in the policy's currency."""
    return sum(one.actions[0].factors.priority for one in decision.placements if one.actions)


def _arm(in_force: Snapshot, policy: str, model: str) -> str:
    """Which of the two decided; "" = neither."""
    challenger = in_force.beside.challenger
    if (policy, model) == (in_force.policy_revision, in_force.model_revision):
        return CHAMPION
    if challenger is not None and (policy, model) == (challenger.policy_revision, challenger.model_revision):
        return CHALLENGER
    return ""


def both(first: Callable[[Observation], None], second: Callable[[Observation], None]) -> Callable[[Observation], None]:
    """What tells each of them."""

    def observe(seen: Observation) -> None:
        first(seen)
        second(seen)

    return observe
