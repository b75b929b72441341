"""The policies of the example companies: nothing is wrong with them, they are settled, and they say what they mean."""

from __future__ import annotations

import re

import pytest
import yaml
from typer.testing import CliRunner

from engine.cli.app import app
from rules.event_types import BASKET, PURCHASE, STANDARD
from rules.policy import CONTACT_KINDS, Direction, Kind, Stage

TIERS = ("relationship_1", "relationship_2", "relationship_3", "transactional", "prospect")


def policy_command(*words: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["policy", *words])
    return ran.exit_code, ran.output


def proposable(action, channel) -> bool:
    return channel in action.treatments or (action.kind not in CONTACT_KINDS and not action.treatments)


def test_nothing_is_wrong_with_the_policy(pack):
    told = policy_command("check", "--project", str(pack.folder), "--strict")
    assert told == (0, "Nothing is wrong with the policy.\n")


def test_the_layout_is_settled(pack):
    code, said = policy_command("fmt", "--check", "--project", str(pack.folder))
    assert code == 0, said


def test_any_reader_of_yaml_can_read_the_files(pack):
    for path in pack.folder.glob("*.yaml"):
        assert yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader), path.name


def test_features_say_what_they_mean_what_for_and_in_what_unit(pack):
    assert [one.name for one in pack.schema.features if not one.meaning or not one.purpose] == []
    assert [one.name for one in pack.schema.features if one.type in ("number", "integer") and not one.unit] == []


def test_the_readme_counts_right(pack):
    said = re.search(r"(\d+) features, (\d+) actions, (\w+) channels", (pack.folder / "README.md").read_text())
    assert said is not None
    assert (int(said[1]), int(said[2])) == (len(pack.schema), len(pack.policy.actions))
    assert {"five": 5, "six": 6}[said[3]] == len(pack.policy.channels)


def test_the_policy_has_all_stages_of_rules_and_both_directions(pack):
    assert {rule.stage for rule in pack.policy.rules} == {Stage.ELIGIBILITY, Stage.APPLICABILITY, Stage.SUITABILITY}
    assert {channel.direction for channel in pack.policy.channels.values()} == set(Direction)
    assert pack.policy.exploration.share > 0
    assert pack.policy.control_groups
    assert pack.policy.thresholds


@pytest.mark.parametrize("name", ["bank", "retail", "hospital"])
def test_the_smaller_companies_have_five_tiers_and_a_decision_table(packs, name):
    policy = packs(name).policy
    assert tuple(tier.name for tier in policy.tiers) == TIERS
    assert policy.tables
    assert 12 <= len(policy.actions) <= 25
    assert 20 <= len(packs(name).schema) <= 35


def test_whoever_is_offered_something_may_decline_it(pack):
    silent = [
        (action.id, channel)
        for action in pack.policy.actions
        for channel, treatment in action.treatments.items()
        if action.kind is Kind.OFFER and treatment.content.accept and not treatment.content.reject
    ]
    assert silent == []


def test_questions_ask_for_what_may_be_missing(pack):
    asks = [action for action in pack.policy.actions if action.kind is Kind.ASK]
    assert asks
    assert [one.id for one in asks if pack.schema.feature(one.fills or "").default is not None] == []


def test_outbound_channels_rest_at_night_and_need_consent(pack):
    outbound = {name for name, one in pack.policy.channels.items() if one.direction is Direction.OUTBOUND}
    assert {name for rule in pack.policy.contact.consent for name in rule.channels} == outbound
    assert {name for one in pack.policy.contact.quiet_hours for name in one.channels} <= outbound


def test_partners_read_nothing_that_is_for_service_only(pack):
    for action in pack.policy.actions:
        if action.partner is not None and action.kind in CONTACT_KINDS:
            text = " ".join(one.content.say + one.content.body for one in action.treatments.values())
            read = [one for one in pack.schema.features if f"customer.{one.name}" in text]
            assert all(action.partner.purpose in one.purpose for one in read)


def test_every_action_has_a_placement_that_takes_it(pack):
    homeless = [
        action.id
        for action in pack.policy.actions
        if not any(
            action.kind in placement.kinds and proposable(action, channel.name)
            for channel in pack.policy.channels.values()
            for placement in channel.placements.values()
        )
    ]
    assert homeless == []


def test_every_treatment_can_be_shown_somewhere(pack):
    lost = [
        (action.id, channel)
        for action in pack.policy.actions
        for channel in action.treatments
        if not any(action.kind in placement.kinds for placement in pack.policy.channels[channel].placements.values())
    ]
    assert lost == []


def test_every_reason_for_declining_leads_to_a_pause_or_is_a_wish(pack):
    given = {reason for action in pack.policy.actions for reason in action.reject_reasons}
    paused = {reason for rule in pack.policy.contact.pauses for reason in rule.reason_codes}
    assert given - paused <= {"not_enough", "wants_new_phone"}
    assert paused <= given


def test_features_read_what_the_standard_events_tell_as_the_reference_names_it(pack):
    misread = [
        (feature.name, feature.source.event, feature.source.of)
        for feature in pack.schema.features
        if feature.source is not None and feature.source.event in (BASKET, PURCHASE)
        if feature.source.of and feature.source.of not in STANDARD[feature.source.event].attributes
    ]
    assert misread == []
