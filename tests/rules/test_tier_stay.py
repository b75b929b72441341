"""A tier does not flip: who holds one keeps it for the minimum stay, and while its condition to keep it holds."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.strict_yaml import parse
from rules.policy_file import compile_source
from rules.situation import Moment
from rules.tier import Grounds, HeldTier
from tests.rules.shop import DAY, NOON, cel, compile_with_problems, compiled, offer, policy, tier

MOMENT = Moment(NOON, "web")
GOLD = tier("gold", "customer.spend >= 900")
SILVER = tier("silver", "customer.spend >= 400")
REST = tier("everyone")
KEPT = (
    replace(GOLD, keep_when=cel("customer.spend >= 800")),
    replace(SILVER, keep_when=cel("customer.spend >= 300")),
    REST,
)


def ladder(tiers=KEPT, min_stay=30 * DAY):
    return compiled([offer("a")], tiers=tiers, min_stay=min_stay)


def placed(ready, spend, held="", days=0.0):
    values = ready.bind({} if spend is None else {"spend": spend}, MOMENT)
    found = ready.place(values, HeldTier(held, days * DAY) if held else None)
    return found.tier.name, found.grounds


@pytest.mark.parametrize(
    ("spend", "held", "days", "found"),
    [
        (950.0, "silver", 0.0, ("gold", Grounds.WHEN)),
        (950.0, "gold", 100.0, ("gold", Grounds.WHEN)),
        (850.0, "gold", 100.0, ("gold", Grounds.KEEP_WHEN)),
        (799.0, "gold", 29.9, ("gold", Grounds.MIN_STAY)),
        (799.0, "gold", 30.0, ("silver", Grounds.WHEN)),
        (350.0, "gold", 30.0, ("silver", Grounds.KEEP_WHEN)),
        (350.0, "silver", 30.0, ("silver", Grounds.KEEP_WHEN)),
        (350.0, "everyone", 30.0, ("everyone", Grounds.OTHERWISE)),
        (100.0, "gold", 30.0, ("everyone", Grounds.OTHERWISE)),
        (850.0, "", 0.0, ("silver", Grounds.WHEN)),
        (850.0, "platinum", 1.0, ("silver", Grounds.WHEN)),
    ],
)
def test_who_rises_does_so_at_once_and_who_falls_is_kept(spend, held, days, found):
    assert placed(ladder(), spend, held, days) == found


def test_what_is_unknown_keeps_no_tier_beyond_the_minimum_stay():
    tiers = (replace(GOLD, keep_when=cel("customer.age >= 18")), REST)
    assert placed(ladder(tiers), 0.0, "gold", 31.0) == ("everyone", Grounds.OTHERWISE)
    assert placed(ladder(tiers), 0.0, "gold", 1.0) == ("gold", Grounds.MIN_STAY)


@settings(max_examples=60, deadline=None)
@given(spend=st.floats(0, 2000), held=st.sampled_from(["gold", "silver", "everyone", "gone"]), days=st.floats(0, 400))
def test_without_a_condition_to_keep_and_a_stay_what_was_held_changes_nothing(spend, held, days):
    plain = ladder((GOLD, SILVER, REST), min_stay=0.0)
    assert not plain.tiers.sticky
    assert placed(plain, spend, held, days) == placed(plain, spend)


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.floats(0, 1200), min_size=2, max_size=20), days=st.floats(1, 40))
def test_nobody_falls_out_of_a_tier_before_its_minimum_stay(values, days):
    """Day by day with a value that flaps: every fall comes at least 30 days after coming into the tier."""
    ready, held, since, rank = ladder(), "", 0.0, {"gold": 0, "silver": 1, "everyone": 2}
    for step, spend in enumerate(values):
        at = step * days
        now, _ = placed(ready, spend, held, at - since)
        if held and rank[now] > rank[held]:
            assert at - since >= 30.0
        if now != held:
            held, since = now, at


def test_a_value_that_flaps_between_the_two_conditions_never_flips_the_tier():
    ready, held = ladder(min_stay=0.0), "gold"
    for spend in (899.0, 905.0, 801.0, 899.0, 1000.0, 800.0):
        held, _ = placed(ready, spend, held, 1.0)
        assert held == "gold"


def test_the_ladder_is_one_evaluation_with_conditions_to_keep_too():
    ready = ladder()
    placed(ready, 500.0, "gold", 100.0)
    assert ready.tiers.conditions.evaluations == 1


@pytest.mark.parametrize("name", ["tier.name == 'x'", "moment.channel == 'web'", "action.price > 1"])
def test_a_condition_to_keep_a_tier_may_not_read_what_differs_by_channel_or_action(name):
    tiers = (replace(GOLD, keep_when=cel(name)), REST)
    _, problems = compile_with_problems(policy([offer("a")], tiers=tiers))
    assert [code for _, code, *_ in problems] == ["not-known-here"]


def test_stay_and_conditions_are_read_from_the_file(corner_shop_path, facts):
    text = corner_shop_path.read_text(encoding="utf-8")
    text = text.replace("  order:\n", "  min_stay: 30d\n  order:\n", 1)
    text = text.replace("      weights:", "      keep_when: customer.value_12m >= 700\n      weights:", 1)
    ready = compile_source(parse(text, "policy.yaml"), facts)
    assert ready.policy.min_stay == 30 * DAY
    assert ready.policy.tiers[0].keep_when is not None
