"""Whether a rule holds an action back in some world, whatever else does."""

from __future__ import annotations

from engine.explaining.worlds import World
from rules.contact import read_history
from rules.engagement import CompiledRule
from rules.fused import Verdicts
from rules.stops import CompiledStop


def holds_back(world: World, rule: str, action: int) -> bool:
    """Whether the engagement rule, table row or stop of this id takes the action (a catalogue index) away, or would,
    had nothing before it done so. False for what has no condition."""
    compiled = world.snapshot.policy
    rules: tuple[CompiledRule | CompiledStop, ...] = (*compiled.rules, *compiled.contact.stops)
    return any(one.id == rule and _takes(world, one, action) for one in rules)


def follows(world: World, rule: str) -> bool:
    """Whether a stop of this id acts because of what happened before, so that time ends it."""
    moment, standing = world.question.moment, world.question.known.standing
    rows = read_history(world.snapshot.policy, standing, moment).rows
    stops = (one for one in world.snapshot.policy.contact.stops if one.id == rule)
    return rows is not None and any(one.follows(rows, moment.now) for one in stops)


def verdicts_of(world: World) -> Verdicts:
    """What every condition said in a world."""
    live = world.snapshot.live(world.question.now)
    return world.snapshot.policy.judge(world.resolution.values, world.resolution.tier, live)


def _takes(world: World, one: CompiledRule | CompiledStop, action: int) -> bool:
    verdicts = verdicts_of(world)
    if isinstance(one, CompiledRule):
        taken, unknown = one.removes(verdicts)
        return bool((taken | unknown) >> action & 1)
    if follows(world, one.id) or one.stands(world.question.known.standing):
        return bool(one.scope >> action & 1)
    if one.test is None:
        return False
    _, fails = one.test.known(verdicts.values)
    return bool(one.scope & ~fails) and not fails >> action & 1
