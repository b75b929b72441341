"""Decides a batch of questions under both sides and counts what differs."""

from __future__ import annotations

from engine.simulation.chosen import Chosen, Side, choose, count_funnel
from engine.simulation.questions import Batch
from engine.simulation.sides import Sides
from engine.simulation.tally import (
    CHANNEL,
    MOST_LISTED,
    NOTHING,
    PLACEMENT,
    TIER,
    LeftOut,
    Part,
    Seat,
    SideTally,
    Switch,
    Tally,
)


def compare(sides: Sides, batch: Batch) -> Tally:
    """The tally of one batch. The same snapshot on both sides is asked once."""
    tally = Tally()
    before_side = Side.of(sides.before)
    after_side = before_side if sides.after is sides.before else Side.of(sides.after)
    for asked in batch.asked(sides):
        if isinstance(asked, str):
            tally.skipped[asked] += 1
            continue
        before = choose(before_side, asked.before)
        after = before if after_side is before_side else choose(after_side, asked.after)
        count(tally, before, after)
    return tally


def count(tally: Tally, before: Chosen, after: Chosen) -> None:
    """Count one decision."""
    request = before.resolution.question.request
    tally.decisions += 1
    tally.customers.add(request.customer.customer)
    changed = before.first != after.first
    tally.changed += changed
    tally.reordered += not changed and _named(before) != _named(after)
    tally.moves[before.tier, after.tier] += 1
    for side, chosen in ((tally.before, before), (tally.after, after)):
        _count_side(side, chosen, request.channel)
    parts = (tally.part(TIER, before.tier), tally.part(CHANNEL, request.channel))
    for part in parts:
        part.decisions += 1
        part.changed += changed
    for name in before.first | after.first:
        _count_placement(tally, (before, after), name, parts)
    if bool(before.shown) != bool(after.shown):
        _count_left_out(tally, before, after)


def _count_side(tally: SideTally, chosen: Chosen, channel: str) -> None:
    count_funnel(tally.funnel, chosen)
    for name, action in chosen.first.items():
        tally.first[Seat(f"{channel}.{name}", action)] += 1
    for action in chosen.shown:
        tally.shown[action] += 1


def _count_placement(tally: Tally, chosen: tuple[Chosen, Chosen], name: str, parts: tuple[Part, ...]) -> None:
    before, after = chosen
    full = f"{before.resolution.question.request.channel}.{name}"
    was, now = before.first.get(name, NOTHING), after.first.get(name, NOTHING)
    own = tally.part(PLACEMENT, full)
    own.decisions += 1
    own.changed += was != now
    for part in (*parts, own):
        if name in before.sums:
            part.before.add(before.sums[name])
        if name in after.sums:
            part.after.add(after.sums[name])
    if was == now:
        tally.kept[Seat(full, was)] += 1
        return
    tally.switches[Switch(full, was, now)] += 1
    if was != NOTHING:
        tally.displaced[after.why_not(was)] += 1
    if now != NOTHING:
        tally.admitted[before.why_not(now)] += 1


def _count_left_out(tally: Tally, before: Chosen, after: Chosen) -> None:
    if not before.shown:
        tally.given += 1
        return
    request = before.resolution.question.request
    why = after.why_not(before.shown[0])
    tally.left_by[why] += 1
    tally.customers_left_out.add(request.customer.customer)
    if len(tally.left_out) < MOST_LISTED:
        customer = request.customer.customer
        tally.left_out.append(LeftOut(customer, request.channel, before.tier, before.shown[0], why))


def _named(chosen: Chosen) -> tuple[tuple[str, ...], ...]:
    """The later ranks by name: two catalogues number actions differently."""
    ids = chosen.side.snapshot.policy.catalogue.ids
    return tuple(tuple(ids[action] for action in actions) for actions in chosen.later)
