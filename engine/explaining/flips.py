"""Which single thing known of the customer or of the request could turn a condition: the nearest first.

Only what a condition reads can turn it, and only at its turning points. How far away a value is: numbers by their
change relative to the number (or to 1, if that is more), everything else counts as 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from engine.explaining.conditions import TIER_DIRECTION, all_reads
from engine.explaining.in_question import CONTEXT
from engine.explaining.told import Change, ChangeKind, Value
from engine.explaining.turning import beside, turning_points
from engine.explaining.worlds import World
from rules.checked_tree import Tree
from rules.facts import CATEGORY, FLAG, INTEGER
from rules.policy import ValueTrend

_CUSTOMER, _KNOWN, _INTENT = "customer.", "known.", "moment.intent"
_NEUTRAL = 0.0


class Flip(NamedTuple):
    """A change that may turn a condition; `up` tells on which side of what is, `distance` how far away."""

    distance: float
    change: Change
    up: bool


class _Field(NamedTuple):
    """One thing that may change: how conditions name it, its type, its values where it is a category, what it is."""

    kind: ChangeKind
    target: str
    variable: str
    type: str
    values: tuple[str, ...]
    now: Value | None


def flips(world: World, trees: Iterable[Tree], rule: str, action: int) -> list[Flip]:
    """The changes that may turn any of the trees for an action (a catalogue index), the nearest first."""
    trees = tuple(trees)
    names = all_reads(trees)
    found = [flip for one in _fields(world, names) for flip in _of_field(world, trees, one, action)]
    found = [flip._replace(change=_naming(flip.change, rule)) for flip in found]
    return sorted(found, key=lambda flip: (flip.distance, flip.change.target, str(flip.change.after)))


def _naming(change: Change, rule: str) -> Change:
    return Change(change.kind, change.target, change.before, change.after, rule)


def _fields(world: World, names: Iterable[str]) -> Iterator[_Field]:
    policy, schema, known = world.snapshot.policy.policy, world.snapshot.schema, world.question.known
    read = set(names)
    if TIER_DIRECTION in read and policy.trend is not None:
        read |= {_CUSTOMER + policy.trend.now, _CUSTOMER + policy.trend.before}
    features = {name.partition(".")[2] for name in read if name.startswith((_CUSTOMER, _KNOWN))}
    if known.fields is not None:
        for name in sorted(features):
            one = schema.feature(name)
            now = known.values.get(name)
            yield _Field(ChangeKind.FEATURE, name, _CUSTOMER + name, one.type.value, one.values, now)
    context = world.question.request.context
    for name in sorted(name.removeprefix(CONTEXT) for name in read if name.startswith(CONTEXT)):
        key = policy.context[name]
        yield _Field(ChangeKind.REQUEST, CONTEXT + name, CONTEXT + name, key.type, key.values, context.get(name))
    if _INTENT in read:
        yield _Field(ChangeKind.REQUEST, "intent", _INTENT, CATEGORY, policy.intents, world.question.request.intent)


def _of_field(world: World, trees: tuple[Tree, ...], one: _Field, action: int) -> Iterator[Flip]:
    for value in sorted(set(_values(world, trees, one, action)) - {one.now}, key=str):
        yield Flip(_distance(one.now, value), Change(one.kind, one.target, one.now, value), _above(one.now, value))
    if one.now is not None and _KNOWN + one.target in all_reads(trees):
        yield Flip(1.0, Change(one.kind, one.target, one.now, None), up=False)


def _values(world: World, trees: tuple[Tree, ...], one: _Field, action: int) -> Iterable[Value]:
    """The other values worth trying."""
    if one.type == CATEGORY:
        return one.values
    if one.type == FLAG:
        return (True, False)
    points = turning_points(trees, one.variable, _seen(world, action))
    if points is None:
        return ()
    points += _trend_points(world, one, all_reads(trees))
    found = [value for point in points for value in beside(point, one.type == INTEGER)]
    return found if one.now is not None else (_NEUTRAL, *found)


def _seen(world: World, action: int) -> Callable[[str], Value | None]:
    """What every variable is for an action."""
    values, catalogue = world.resolution.values, world.snapshot.policy.catalogue
    facts = world.snapshot.facts or world.snapshot.policy.unposted

    def seen(name: str) -> Value | None:
        own = name.removeprefix("action.")
        if own in facts.names and own != name:
            return facts.value(own, action, world.question.now)
        column = catalogue.columns.get(name)
        if column is None:
            return values.get(name)
        if column.known is not None and not column.known[action]:
            return None
        cell = column.values[action].item()
        return column.words[int(cell)] if column.words else cell

    return seen


def _trend_points(world: World, one: _Field, names: frozenset[str]) -> list[float]:
    """Where the customer's direction turns, for conditions that read it."""
    trend: ValueTrend | None = world.snapshot.policy.policy.trend
    if trend is None or TIER_DIRECTION not in names:
        return []
    values = world.resolution.values
    now, before = values.get(_CUSTOMER + trend.now), values.get(_CUSTOMER + trend.before)
    if one.variable == _CUSTOMER + trend.now and isinstance(before, int | float):
        return [0.0, before * trend.rising, before * trend.losing]
    if one.variable == _CUSTOMER + trend.before and isinstance(now, int | float):
        return [0.0, now / trend.rising, now / trend.losing]
    return []


def _distance(now: Value | None, value: Value) -> float:
    if isinstance(now, bool | str) or now is None or isinstance(value, bool | str):
        return 1.0
    return abs(value - now) / max(1.0, abs(now))


def _above(now: Value | None, value: Value) -> bool:
    if isinstance(now, bool | str) or now is None or isinstance(value, bool | str):
        return True
    return value > now
