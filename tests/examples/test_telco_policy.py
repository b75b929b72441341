"""The telco pack's policy: complete, consistent with its features, and nothing in it can never be proposed."""

import pytest

from engine.demo.company.people import PLAIN
from rules.policy import Kind, Stage


@pytest.fixture(scope="module")
def policy(telco):
    return telco.policy


@pytest.fixture(scope="module")
def schema(telco):
    return telco.schema


def test_features_come_from_everywhere_and_two_are_kept_from_models(schema):
    assert 55 <= len(schema) <= 75
    assert {one.name for one in schema.features if not one.trainable} == {"credit_class", "last_call_seconds"}
    assert {one.source.aggregate.value for one in schema.features if one.source} == {
        "decayed_count",
        "decayed_sum",
        "last",
        "age",
    }


def test_the_policy_uses_all_that_there_is(policy):
    assert {action.kind for action in policy.actions} == set(Kind)
    assert 40 <= len(policy.actions) <= 60
    assert [tier.name for tier in policy.tiers] == ["relationship_1", "relationship_2", "transactional", "prospect"]
    assert {rule.stage for rule in policy.rules} == {Stage.ELIGIBILITY, Stage.APPLICABILITY, Stage.SUITABILITY}
    assert all(tier.weights.keys() == policy.goals.keys() for tier in policy.tiers)


def test_agents_are_told_what_to_say_and_what_when_it_is_declined(policy):
    said = [
        action.treatments["call_centre"].content
        for action in policy.actions
        if action.kind is Kind.OFFER and "call_centre" in action.treatments
    ]
    assert len(said) > 15
    assert all(one.say and one.if_objected and one.accept and one.reject for one in said)


def test_wechat_speaks_chinese(policy):
    titles = [
        action.treatments[name].content.title
        for action in policy.actions
        for name in ("wechat", "wechat_push")
        if name in action.treatments
    ]
    assert len(titles) > 10
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in title) or "G" in title for title in titles)


def test_the_people_of_the_story_are_told_by_the_policys_features(schema):
    assert set(PLAIN) == {one.name for one in schema.features if one.source is None and not one.known_after_outcome}
