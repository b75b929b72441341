"""What reading makes of a policy that holds, and that nothing a file may contain breaks the reading itself."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.problem import DocumentInvalid
from documents.strict_yaml import load, parse
from rules.facts import FactSchema
from rules.ledger import stable_id
from rules.policy import CountedTogether, Direction, Expression, Kind, Policy, Scope
from rules.reading.document import read_policy


@pytest.fixture(scope="module")
def shop(corner_shop_path: Path, facts: FactSchema) -> Policy:
    policy, reader = read_policy(load(corner_shop_path), facts)
    assert not reader.problems
    assert policy is not None
    return policy


def test_the_corner_shop_is_read_without_problems(shop: Policy, corner_shop_path: Path) -> None:
    assert shop.revision == hashlib.sha256(corner_shop_path.read_bytes()).hexdigest()[:12]
    assert (shop.company, shop.currency, shop.time_zone) == ("Corner Shop", "EUR", "Europe/Berlin")
    assert shop.intents == ("billing", "upgrade", "cancel", "")


def test_actions_stand_in_the_order_of_issue_group_and_id(shop: Policy) -> None:
    keys = [(action.issue, action.group, action.id) for action in shop.actions]
    assert keys == sorted(keys)
    assert all(action.stable_id == stable_id(action.id) for action in shop.actions)


def test_an_action_has_all_it_was_given_and_its_defaults(shop: Policy) -> None:
    phone = next(action for action in shop.actions if action.id == "new_phone")
    assert (phone.kind, phone.tags, phone.attributes) == (
        Kind.OFFER,
        frozenset({"5g", "hardware"}),
        {"price": 699.0, "family": "phone", "digital": False},
    )
    assert phone.valid_from == datetime(2025, 12, 31, 23, tzinfo=UTC).timestamp(), "dates begin in the company's zone"
    assert isinstance(phone.cost, Expression)
    assert (phone.success, phone.success_within, phone.starting) == ("ACCEPTED", 14 * 86400.0, (0.02, 50.0))
    assert phone.treatments["web"].id == "new_phone/web"


def test_an_action_without_treatments_is_proposable_everywhere_unless_it_is_a_contact(shop: Policy) -> None:
    by_id = {action.id: action for action in shop.actions}
    assert by_id["route_general"].treatable("call_centre")
    assert by_id["film_box"].treatable("push")
    assert not by_id["film_box"].treatable("call_centre")


def test_placements_for_service_are_always_filled_and_others_may_stay_empty(shop: Policy) -> None:
    placements = shop.channels["call_centre"].placements
    assert not placements["route"].allow_nothing
    assert placements["route"].fallback == "route_general"
    assert placements["offer"].allow_nothing


def test_the_last_tier_has_no_condition_and_weights_are_per_goal(shop: Policy) -> None:
    assert [tier.name for tier in shop.tiers] == ["relationship_1", "transactional", "prospect"]
    assert shop.tiers[-1].when is None
    assert shop.tiers[0].weights == {"margin": 1.0, "loyalty": 1.5}
    assert (shop.tiers[0].exploration_limit, shop.tiers[1].exploration_limit) == (0.02, 1.0)


def test_caps_bind_outbound_contacts_per_action_unless_they_say_otherwise(shop: Policy) -> None:
    week, day, same = shop.contact.caps
    assert (week.limit, week.within, week.per, week.directions) == (
        2,
        7 * 86400.0,
        CountedTogether.SCOPE,
        frozenset({Direction.OUTBOUND}),
    )
    assert (day.calendar, day.scope) == ("day", Scope(issues=("sales",)))
    assert (same.per, same.directions) == (CountedTogether.ACTION, frozenset(Direction))


def test_quiet_hours_are_minutes_of_the_day(shop: Policy) -> None:
    (window,) = shop.contact.quiet_hours
    assert (window.start, window.end, window.channels) == (21 * 60, 8 * 60, ("push",))


def test_a_plain_reason_is_the_agents(shop: Policy) -> None:
    reasons = {rule.id: rule.reason for rule in shop.rules}
    assert reasons["has_need"].agent == "The customer uses little data."
    assert reasons["has_need"].customer == ""


def test_a_condition_points_at_its_first_character(corner_shop_path: Path, shop: Policy) -> None:
    lines = corner_shop_path.read_text(encoding="utf-8").splitlines()
    for rule in shop.rules:
        place = rule.when.place
        assert lines[place.line - 1][place.column - 1 :].startswith(rule.when.source)


def test_a_condition_over_several_lines_points_into_the_file(corner_shop_path: Path, facts: FactSchema) -> None:
    text = corner_shop_path.read_text(encoding="utf-8").replace(
        "block_when: customer.age < 18\n", "block_when: |\n      customer.age < 18 &&\n        customer.on_contract\n"
    )
    policy, _ = read_policy(parse(text, "policy.yaml"), facts)
    assert policy is not None
    place = policy.rules[0].when.at(2, 9)
    assert text.splitlines()[place.line - 1][place.column - 1 :] == "customer.on_contract"


def test_all_mistakes_are_told_at_once(corner_shop_path: Path, facts: FactSchema) -> None:
    text = corner_shop_path.read_text(encoding="utf-8")
    text = text.replace("currency: EUR", "currency: euro").replace("arm: random", "arm: chance")
    text = text.replace("success: CLICKED", "success: CLIKED").replace("stage: suitability", "stage: suitable")
    _, reader = read_policy(parse(text, "policy.yaml"), facts)
    codes = {problem.code for problem in reader.problems}
    assert codes == {"bad-currency", "unknown-outcome", "unknown-name"}
    assert len(reader.problems) == 4


def test_a_large_policy_is_read_whole(corner_shop_path: Path, facts: FactSchema) -> None:
    text = corner_shop_path.read_text(encoding="utf-8")
    one = ": {kind: OFFER, issue: sales, group: tariffs, value: {margin: 1}, treatments: {web: {title: x}}}\n"
    more = "".join(f"  extra_{i}{one}" for i in range(1000))
    policy, reader = read_policy(parse(text.replace("actions:\n", "actions:\n" + more, 1), "policy.yaml"), facts)
    assert not reader.problems
    assert policy is not None
    assert len(policy.actions) == 1014


@pytest.mark.parametrize("text", ["[]", "{}", "7", "version: 1", "actions: {}\nchannels: {}\ntiers: {order: []}"])
def test_a_policy_without_its_main_sections_is_none(text: str, facts: FactSchema) -> None:
    policy, reader = read_policy(parse(text, "policy.yaml"), facts)
    assert policy is None
    assert reader.problems


_SCRAPS = st.sampled_from(
    ["", "[]", "{}", "7", "-1", "true", "null", "x", "[x, 7, {}]", "{x: {x: x}}", "{channels: 7}", "[[]]", '"{"', "1d"]
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_scrap_in_any_place_breaks_the_reading(
    data: st.DataObject, corner_shop_path: Path, facts: FactSchema
) -> None:
    lines = corner_shop_path.read_text(encoding="utf-8").splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        key, colon, rest = lines[at].partition(": ")
        lines[at] = key + colon + data.draw(_SCRAPS) if colon and data.draw(st.booleans()) else rest
    try:
        policy, reader = read_policy(parse("\n".join(lines), "policy.yaml"), facts)
    except DocumentInvalid:
        return
    assert policy is not None or reader.problems
