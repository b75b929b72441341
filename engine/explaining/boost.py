"""The smallest manual boost, or other number of the policy, with which an action that competes comes first.

An action comes first where its priority passes that of the best of its rivals, the least that is required, and 0:
each of these is solved for and then decided again, so that ties, seats and earlier placements count as they do.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

from engine.explaining.holding import verdicts_of
from engine.explaining.told import Change, ChangeKind
from engine.explaining.worlds import World, Worlds, merged

PER_PERCENT = 100
"""Boosts are told in hundredths of a percent, money in hundredths."""
MOST = 1e9
"""Percent, money: beyond it no number helps."""


class Boosts:
    """Looks for changes that bring an action (a catalogue index) first that is not, though nothing removed it but a
    least priority. Each is None where no number would do."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds

    def of(self, world: World, action: int) -> Change | None:
        """The manual boost."""
        scored, row = world.resolution.scored, world.resolution.row_of(action)
        if row is None:
            return None
        unit = scored.propensity.item(row) * scored.gain.item(row) * scored.context_weight.item(row)
        held, shared = _percents(world, action)
        change = Change(ChangeKind.BOOST, world.snapshot.policy.catalogue.ids[action], held, None)
        return self._solved(world, action, change, _Line(unit, 100.0, -100.0 - shared))

    def value_of(self, world: World, action: int) -> Change | None:
        """What the action would have to be worth for one goal, where what it is worth now cannot be boosted."""
        scored, row, goal = world.resolution.scored, world.resolution.row_of(action), _plain_goal(world, action)
        if row is None or goal is None:
            return None
        unit = scored.propensity.item(row) * scored.context_weight.item(row) * scored.lever.item(row)
        name, now, per_unit = goal
        change = Change(ChangeKind.VALUE, f"{world.snapshot.policy.catalogue.ids[action]}.{name}", now, None)
        return self._solved(world, action, change, _Line(unit, 1.0 / per_unit, now - scored.gain.item(row) / per_unit))

    def context_of(self, world: World, action: int) -> Change | None:
        """The strongest context weight that holds against the action, where the weights leave nothing of it."""
        scored, row = world.resolution.scored, world.resolution.row_of(action)
        if row is None or scored.context_weight.item(row) > 0.0:
            return None
        values, leanings = verdicts_of(world).values, world.snapshot.policy.worth.leanings
        holding = [one for one in leanings if one.test.known(values)[0] >> action & 1]
        least = min(holding, key=lambda one: one.add, default=None)
        if least is None:
            return None
        unit = scored.propensity.item(row) * scored.gain.item(row) * scored.lever.item(row)
        others = sum(one.add for one in holding) - least.add
        change = Change(ChangeKind.CONTEXT_WEIGHT, least.id, least.add, None)
        return self._solved(world, action, change, _Line(unit, 100.0, -100.0 - others))

    def _solved(self, world: World, action: int, change: Change, line: _Line) -> Change | None:
        """The smallest number that wins: each hurdle's is tried, and a hundredth more, which settles a tie."""
        factors = world.resolution.scored.factors(world.resolution.scored.rows[action])
        product = factors.context_weight * factors.lever * (factors.propensity - factors.baseline) * factors.gain
        rest = product - factors.priority
        for worth in _hurdles(world, action) if line.unit > 0.0 else ():
            number = line.at(worth + rest)
            for after in (number, round(number + 1.0 / PER_PERCENT, 2)):
                tried = replace(change, after=after)
                if abs(after) < MOST and self._wins(world, action, tried):
                    return tried if world.resolution.group is None else self._least(world, action, tried)
        return None

    def _least(self, world: World, action: int, change: Change) -> Change:
        """The same change with the smallest number that wins, found by halving: a comparison group ranks by something
        else than the priority that hurdles are solved for."""
        before, after = (float(one) for one in (change.before, change.after) if isinstance(one, int | float))
        loses, wins = math.floor(before * PER_PERCENT), round(after * PER_PERCENT)
        while wins - loses > 1:
            middle = (loses + wins) // 2
            if self._wins(world, action, replace(change, after=middle / PER_PERCENT)):
                wins = middle
            else:
                loses = middle
        return replace(change, after=wins / PER_PERCENT)

    def _wins(self, world: World, action: int, change: Change) -> bool:
        return self._worlds.of(merged(world.changes, change)).wins(action)


class _Line(NamedTuple):
    """The number at which an action is worth an amount, but for what is added to or taken off the product of its
    factors: `per` x amount / unit + base."""

    unit: float
    per: float
    base: float

    def at(self, amount: float) -> float:
        """Rounded up to a hundredth."""
        number = self.per * amount / self.unit + self.base
        return math.ceil(round(number * PER_PERCENT, 6)) / PER_PERCENT if abs(number) < MOST else MOST


def _hurdles(world: World, action: int) -> list[float]:
    """The priorities that the action may have to pass to come first somewhere, the lowest first. Where the first place
    is drawn, each rival's: the order of them decides what is drawn."""
    catalogue, row = world.snapshot.policy.catalogue, world.resolution.row_of(action)
    scored, least = world.resolution.scored, world.snapshot.policy.thresholds[world.question.request.channel]
    found: set[float] = set()
    for placed in world.resolution.placed:
        if catalogue.actions[action].kind not in placed.placement.kinds:
            continue
        rivals = [scored.priority.item(scored.rows[one]) for one in placed.candidates.actions if one != action]
        rivals = rivals if placed.slot.share > 0.0 else [max(rivals, default=0.0)]
        found |= {max(one, 0.0, least.priority.item(action)) for one in (0.0, *rivals)}
    now = -math.inf if row is None else scored.priority.item(row)
    return sorted(one for one in found if one >= now)


def _percents(world: World, action: int) -> tuple[float, float]:
    """The action's own boost, and what its issue and group add to it, in percent."""
    levers = world.snapshot.policy.policy.levers
    one = world.snapshot.policy.catalogue.actions[action]
    return levers.actions.get(one.id, 0.0), levers.issues.get(one.issue, 0.0) + levers.groups.get(one.group, 0.0)


def _plain_goal(world: World, action: int) -> tuple[str, float, float] | None:
    """The goal that weighs most in this tier, of those for which the action has a number or nothing: its name, that
    number, and the money per unit."""
    compiled = world.snapshot.policy
    per_unit = compiled.worth.tiers[world.resolution.tier.tier.name].per_unit
    value = compiled.catalogue.actions[action].value
    plain = {goal: value.get(goal, 0.0) for goal in per_unit if per_unit[goal] > 0.0}
    found = [(per_unit[goal], goal, now) for goal, now in plain.items() if isinstance(now, int | float)]
    if not found:
        return None
    money, goal, now = max(found)
    return goal, float(now), money
