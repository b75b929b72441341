"""Which boost makes an action come first in a given share of a placement's decisions.

Found by bisection on the action's lever. A larger boost is taken never to cost the action a place that a smaller one
won, so each step asks again only for the decisions that the steps before left open. The shares that are told, at the
boost and just below it, come from asking for every decision in which the action is allowed at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from engine.decide import resolve
from engine.resolution import Question
from engine.simulation.questions import Batch, Flags
from engine.simulation.sides import Sides
from engine.simulation.spread import Spread
from engine.snapshot import Snapshot

STEP = 0.001
"""What a factor is told to: a tenth of a percent of boost."""
MOST = 101_000
"""The largest factor that a policy may say, in steps: 10,000 percent on top."""
_FIRST = 2_000


@dataclass(frozen=True, slots=True)
class Aim:
    """What is wanted: `action` first in a placement of a channel in at least `share` of its decisions, (0, 1]."""

    action: str
    channel: str
    placement: str
    share: float


@dataclass(frozen=True, slots=True)
class Boost:
    """What was found.

    `factor` is the smallest lever that reaches the aim, None where none does; `now_factor` what it is today. `reached`
    is the exact share of first places at it (at the largest lever where none does), `below` one STEP below, `now`
    today. Of `decisions` with the placement, the action was `allowed` before thresholds in so many.
    """

    aim: Aim
    factor: float | None
    now_factor: float
    reached: float
    below: float
    now: float
    decisions: int
    allowed: int


class Asked(NamedTuple):
    """What one process is to find out about a batch: what becomes of it at a factor of the lever."""

    aim: Aim
    factor: float
    batch: Batch


class Met(NamedTuple):
    """By question, shape (n,): whether it has the placement, whether the action was allowed, whether it came first."""

    asked: Flags
    allowed: Flags
    won: Flags


def find_boost(spread: Spread, batches: Sequence[Batch], aim: Aim, told: Callable[[int], None]) -> Boost:
    """Search on the `after` side; `told` hears the number of each step. The action must be in that policy."""
    search = _Search(spread, batches, aim, told)
    now_factor = lever_of(spread.sides.after, aim.action)
    today = list(spread.each(meet, (Asked(aim, now_factor, batch) for batch in batches)))
    decisions, allowed, won = (sum(int(part.sum()) for part in parts) for parts in zip(*today, strict=True))
    open_ = [met.allowed for met in today]
    least = aim.share * decisions
    steps = search.bisect(open_, least) if decisions and allowed >= least else None
    reached = search.wins(MOST if steps is None else steps, open_)
    below = reached if steps is None else search.wins(max(0, steps - 1), open_)
    factor = None if steps is None else round(steps * STEP, 3)
    count = max(1, decisions)
    return Boost(aim, factor, now_factor, reached / count, below / count, won / count, decisions, allowed)


def lever_of(snapshot: Snapshot, action: str) -> float:
    """The lever of an action as the policy stands."""
    policy = snapshot.policy
    return policy.worth.lever.item(policy.catalogue.index[action])


def with_lever(snapshot: Snapshot, action: str, factor: float) -> Snapshot:
    """The same company with another lever for one action, whatever its issue and group add."""
    policy = snapshot.policy
    lever = policy.worth.lever.copy()
    lever[policy.catalogue.index[action]] = factor
    lever.flags.writeable = False
    return replace(snapshot, policy=replace(policy, worth=replace(policy.worth, lever=lever)))


def meet(sides: Sides, asked: Asked) -> Met:
    """Ask for every decision of a batch."""
    aim = asked.aim
    snapshot = with_lever(sides.after, aim.action, asked.factor)
    found = np.zeros((3, len(asked.batch)), dtype=np.bool_)
    for place, pair in enumerate(asked.batch.asked(sides)):
        if not isinstance(pair, str) and pair.after.request.channel == aim.channel:
            found[:, place] = _met(snapshot, pair.after, aim)
    return Met(*found)


def _met(snapshot: Snapshot, question: Question, aim: Aim) -> tuple[bool, bool, bool]:
    resolution = resolve(snapshot, question)
    index = snapshot.policy.catalogue.index[aim.action]
    for placed in resolution.placed:
        if placed.placement.name == aim.placement:
            return True, resolution.row_of(index) is not None, placed.picked.actions[:1] == (index,)
    return False, False, False


class _Search:
    """Factors are counted in steps of STEP."""

    def __init__(self, spread: Spread, batches: Sequence[Batch], aim: Aim, told: Callable[[int], None]) -> None:
        self._spread = spread
        self._batches = batches
        self._aim = aim
        self._told = told
        self._taken = 0

    def bisect(self, open_: list[Flags], least: float) -> int | None:
        """The smallest factor with at least `least` wins among the open decisions, None where there is none.

        `sure` of them won at `low` already, which is too little; all that won at `high` are sure or still open.
        """
        low, high, sure, factor = 0, MOST + 1, 0, _FIRST
        while high - low > 1:
            won = self._won(factor, open_)
            wins = sure + _count(won)
            if wins >= least:
                high, open_ = factor, won
            else:
                low, sure = factor, wins
                open_ = [one & ~gone for one, gone in zip(open_, won, strict=True)]
            factor = (low + high) // 2 if high <= MOST else min(MOST, 2 * factor)
        return high if high <= MOST else None

    def wins(self, factor: int, open_: list[Flags]) -> int:
        """How many of the open decisions the action wins."""
        return _count(self._won(factor, open_))

    def _won(self, factor: int, open_: list[Flags]) -> list[Flags]:
        self._taken += 1
        self._told(self._taken)
        asked = [(batch, places) for batch, places in zip(self._batches, open_, strict=True) if places.any()]
        items = (Asked(self._aim, round(factor * STEP, 3), batch.only(places)) for batch, places in asked)
        met = self._spread.each(meet, items)
        return [_spread_out(places, next(met).won) if places.any() else places for places in open_]


def _spread_out(places: Flags, found: Flags) -> Flags:
    """Flags about the true `places` as flags about all of them."""
    whole = np.zeros(len(places), dtype=np.bool_)
    whole[places] = found
    return whole


def _count(flags: Sequence[Flags]) -> int:
    return sum(int(one.sum()) for one in flags)
