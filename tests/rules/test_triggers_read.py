"""Triggers, and who is told of what customers say, as the policy writes them; mistakes are told in place."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.problem import DocumentInvalid
from rules.duty import Duty, DutyRule
from rules.ledger import own_outcome
from rules.policy_file import load_policy

POLICY = (Path(__file__).parent / "policies" / "corner_shop.yaml").read_text(encoding="utf-8")


def loaded(tmp_path: Path, facts, more: str):
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY + more, encoding="utf-8")
    return load_policy(path, facts)


def mistakes(tmp_path: Path, facts, more: str) -> list[str]:
    with pytest.raises(DocumentInvalid) as wrong:
        loaded(tmp_path, facts, more)
    return [one.code for one in wrong.value.problems]


def test_a_trigger_is_read_with_what_is_left_out(tmp_path, facts):
    found = loaded(tmp_path, facts, "triggers:\n  - {id: opened, on: app_open, channel: push}\n")
    (one,) = found.policy.triggers
    assert (one.placement, one.delay, one.lasts, one.collapse_key, one.when) == (
        "message",
        0.0,
        86400.0,
        "opened",
        None,
    )
    assert [each.rule.id for each in found.triggers.started_by("app_open", {})] == ["opened"]


@pytest.mark.parametrize(
    ("when", "attributes", "starts"),
    [
        ("event.amount > 50.0", {"amount": 60.0}, True),
        ("event.amount > 50.0", {"amount": 40.0}, False),
        ("event.amount > 50.0", {}, False),
        ("event.change == 'abandoned'", {"change": "abandoned"}, True),
        ("event.amount > 50.0 && customer.age > 30.0", {"amount": 1.0}, True),
    ],
)
def test_what_the_event_alone_denies_does_not_start(tmp_path, facts, when, attributes, starts):
    trigger = f'triggers:\n  - {{id: t, on: basket, when: "{when}", channel: push}}\n'
    found = loaded(tmp_path, facts, trigger).triggers
    assert bool(found.started_by("basket", attributes)) == starts


def test_who_is_told_is_read(tmp_path, facts):
    more = """alerts:
  owner: Ole
  complaint: {to: Dana, tiers: [relationship_1]}
  low_rating: {to: Ria, at_most: 2}
  webhook: https://duty.example/alerts
"""
    policy = loaded(tmp_path, facts, more).policy
    tiers = frozenset({"relationship_1"})
    assert policy.duty == Duty(DutyRule("Dana", tiers), DutyRule("Ria", at_most=2.0), "https://duty.example/alerts")
    assert policy.alerts == {"": "Ole"}
    assert loaded(tmp_path, facts, "alerts: {complaint: Dana}\n").policy.duty.complaint == DutyRule("Dana")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("triggers:\n  - {id: t, on: nothing, channel: push}\n", "unknown-event"),
        ("triggers:\n  - {id: t, on: action_facts, channel: push}\n", "unknown-event"),
        ("triggers:\n  - {id: t, on: basket, channel: web}\n", "inbound-channel"),
        ("triggers:\n  - {id: t, on: basket, channel: letter}\n", "unknown-channel"),
        ("triggers:\n  - {id: t, on: basket, channel: push, placement: hero}\n", "unknown-placement"),
        ("triggers:\n  - {id: t, on: basket, channel: push, withdraw_on: [x]}\n", "unknown-event"),
        ("triggers:\n  - {id: t, on: basket, channel: push, when: event.none > 1.0}\n", "unknown-name"),
        ("triggers:\n  - {id: t, on: basket, channel: push, when: action.cost > 1.0}\n", "not-known-here"),
        ("triggers:\n  - {id: t, channel: push}\n", "missing-key"),
        ("alerts: {low_rating: Dana}\n", "wrong-type"),
        ("alerts: {low_rating: {to: Dana}}\n", "missing-key"),
        ("alerts: {complaint: {to: Dana, tiers: [gold]}}\n", "unknown-tier"),
        ("alerts: {complaint: {to: Dana, at_most: 2}}\n", "unknown-key"),
        ("alerts: {webhook: duty.example}\n", "bad-url"),
        ("alerts: {webhook: 'ftp://duty.example'}\n", "bad-url"),
    ],
)
def test_mistakes_are_told(tmp_path, facts, more, code):
    assert code in mistakes(tmp_path, facts, more)


def test_two_outcomes_may_not_be_one_in_the_ledger(tmp_path, facts):
    seen: dict[int, str] = {}
    for number in range(2000):
        name = f"VISIT_{number}"
        other = seen.setdefault(own_outcome(name), name)
        if other != name:
            break
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY.replace("outcomes: [", f"outcomes: [{other}, {name}, "), encoding="utf-8")
    with pytest.raises(DocumentInvalid) as wrong:
        load_policy(path, facts)
    assert [one.code for one in wrong.value.problems] == ["id-collision"]
