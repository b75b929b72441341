"""Two policies over the same past: what is counted is what deciding one by one gives, and who did it is named."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import msgspec
import pytest

from engine.decide import resolve
from engine.record import pack, unpack_decision
from engine.simulation.compare import compare
from engine.simulation.comparison import compared
from engine.simulation.plain import plain
from engine.simulation.questions import DAMAGED, NO_CHANNEL, NO_PLACEMENT, STORE_AWAY, LoggedBatch, Pair
from engine.simulation.sides import Plan, Sides, build
from engine.simulation.spread import Spread
from engine.simulation.tally import CHANNEL, PLACEMENT, TIER, Tally
from tests.engine.simulated import past, plan, shop

CHANGES = {
    "nothing": shop(),
    "a boost": shop("lever.basic_tariff=500%"),
    "a threshold": shop("threshold.min_priority=3"),
    "a tier's weight": shop("tiers.order.transactional.weights.margin=0.2"),
    "a rule": shop(adult="block_when: customer.age < 40"),
    "a cap": shop(push_week="{id: push_week, limit: 1, within: 30d, per: scope, channels: [push]}"),
    "a treatment": shop(basic_web=""),
}


def tally(after, before=None) -> Tally:
    return compare(build(plan(after, before)), past())


def named(snapshot, question) -> dict[str, tuple[str, ...]]:
    ids = snapshot.policy.catalogue.ids
    placed = resolve(snapshot, question).placed
    return {one.placement.name: tuple(ids[action] for action in one.picked.actions) for one in placed}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_counted_is_what_deciding_apart_gives(name):
    """Sides that share nothing, each customer read for each side anew."""
    both = build(plan(CHANGES[name]))
    apart = [build(Plan(side, side)).before for side in (shop(), CHANGES[name])]
    changed, reordered, first, switches = 0, 0, Counter(), Counter()
    for asked in past().asked(Sides(*apart, both.features, alike=False)):
        assert isinstance(asked, Pair)
        before, after = named(apart[0], asked.before), named(apart[1], asked.after)
        leads = [{place: picks[:1] for place, picks in one.items()} for one in (before, after)]
        changed += leads[0] != leads[1]
        reordered += leads[0] == leads[1] and before != after
        channel = asked.before.request.channel
        first.update((f"{channel}.{place}", picks[0] if picks else "") for place, picks in after.items())
        switches.update(
            (f"{channel}.{place}", "".join(leads[0][place]), "".join(lead))
            for place, lead in leads[1].items()
            if lead != leads[0][place]
        )
    found = compare(both, past())
    assert (found.changed, found.reordered) == (changed, reordered)
    assert found.after.first == first
    assert found.switches == switches
    assert bool(changed) == (name != "nothing")


@pytest.mark.parametrize("name", CHANGES)
def test_the_parts_make_up_the_whole(name):
    found = tally(CHANGES[name])
    assert found.decisions == len(past())
    for dimension in (TIER, CHANNEL):
        parts = [part for (kind, _), part in found.parts.items() if kind == dimension]
        assert sum(part.decisions for part in parts) == found.decisions
        assert sum(part.changed for part in parts) == found.changed
    by_channel = [part for (kind, _), part in found.parts.items() if kind == CHANNEL]
    by_placement = [part for (kind, _), part in found.parts.items() if kind == PLACEMENT]
    for side in ("before", "after"):
        for amount in ("contacts", "gain", "cost", "priority"):
            whole = sum(getattr(getattr(part, side), amount) for part in by_channel)
            assert sum(getattr(getattr(part, side), amount) for part in by_placement) == pytest.approx(whole)
        assert getattr(found, side).shown.total() == sum(getattr(part, side).contacts for part in by_channel)
    assert found.displaced.total() + sum(n for one, n in found.switches.items() if not one.before) == (
        found.switches.total()
    )


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_funnel_loses_at_each_stage_what_its_rules_remove(side):
    funnel = getattr(tally(CHANGES["a rule"]), side).funnel
    left = funnel.considered
    for stage in ("availability", "eligibility", "applicability", "suitability", "contact", "threshold"):
        left -= sum(count for why, count in funnel.removed.items() if why.stage == stage)
        assert funnel.left[stage] == left
    assert funnel.left["shown"] == sum(getattr(tally(CHANGES["a rule"]), side).shown.values())


def test_a_boost_earns_less_than_it_shows():
    """The priority rises with the boost; what is expected without it does not."""
    totals = [part for (kind, _), part in tally(CHANGES["a boost"]).parts.items() if kind == CHANNEL]
    assert sum(part.after.priority - part.before.priority for part in totals) > 0
    assert sum(part.after.gain - part.before.gain for part in totals) < 0


def test_the_rule_that_took_an_action_from_its_place_is_named():
    found = tally(CHANGES["a rule"])
    assert {why.rule for why in found.displaced} == {"adults_only"}
    back = tally(shop(), CHANGES["a rule"])
    assert {why.rule for why in back.admitted} == {"adults_only"}


def test_who_is_left_with_nothing_is_listed_with_what_did_it():
    found = tally(CHANGES["a cap"])
    assert found.left_by
    assert {(why.stage, why.rule) for why in found.left_by} == {("contact", "push_week")}
    assert found.left_by.total() == len(found.left_out)
    assert {one.channel for one in found.left_out} == {"push"}
    assert {one.customer for one in found.left_out} == found.customers_left_out
    assert tally(shop(), CHANGES["a cap"]).given == found.left_by.total()


def test_whom_chance_leaves_with_nothing_is_not_said_to_be_outranked():
    found = tally(shop("exploration.share=1"), shop("exploration.share=0"))
    assert {(why.stage, why.code) for why in found.left_by} == {("arbitration", "NOTHING_DRAWN")}


def test_an_action_that_is_gone_is_told_as_gone():
    text = plan(shop()).after
    gone = replace(text, policy=replace(text.policy, root=without_action(text.policy.root, "basic_tariff")))
    (why, count), *_ = tally(gone).displaced.most_common()
    assert (why.code, count) == (
        "NOT_IN_THE_POLICY",
        sum(n for one, n in tally(gone).switches.items() if one.before == "basic_tariff"),
    )


def without_action(root, name):
    actions = root.value["actions"]
    kept = replace(actions, value={key: node for key, node in actions.value.items() if key != name})
    return replace(root, value={**root.value, "actions": kept})


def test_questions_that_a_side_cannot_be_asked_are_counted_apart():
    first = unpack_decision(past().records[0])
    elsewhere = msgspec.structs.replace(first.request, channel="kiosk")
    nowhere = msgspec.structs.replace(first.request, placements=("nowhere",))
    asked = tuple(pack(msgspec.structs.replace(first, request=one)) for one in (elsewhere, nowhere, first.request))
    found = compare(build(plan(shop())), LoggedBatch(asked))
    assert (found.decisions, found.skipped) == (1, {NO_CHANNEL: 1, NO_PLACEMENT: 1})


def test_damaged_records_and_those_without_a_store_are_left_out():
    first = unpack_decision(past().records[0])
    away = pack(msgspec.structs.replace(first, state=None))
    found = compare(build(plan(shop())), LoggedBatch((b"\xc1", away, past().records[1])))
    assert (found.decisions, found.skipped) == (1, {DAMAGED: 1, STORE_AWAY: 1})


def test_two_processes_find_what_one_finds():
    batches = [LoggedBatch(past().records[start : start + 60]) for start in range(0, 300, 60)]
    found = []
    for processes in (1, 2):
        told: list[int] = []
        with Spread(plan(CHANGES["a rule"]), processes) as spread:
            found.append(plain(compared(spread, batches, ("a", "b", "the past"), told.append)))
        assert told == [60, 120, 180, 240, 300]
    assert found[0] == found[1]
