"""What would have changed the answer: the smallest set of changes that brings one action first in a placement.

An action is followed through the stages. What holds it back is lifted, by the nearest change of the customer, the
moment or the request where one does it, else by the rule; the decision is made again with that change, and so on until
the action competes; then the smallest boost is looked for. Every step is a real decision, and of the changes found
each is left out once more to see that it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.explaining.boost import Boosts
from engine.explaining.conditions import RuleConditions
from engine.explaining.lifts import Lifts
from engine.explaining.told import Change, ChangeKind
from engine.explaining.worlds import Changes, World, Worlds, merged
from engine.place import COMPARED
from rules.policy import Stage
from rules.removal import Removal
from rules.wording.code import Code

MOST_STEPS = 8
_Obstacle = tuple[Stage, str, Code]


class Search:
    """Looks through the worlds of one decision."""

    def __init__(self, worlds: Worlds, conditions: RuleConditions) -> None:
        self._worlds = worlds
        self._lifts = Lifts(worlds, conditions)
        self._boosts = Boosts(worlds)

    def changes_for(self, action: int) -> Changes:
        """The changes that together bring the action (a catalogue index) first; none where nothing does, or where it
        is first."""
        world = self._worlds.base
        met: set[_Obstacle] = set()
        for _ in range(MOST_STEPS):
            if world.wins(action):
                return self._needed(world, action).changes
            change = self._next(world, action, met)
            if change is None:
                return ()
            world = self._worlds.of(merged(world.changes, change))
        return self._needed(world, action).changes if world.wins(action) else ()

    def _next(self, world: World, action: int, met: set[_Obstacle]) -> Change | None:
        removal = world.removal(action)
        if removal is None:
            return next(self._preferred(world, action), None)
        if removal.code is Code.LOW_PRIORITY:
            found = next(self._preferred(world, action), None)
            if found is not None:
                return found
        met.add(_obstacle(removal))
        return self._lift(world, removal, action, met)

    def _lift(self, world: World, removal: Removal, action: int, met: set[_Obstacle]) -> Change | None:
        """The first change that leads further: the action gets to a later stage, or is held back by something new. Of
        other channels, that in which it gets furthest."""
        elsewhere: list[tuple[bool, int, Change]] = []
        for change in self._lifts.of(world, removal, action):
            tried = self._worlds.of(merged(world.changes, change))
            if change.target == "channel" and change.kind is ChangeKind.REQUEST:
                elsewhere.append((tried.wins(action), tried.stage(action), change))
            elif _further(world, tried, action, met):
                return change
        best = max(elsewhere, key=lambda one: one[:2], default=None)
        return best[2] if best and best[1] > world.stage(action) else None

    def _preferred(self, world: World, action: int) -> Iterator[Change]:
        """What brings an action first that only others stand before."""
        change = self._boosts.of(world, action)
        if change is not None:
            yield change
        yield from _outside_groups(world, action)
        yield from _undrawn(world, action)
        yield from _made_mandatory(world, action)
        for found in (self._boosts.context_of(world, action), self._boosts.value_of(world, action)):
            if found is not None:
                yield found

    def _needed(self, world: World, action: int) -> World:
        """The world without the changes that it can do without; a number among the rest is looked for again."""
        for change in world.changes if len(world.changes) > 1 else ():
            rest = tuple(one for one in world.changes if one is not change)
            without = self._worlds.of(rest)
            if without.wins(action):
                return self._needed(self._smaller(without, action), action)
        return world

    def _smaller(self, world: World, action: int) -> World:
        """The world with the number among its changes looked for again, now that others are left out."""
        solvers = {
            ChangeKind.BOOST: self._boosts.of,
            ChangeKind.VALUE: self._boosts.value_of,
            ChangeKind.CONTEXT_WEIGHT: self._boosts.context_of,
        }
        for one in world.changes:
            if one.kind in solvers:
                rest = tuple(other for other in world.changes if other is not one)
                again = solvers[one.kind](self._worlds.of(rest), action)
                return world if again is None else self._worlds.of((*rest, again))
        return world


def _obstacle(removal: Removal) -> _Obstacle:
    return removal.stage, removal.rule_id, removal.code


def _further(world: World, tried: World, action: int, met: set[_Obstacle]) -> bool:
    removal = tried.removal(action)
    if removal is None:
        return True
    return tried.stage(action) >= world.stage(action) and _obstacle(removal) not in met


def _undrawn(world: World, action: int) -> Iterator[Change]:
    """Exploration off, where a draw chose, or may have kept the action from being chosen."""
    kind, policy = world.snapshot.policy.catalogue.actions[action].kind, world.snapshot.policy.policy
    drawn = any(one.slot.share > 0.0 and kind in one.placement.kinds for one in world.resolution.placed)
    if drawn and policy.exploration.share > 0.0:
        yield Change(ChangeKind.EXPLORATION, "share", policy.exploration.share, 0.0)


def _outside_groups(world: World, action: int) -> Iterator[Change]:
    group, kind = world.resolution.group, world.snapshot.policy.catalogue.actions[action].kind
    if group is not None and kind in COMPARED:
        yield Change(ChangeKind.CONTROL_GROUP, group.id, True, False)


def _made_mandatory(world: World, action: int) -> Iterator[Change]:
    """Where something mandatory stands before the action, which no priority passes."""
    mandatory = world.snapshot.mandatory_mask
    ahead = any(one.candidates.mandatory and action in one.candidates.actions for one in world.resolution.placed)
    if ahead and not mandatory >> action & 1:
        yield Change(ChangeKind.MANDATORY, world.snapshot.policy.catalogue.ids[action], False, True)
