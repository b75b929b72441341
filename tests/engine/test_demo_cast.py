"""The cast of the story: real customers whom no draw touches, and nobody who is asked about as an example."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.demo.cast import INTENTS, SOMEBODY, TENANT, CastTooSmall, calm, cast_story
from engine.demo.pack import pack_folder
from engine.experiment import Draws, control_group
from engine.ids import CustomerKey
from engine.snapshot import facts_of
from models.feature_file import load_features
from rules.policy_file import load_policy

IDS = tuple(f"c-{number:05d}" for number in range(3000))
DAYS = [datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=17 * step) for step in range(20)]


@pytest.fixture(scope="module")
def policy():
    folder = pack_folder("telco")
    return load_policy(folder / "policy.yaml", facts_of(load_features(folder / "features.yaml"))).policy


@pytest.mark.parametrize("day", DAYS, ids=lambda day: day.date().isoformat())
def test_no_draw_touches_the_cast_on_the_day(policy, day):
    cast = cast_story(policy, IDS, day.timestamp())
    for name in (cast.visitor, *(person.id for person in cast.people)):
        key = CustomerKey(TENANT, name)
        assert control_group(policy.control_groups, policy.salt, key, day.timestamp()) is None
        for intent in INTENTS:
            draws = Draws(policy.salt, key, intent, day.date().isoformat())
            assert all(draws.first_place(name) < 1 - policy.exploration.share for name in policy.exploration.placements)


def test_the_cast_are_six_customers_of_the_company_and_a_visitor(policy):
    cast = cast_story(policy, IDS, DAYS[0].timestamp())
    ids = [person.id for person in cast.people]
    assert len(set(ids)) == 6
    assert set(ids) <= set(IDS) - {SOMEBODY}
    assert cast.visitor.startswith("v-")


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_it_is_night_where_aylin_is(policy, hour):
    now = DAYS[0].replace(hour=hour)
    local = now.astimezone(ZoneInfo(cast_story(policy, IDS, now.timestamp()).aylin.zone))
    assert local.hour >= 21 or local.hour < 8


def test_most_customers_are_touched_by_some_draw(policy):
    shares = [calm(policy, name, DAYS[0].timestamp()) for name in IDS]
    assert 0.02 < sum(shares) / len(shares) < 0.3


def test_too_few_customers_for_a_cast_are_refused(policy):
    with pytest.raises(CastTooSmall, match="5 customers are too few"):
        cast_story(policy, IDS[:5], DAYS[0].timestamp())
