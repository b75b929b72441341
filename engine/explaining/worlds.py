"""Decisions made again with something otherwise: each set of changes is decided once, however many actions ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.decide import resolve
from engine.explaining.in_policy import POLICY_CHANGES
from engine.explaining.in_question import QUESTION_CHANGES, READ_ANEW
from engine.explaining.told import Change, ChangeKind
from engine.resolution import Question, Resolution
from engine.snapshot import Snapshot
from rules.removal import Removal
from rules.terms import Stage

Changes = tuple[Change, ...]
_ORDER = tuple(Stage)
_RATIONED = 2 * len(_ORDER) - 3
"""Between the contact policy and the least chances: where limits over all customers and unknown costs remove."""
COST = "cost"
"""What stands for a rule where an action's cost is unknown."""


@dataclass(frozen=True, slots=True)
class World:
    """How it would have been decided with all of `changes`."""

    snapshot: Snapshot
    question: Question
    resolution: Resolution
    changes: Changes = ()

    def wins(self, action: int) -> bool:
        """Whether the action (a catalogue index) comes first in some placement."""
        return any(placed.picked.actions[:1] == (action,) for placed in self.resolution.placed)

    def removal(self, action: int) -> Removal | None:
        """What took the action away before the choice; None where it competes."""
        return next((one for one in self.resolution.removals if one.mask >> action & 1), None)

    def stage(self, action: int) -> int:
        """How far the action came: a number that rises in the order in which the engine removes."""
        removal = self.removal(action)
        if removal is None:
            return 2 * len(_ORDER)
        limits = {limit.id for limit in self.snapshot.policy.policy.limits}
        return _RATIONED if removal.rule_id in {COST, *limits} else 2 * _ORDER.index(removal.stage)


@dataclass(slots=True)
class Worlds:
    """All that was decided again for one decision. `count` of them, the decision itself left out."""

    base: World
    count: int = 0
    _made: dict[frozenset[tuple[ChangeKind, str, object]], World] = field(default_factory=dict)

    def of(self, changes: Changes) -> World:
        """The world in which all of the changes hold."""
        if not changes:
            return self.base
        key = _key(changes)
        found = self._made.get(key)
        if found is None:
            self.count += 1
            found = self._made[key] = self._make(changes)
        return found

    def _make(self, changes: Changes) -> World:
        """From the world of all changes but the last where it is there, and nothing has to be read anew."""
        before = self._made.get(_key(changes[:-1]))
        if before is None or changes[-1].kind in READ_ANEW:
            return _changed(self.base, changes, changes)
        return _changed(before, changes[-1:], changes)


def world_of(snapshot: Snapshot, resolution: Resolution) -> World:
    """The world as it was."""
    return World(snapshot, resolution.question, resolution)


def merged(changes: Changes, change: Change) -> Changes:
    """The changes with one more; another change of the same thing gives way to it, and how it was stays said."""
    for place, one in enumerate(changes):
        if (one.kind, one.target) == (change.kind, change.target):
            kept = Change(change.kind, change.target, one.before, change.after, change.rule)
            return (*changes[:place], kept, *changes[place + 1 :])
    return (*changes, change)


def _key(changes: Changes) -> frozenset[tuple[ChangeKind, str, object]]:
    return frozenset((one.kind, one.target, one.after) for one in changes)


def _changed(base: World, more: Changes, changes: Changes) -> World:
    """The world of all `changes`, made by applying `more` to a world that has the others."""
    snapshot, question = base.snapshot, base.question
    # Features are laid over what is known, so they come after what is known is read anew.
    for change in sorted(more, key=lambda one: one.kind is ChangeKind.FEATURE):
        if change.kind in POLICY_CHANGES:
            snapshot = POLICY_CHANGES[change.kind](snapshot, change)
        else:
            question = QUESTION_CHANGES[change.kind](snapshot, question, change)
    return World(snapshot, question, resolve(snapshot, question), changes)
