"""The telco pack's policy: complete, consistent with its features, and nothing in it can never be proposed."""

import pytest

from engine.demo.company.people import PLAIN
from rules.policy import CONTACT_KINDS, Kind, Stage


@pytest.fixture(scope="module")
def policy(telco):
    return telco.policy


@pytest.fixture(scope="module")
def schema(telco):
    return telco.schema


def proposable(action, channel) -> bool:
    return channel in action.treatments or (action.kind not in CONTACT_KINDS and not action.treatments)


def test_features_say_what_they_mean_and_what_for(schema):
    assert 55 <= len(schema) <= 75
    assert [one.name for one in schema.features if not one.meaning or not one.purpose] == []
    assert [one.name for one in schema.features if one.type in ("number", "integer") and not one.unit] == []
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


def test_every_action_has_a_placement_that_takes_it(policy):
    homeless = [
        action.id
        for action in policy.actions
        if not any(
            action.kind in placement.kinds and proposable(action, channel.name)
            for channel in policy.channels.values()
            for placement in channel.placements.values()
        )
    ]
    assert homeless == []


def test_every_treatment_can_be_shown_somewhere(policy):
    lost = [
        (action.id, channel)
        for action in policy.actions
        for channel in action.treatments
        if not any(action.kind in placement.kinds for placement in policy.channels[channel].placements.values())
    ]
    assert lost == []


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


def test_every_reason_for_declining_leads_to_a_pause_or_is_a_wish(policy):
    given = {reason for action in policy.actions for reason in action.reject_reasons}
    paused = {reason for rule in policy.contact.pauses for reason in rule.reason_codes}
    assert given - paused == {"not_enough", "wants_new_phone"}
    assert paused <= given


def test_questions_ask_for_what_may_be_missing(policy, schema):
    for action in policy.actions:
        if action.kind is Kind.ASK:
            assert action.fills is not None
            assert schema.feature(action.fills).default is None


def test_partners_read_nothing_that_is_for_service_only(policy, schema):
    partners = [action for action in policy.actions if action.partner]
    assert partners
    for action in partners:
        text = " ".join(content.say + content.body for content in (one.content for one in action.treatments.values()))
        read = [one for one in schema.features if f"customer.{one.name}" in text]
        assert all(action.partner.purpose in one.purpose for one in read)


def test_the_people_of_the_story_are_told_by_the_policys_features(schema):
    assert set(PLAIN) == {one.name for one in schema.features if one.source is None and not one.known_after_outcome}


@pytest.mark.parametrize("name", ["app_push", "sms", "wechat_push"])
def test_outbound_channels_rest_at_night_and_need_consent(policy, name):
    assert [(one.start, one.end) for one in policy.contact.quiet_hours if name in one.channels] == [(21 * 60, 8 * 60)]
    assert {one.purpose for one in policy.contact.consent if name in one.channels} == {"marketing", "service"}
