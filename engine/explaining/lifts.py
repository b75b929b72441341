"""What would take away one obstacle: for each sort of removal the changes that may, in the order in which they are
preferred."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from engine.explaining.conditions import RuleConditions
from engine.explaining.flips import Flip, flips
from engine.explaining.holding import holds_back
from engine.explaining.told import Change, ChangeKind
from engine.explaining.waiting import waiting
from engine.explaining.worlds import COST, World, Worlds, merged
from rules.checked_tree import Tree
from rules.rationing import CLOSED, floor_of
from rules.removal import Removal
from rules.wording.code import Code

CHANCE_GRID = 1e6
"""Least chances are told in millionths."""
_CONDITIONAL = frozenset(
    {Code.NOT_ELIGIBLE, Code.NOT_APPLICABLE, Code.NOT_SUITABLE, Code.UNKNOWN_FACT, Code.SELLING_STOPPED}
)
_TIMED = frozenset(
    {Code.QUIET_HOURS, Code.PAUSED, Code.CAPPED, Code.COOLING_DOWN, Code.SELLING_STOPPED, Code.NOT_VALID}
)


class Lifts:
    """Proposes changes; the caller decides which of them leads further."""

    def __init__(self, worlds: Worlds, conditions: RuleConditions) -> None:
        self._worlds = worlds
        self._conditions = conditions

    def of(self, world: World, removal: Removal, action: int) -> Iterator[Change]:
        """The changes that lift the removal of an action (a catalogue index), or may."""
        if removal.code in _CONDITIONAL:
            yield from self._flipped(world, removal, action)
        if removal.code in _TIMED:
            yield from waiting(world, removal, action)
        yield from self._switched(world, removal, action)
        if removal.rule_id not in {"", COST} and removal.code not in {Code.NO_CONSENT, Code.PAUSED}:
            yield Change(ChangeKind.RULE, removal.rule_id, True, False, removal.rule_id)

    def _switched(self, world: World, removal: Removal, action: int) -> Iterator[Change]:
        match removal.code:
            case Code.STOPPED:
                yield Change(ChangeKind.STOP, world.snapshot.policy.catalogue.ids[action], True, False)
            case Code.NOT_VALID:
                yield from _prolonged(world, action)
            case Code.EXCLUDED:
                yield from _asked_for(world, action)
            case Code.NO_TREATMENT | Code.NOT_TAKEN_HERE:
                yield from _elsewhere(world, action)
            case Code.NO_CONSENT:
                key = f"{world.question.request.channel}:{removal.rule_id}"
                given = (world.question.known.standing.consent or {}).get(key)
                if world.question.known.standing.contacts_known:
                    yield Change(ChangeKind.CONSENT, key, given, True)
            case Code.LIMIT_REACHED | Code.LIMIT_UNKNOWN:
                yield from _more_left(world, removal, action)
            case Code.LOW_CHANCE | Code.LOW_PRIORITY:
                yield from _lower(world, removal, action)

    def _flipped(self, world: World, removal: Removal, action: int) -> Iterator[Change]:
        """The nearest value of each thing, on either side, with which the rule no longer holds the action back; of a
        row of a table first those with which no other row of it does."""
        yield from self._nearest(world, removal, action, rows := self._conditions.rows(removal.rule_id))
        if len(rows) > 1:
            yield from self._nearest(world, removal, action, (removal.rule_id,))

    def _nearest(self, world: World, removal: Removal, action: int, rules: Sequence[str]) -> Iterator[Change]:
        found: set[tuple[str, bool]] = set()
        for flip in flips(world, self._trees(removal, action), removal.rule_id, action):
            side = (flip.change.target, flip.up)
            if side not in found and self._lifts(world, removal, flip, action, rules):
                found.add(side)
                yield flip.change

    def _lifts(self, world: World, removal: Removal, flip: Flip, action: int, rules: Sequence[str]) -> bool:
        tried = self._worlds.of(merged(world.changes, flip.change))
        if removal.rule_id == COST:
            return tried.removal(action) != removal
        return not any(holds_back(tried, rule, action) for rule in rules)

    def _trees(self, removal: Removal, action: int) -> tuple[Tree, ...]:
        if removal.rule_id == COST:
            return self._conditions.cost(action)
        return self._conditions.trees(removal.rule_id)


def _prolonged(world: World, action: int) -> Iterator[Change]:
    ends = world.snapshot.policy.policy.actions[action].valid_to
    if ends is not None and ends <= world.question.now:
        name = world.snapshot.policy.catalogue.ids[action]
        yield Change(ChangeKind.VALIDITY, name, ends, world.question.now + 1.0)


def _asked_for(world: World, action: int) -> Iterator[Change]:
    request, name = world.question.request, world.snapshot.policy.catalogue.ids[action]
    if name in request.exclude:
        rest = ",".join(one for one in request.exclude if one != name)
        yield Change(ChangeKind.REQUEST, "exclude", ",".join(request.exclude), rest)
    if request.follows:
        yield Change(ChangeKind.REQUEST, "follows_decision_id", request.follows, "")


def _elsewhere(world: World, action: int) -> Iterator[Change]:
    """A placement of the same channel that was not asked for, then other channels."""
    request, placements = world.question.request, world.snapshot.policy.catalogue.placements
    takes = [(channel, name) for (channel, name), mask in placements.items() if mask >> action & 1]
    if request.placements:
        for channel, name in takes:
            if channel == request.channel and name not in request.placements:
                before = ",".join(request.placements)
                yield Change(ChangeKind.REQUEST, "placements", before, f"{before},{name}")
    for channel in dict.fromkeys(channel for channel, _ in takes):
        if channel != request.channel:
            yield Change(ChangeKind.REQUEST, "channel", request.channel, channel)


def _lower(world: World, removal: Removal, action: int) -> Iterator[Change]:
    row = world.resolution.row_of(action)
    if row is None:
        return
    least = world.snapshot.policy.thresholds[world.question.request.channel]
    name, scored = world.snapshot.policy.catalogue.ids[action], world.resolution.scored
    if removal.code is Code.LOW_CHANCE:
        chance = math.floor(scored.propensity.item(row) * CHANCE_GRID - 1e-6) / CHANCE_GRID
        yield Change(ChangeKind.THRESHOLD, f"{name}.min_propensity", least.propensity.item(action), chance)
    else:
        worth = math.floor(scored.priority.item(row) * 100.0 - 1e-6) / 100.0
        yield Change(ChangeKind.THRESHOLD, f"{name}.min_priority", least.priority.item(action), worth)


def _more_left(world: World, removal: Removal, action: int) -> Iterator[Change]:
    """So much left of the limit that this customer's tier may have what the action takes."""
    tier = world.resolution.tier.tier.name
    for meter, amounts in world.resolution.rations.taken:
        seen = world.question.limits.get(meter.name)
        if seen is None or meter.limit.id != removal.rule_id or not meter.mask >> action & 1:
            continue
        now = None if seen.left in {None, CLOSED} else (seen.left or 0) / meter.units
        needed = floor_of(meter, tier, seen.most) + amounts.item(action)
        yield Change(ChangeKind.LIMIT, meter.name, now, needed / meter.units, removal.rule_id)
