"""Each obstacle has the change that fits it: a least chance, a weight against, a limit, a scarce price, a cool-down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.decide import resolve
from engine.decision import Audience, Request, Trace
from engine.explaining.conditions import RuleConditions
from engine.explaining.explainer import Explainer
from engine.explaining.search import Search
from engine.explaining.told import Change, ChangeKind, Counterfactual
from engine.explaining.wording import Wording
from engine.explaining.worlds import Worlds, world_of
from engine.present import present
from engine.profile import know
from engine.resolution import Question, Resolution
from engine.snapshot import Snapshot, facts_of
from engine.store import Profile
from models.codec import encode
from rules.contact_policy import CoolDown
from rules.ledger import Ledger
from rules.policy import ContextWeight, Threshold
from rules.rationing import CLOSED, LimitsSeen, MeterSeen
from rules.situation import Moment
from rules.terms import Direction, Kind, Scope
from tests.engine.company import ANNA, GOOD, NOW, changed, contact, corner_shop, with_actions
from tests.engine.limited import limit, shop_with
from tests.rules.shop import HERE, cel

EITHER = frozenset(Direction)


def resolved(shop: Snapshot, limits: LimitsSeen | None = None, ledger: Ledger | None = None) -> Resolution:
    profile = Profile(vector=encode(shop.schema, GOOD, ANNA, NOW), contacts=ledger.pack() if ledger else None)
    request = Request(ANNA, "web", trace=Trace.FULL, audience=Audience.ANALYST)
    question = Question(request, know(shop, ANNA, profile, NOW), Moment(NOW, "web"), limits=limits or {})
    return resolve(shop, question)


async def changes(shop: Snapshot, action: str, resolution: Resolution) -> tuple[Change, ...]:
    """The changes that are told, which win together, and not with any of them left out."""
    decision = await Explainer(60.0).explain(shop, resolution, present(shop, resolution, ""))
    found = next(one.counterfactual for one in decision.dropped if one.action == action)
    assert isinstance(found, Counterfactual)
    worlds, index = Worlds(world_of(shop, resolution)), shop.policy.catalogue.index[action]
    assert worlds.of(found.changes).wins(index)
    for place in range(len(found.changes)):
        assert not worlds.of((*found.changes[:place], *found.changes[place + 1 :])).wins(index)
    return found.changes


def quiet(shop: Snapshot, **fields: object) -> Snapshot:
    """The shop without chance."""
    policy = shop.policy.policy
    return changed(shop, control_groups=(), exploration=replace(policy.exploration, share=0.0), **fields)


async def test_a_least_chance_is_lowered_to_the_chance():
    least = Threshold(0.3, None, Scope(kinds=(Kind.OFFER,)), (), EITHER)
    shop = with_actions(quiet(corner_shop(), thresholds=(least,)), upgrade_unlimited={"value": {"margin": 9000.0}})
    (change,) = await changes(shop, "upgrade_unlimited", resolved(shop))
    assert (change.kind, change.target) == (ChangeKind.THRESHOLD, "upgrade_unlimited.min_propensity")
    assert (change.before, change.after) == (0.3, pytest.approx(0.05, abs=2e-6))


async def test_a_weight_that_leaves_nothing_is_what_changes():
    against = ContextWeight("not_here", cel('moment.channel == "web"'), -150.0, Scope(actions=("basic_tariff",)), HERE)
    shop = quiet(corner_shop(), context_weights=(against,))
    (change,) = await changes(shop, "basic_tariff", resolved(shop))
    assert (change.kind, change.target, change.before) == (ChangeKind.CONTEXT_WEIGHT, "not_here", -150.0)
    assert isinstance(change.after, float)
    assert change.after > -100.0


@pytest.mark.parametrize(("left", "before"), [(0, 0.0), (CLOSED, None)])
async def test_of_a_limit_so_much_more_would_be_left_as_the_tier_may_have(left: int, before: float | None):
    held = limit("launch", 10, floors={"relationship_1": 0.2})
    shop = with_actions(shop_with(held), upgrade_unlimited={"value": {"margin": 9000.0}})
    resolution = resolved(shop, {"launch": MeterSeen(left, 10, 0.0)})
    (change,) = await changes(shop, "upgrade_unlimited", resolution)
    assert change == Change(ChangeKind.LIMIT, "launch", before, 3.0, "launch")


async def test_a_scarce_price_is_part_of_what_a_boost_must_make_up_for():
    shop = shop_with(limit("launch", 10))
    plain, dear = ({"launch": MeterSeen(9, 10, price)} for price in (0.0, 40.0))
    boosts = [(await changes(shop, "upgrade_unlimited", resolved(shop, seen)))[0].after for seen in (plain, dear)]
    assert isinstance(boosts[0], float)
    assert isinstance(boosts[1], float)
    assert boosts[1] - boosts[0] == pytest.approx(100 * 40 / (0.05 * 165.0), abs=0.02)


async def test_a_cool_down_ends():
    rest = CoolDown("breather", 7200.0, Scope(), (), EITHER, Scope(), (), EITHER, HERE)
    shop = quiet(corner_shop())
    shop = changed(shop, contact=replace(shop.policy.policy.contact, cool_downs=(rest,)))
    resolution = resolved(shop, ledger=Ledger.of((contact("data_tip", NOW - 600, "push"),)))
    (change,) = await changes(shop, "film_box", resolution)
    assert (change.kind, change.rule) == (ChangeKind.TIME, "breather")
    assert change.after == pytest.approx(NOW - 600 + 7200, abs=0.002)


def test_what_cannot_be_brought_first_has_no_changes():
    """Nobody can read what was sold to the customer, so nothing is sold, whatever else changed."""
    shop = quiet(corner_shop())
    torn = Profile(vector=encode(shop.schema, GOOD, ANNA, NOW), contacts=b"torn")
    question = Question(Request(ANNA, "web"), know(shop, ANNA, torn, NOW), Moment(NOW, "web"))
    worlds = Worlds(world_of(shop, resolve(shop, question)))
    search = Search(worlds, RuleConditions.of(shop.policy, facts_of(shop.schema)))
    assert search.changes_for(shop.policy.catalogue.index["film_box"]) == ()


@pytest.mark.parametrize(
    ("locale", "value", "told"),
    [
        ("en", 29.99999, "just under 30"),
        ("en", 0.8000001, "just over 0.8"),
        ("en", 33.25, "33.25"),
        ("zh", -1e-06, "略低于 0"),
    ],
)
def test_a_number_next_to_a_round_one_is_told_by_it(locale, value, told):
    shop = corner_shop()
    question = resolved(shop).question
    asked = replace(question, request=replace(question.request, locale=locale))
    wording = Wording(world_of(shop, resolve(shop, asked)))
    assert told in wording.changes((Change(ChangeKind.FEATURE, "data_used_share", 0.5, value),))
