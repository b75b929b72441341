"""Filling placements: each action once, drawn only where it may be, compared only in offers and messages."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from engine.decide import resolve
from engine.decision import Cause, Request
from engine.ids import CustomerKey
from engine.profile import know
from engine.resolution import Placed, Question, Resolution
from engine.snapshot import Snapshot
from engine.store import Profile
from models.codec import encode
from rules.policy import ControlGroup, Exploration, Kind, Levers
from rules.situation import Moment
from tests.engine.company import ANNA, DAY, GOOD, NOW, changed, corner_shop, placement, with_actions

SHOP = changed(corner_shop(), control_groups=())
ARMS = ("random", "nothing", "propensity_only", "no_levers", "eligibility_only")
PEOPLE = [CustomerKey("shop", f"c{number}") for number in range(1500)]


def compared(arm: str, snapshot: Snapshot = SHOP) -> Snapshot:
    """The shop with every customer in one comparison group."""
    return changed(snapshot, control_groups=(ControlGroup("all", 1.0, arm),))


def resolved(snapshot: Snapshot, channel: str, customer: CustomerKey = ANNA, **said) -> Resolution:
    features = GOOD | said.pop("features", {})
    profile = Profile(vector=encode(snapshot.schema, features, customer, NOW))
    now = said.pop("now", NOW)
    request = Request(customer, channel, **said)
    moment = Moment(now, channel, request.intent, request.locale, request.context)
    return resolve(snapshot, Question(request, know(snapshot, customer, profile, moment.now), moment))


def placed(resolution: Resolution, name: str) -> Placed:
    return next(one for one in resolution.placed if one.placement.name == name)


def picks(resolution: Resolution, name: str) -> list[str]:
    ids = SHOP.policy.catalogue.ids
    return [ids[action] for action in placed(resolution, name).picked.actions]


def exploring(snapshot: Snapshot = SHOP, share: float = 0.5, limit: float = 1.0) -> Snapshot:
    tiers = tuple(replace(tier, exploration_limit=limit) for tier in snapshot.policy.policy.tiers)
    return changed(snapshot, exploration=Exploration(share), tiers=tiers)


def test_an_action_is_proposed_once_across_placements():
    web = SHOP.policy.policy.channels["web"]
    both = {"hero": web.placements["hero"], "banner": replace(web.placements["hero"], name="banner", count=5)}
    shop = changed(SHOP, channels=dict(SHOP.policy.policy.channels) | {"web": replace(web, placements=both)})
    usual = resolved(changed(shop, exploration=Exploration(0.0)), "web")
    assert (len(picks(usual, "hero")), len(picks(usual, "banner"))) == (1, 3)
    for customer in PEOPLE[:50]:
        shown = [action for one in resolved(exploring(shop), "web", customer).placed for action in one.picked.actions]
        assert len(shown) == len(set(shown))


def test_the_draw_is_the_same_for_a_day_and_in_every_channel_that_has_the_placement():
    shop = exploring(share=1.0)
    channels = dict(shop.policy.policy.channels)
    web = channels["web"].placements["hero"]
    desk = replace(channels["call_centre"], placements=dict(channels["call_centre"].placements) | {"hero": web})
    shop = changed(shop, channels=channels | {"call_centre": desk})
    for customer in PEOPLE[:20]:
        here = placed(resolved(shop, "web", customer), "hero").slot.draw
        there = placed(resolved(shop, "call_centre", customer, now=NOW + 3600), "hero").slot.draw
        assert here == there != placed(resolved(shop, "web", customer, now=NOW + DAY), "hero").slot.draw


def test_service_is_never_drawn():
    shop = exploring(share=1.0)
    for customer in PEOPLE[:30]:
        resolution = resolved(shop, "call_centre", customer)
        for name in ("likely_reasons", "route", "service_level"):
            one = placed(resolution, name)
            assert (one.slot.share, one.picked.explored, one.picked.probability) == (0.0, False, 1.0)
        assert picks(resolution, "service_level") == ["priority_service"]


@pytest.mark.parametrize(
    ("features", "share"), [({}, 0.05), ({"open_complaints": 1}, 0.0), ({"orders_12m": 0, "value_12m": 0.0}, 0.2)]
)
def test_exploration_is_limited_by_the_tier_and_off_while_a_complaint_is_open(features, share):
    limits = {"relationship_1": 0.05, "transactional": 0.0, "prospect": 0.2}
    tiers = tuple(replace(one, exploration_limit=limits[one.name]) for one in SHOP.policy.policy.tiers)
    shop = changed(SHOP, exploration=Exploration(0.3), tiers=tiers)
    assert placed(resolved(shop, "call_centre", features=features), "offer").slot.share == share


def test_a_tier_without_exploration_gets_the_best_with_certainty():
    shop = exploring(limit=0.0)
    for customer in PEOPLE[:30]:
        one = placed(resolved(shop, "web", customer), "hero")
        assert (one.picked.explored, one.picked.probability) == (False, 1.0)


def test_a_complaint_stops_exploration_even_where_no_offer_was_left_to_stop():
    shop = exploring(share=1.0)
    messages = with_actions(shop, film_box={"kind": Kind.MESSAGE})
    messages = placement(messages, "web", "hero", kinds=frozenset({Kind.MESSAGE}))
    assert placed(resolved(messages, "web"), "hero").slot.share == 1.0
    assert placed(resolved(messages, "web", features={"open_complaints": 1}), "hero").slot.share == 0.0


def test_only_the_placements_that_are_named_are_explored():
    shop = changed(exploring(), exploration=Exploration(0.5, ("offer",)))
    assert placed(resolved(shop, "web"), "hero").slot.share == 0.0
    assert placed(resolved(shop, "call_centre"), "offer").slot.share == 0.5


def test_nothing_is_drawn_where_something_is_mandatory():
    shop = with_actions(exploring(share=1.0), basic_tariff={"mandatory": True, "value": {"margin": -50.0}})
    for customer in PEOPLE[:20]:
        resolution = resolved(shop, "web", customer)
        assert picks(resolution, "hero") == ["basic_tariff"]
        assert placed(resolution, "hero").probability == 1.0


def test_choices_over_many_customers_come_as_often_as_told():
    shop = exploring(share=0.6)
    counts: dict[str, int] = {}
    for customer in PEOPLE:
        name = (picks(resolved(shop, "web", customer), "hero") or [""])[0]
        counts[name] = counts.get(name, 0) + 1
    share = 0.6 / 5  # four offers and nothing, all without evidence
    expected = {
        "film_box": 0.4 + share,
        "new_phone": share,
        "basic_tariff": share,
        "upgrade_unlimited": share,
        "": share,
    }
    for name, chance in expected.items():
        tolerance = 5 * math.sqrt(len(PEOPLE) * chance * (1 - chance))
        assert abs(counts[name] - chance * len(PEOPLE)) <= tolerance


@pytest.mark.parametrize("arm", ARMS)
def test_service_is_the_same_in_every_comparison_group(arm):
    for customer in PEOPLE[:10]:
        for features in ({}, {"orders_12m": 0, "value_12m": 0.0}, {"open_complaints": 2}):
            theirs = resolved(compared(arm), "call_centre", customer, features=features, intent="cancel")
            usual = resolved(SHOP, "call_centre", customer, features=features, intent="cancel")
            assert theirs.group is not None
            for name in ("likely_reasons", "route", "service_level"):
                assert picks(theirs, name) == picks(usual, name)


def test_the_nothing_arm_holds_offers_back_and_says_so_but_still_asks():
    resolution = resolved(compared("nothing"), "call_centre")
    assert picks(resolution, "offer") == ["ask_contact_time"]
    hero = placed(resolved(compared("nothing"), "web"), "hero")
    assert (hero.picked.actions, hero.picked.cause, hero.controlled) == ((), Cause.CONTROL_GROUP, True)


def test_the_random_arm_draws_every_place_evenly_from_what_is_worth_proposing():
    shop = with_actions(compared("random"), new_phone={"value": {"margin": -10.0}})
    shop = placement(shop, "web", "hero", count=2)
    firsts: dict[str, int] = {}
    seconds: dict[str, int] = {}
    for customer in PEOPLE:
        resolution = resolved(shop, "web", customer)
        assert placed(resolution, "hero").probability == pytest.approx(1 / 3)
        one, other = picks(resolution, "hero")
        firsts[one] = firsts.get(one, 0) + 1
        seconds[other] = seconds.get(other, 0) + 1
    tolerance = 5 * math.sqrt(len(PEOPLE) * 2 / 9)
    for counts in (firsts, seconds):
        assert set(counts) == {"film_box", "basic_tariff", "upgrade_unlimited"}
        assert all(abs(count - len(PEOPLE) / 3) <= tolerance for count in counts.values())


def test_the_propensity_arm_ranks_by_chance_alone_yet_never_at_a_loss():
    shop = with_actions(compared("propensity_only"), film_box={"starting": (0.5, 10.0), "value": {"margin": -1.0}})
    assert picks(resolved(placement(shop, "web", "hero", count=4), "web"), "hero") == [
        "basic_tariff",
        "upgrade_unlimited",
        "new_phone",
    ]


def test_the_arm_without_levers_ranks_as_if_nobody_had_leaned_on_anything():
    offers = {"basic_tariff": {"starting": (0.1, 50.0)}, "upgrade_unlimited": {"starting": (0.1, 50.0)}}
    leaning = with_actions(changed(SHOP, levers=Levers(actions={"basic_tariff": 2_000.0})), **offers)
    leaning = placement(leaning, "call_centre", "offer", kinds=frozenset({Kind.OFFER}), count=9)
    usual, theirs = (picks(resolved(one, "call_centre"), "offer") for one in (leaning, compared("no_levers", leaning)))
    assert usual.index("basic_tariff") < usual.index("upgrade_unlimited")
    assert theirs.index("basic_tariff") > theirs.index("upgrade_unlimited")


def test_the_eligibility_arm_passes_what_only_fits_badly_but_never_what_may_not_be():
    features = {"age": 16, "data_used_share": 0.1}
    usual = resolved(SHOP, "call_centre", features=features)
    theirs = resolved(compared("eligibility_only"), "call_centre", features=features)
    assert "upgrade_unlimited" not in picks(usual, "offer")
    assert "upgrade_unlimited" in picks(theirs, "offer")
    assert "instalment_loan" not in picks(theirs, "offer")
