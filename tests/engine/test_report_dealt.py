"""Comparison groups are told by the policy under which each decision was made."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.report.dealt import Dealt
from engine.report.groups import dealing
from engine.report.past import Span, past_in_store
from engine.revisions.kept import About, KeptRevision, ProjectText
from rules.experiments import ControlGroup
from tests.engine.company import DAY, NOW, Company
from tests.engine.reported import Log, shop

FEW, MANY = (ControlGroup("by_chance", 0.1, "random"),), (ControlGroup("by_chance", 0.4, "no_levers"),)


def dealt_by(*policies: tuple[str, tuple[ControlGroup, ...], float]) -> tuple[Dealt, dict[str, object]]:
    """A thousand customers met under each policy, a month after the other."""
    dealt, known = Dealt(), {}
    for revision, groups, at in policies:
        log = Log(shop(groups))
        known[revision] = SimpleNamespace(policy=log.snapshot.policy.policy)
        for number in range(1000):
            log.decide(f"c{number}", at)
        for one in log.decisions:
            record = SimpleNamespace(
                policy=revision, tenant="shop", customer=one.record.customer, now=at, group=one.record.group
            )
            dealt.add(record, SimpleNamespace(find=known.get))
    return dealt, known


def test_counts_are_held_to_the_shares_of_the_policy_that_dealt_them():
    dealt, _ = dealt_by(("r1", FEW, NOW), ("r2", MANY, NOW + 40 * DAY))
    found = dealing(dealt)
    assert found.expected["by_chance"] == pytest.approx(500.0)
    assert (found.checked, found.otherwise, found.broken) == (2000, 0, False)
    assert dealt.share("by_chance") == pytest.approx(0.25)


def test_a_group_does_what_the_newest_policy_says_that_dealt_it():
    dealt, _ = dealt_by(("r2", MANY, NOW + 40 * DAY), ("r1", FEW, NOW))
    assert dealt.arms == {"by_chance": "no_levers"}


def test_a_customer_counts_once_in_a_month_by_the_first_decision():
    dealt, _ = dealt_by(("r1", FEW, NOW), ("r2", MANY, NOW))
    assert dealt.checked == 1000
    assert dealing(dealt).expected["by_chance"] == pytest.approx(100.0)


def test_of_a_policy_that_was_not_kept_nothing_is_checked():
    dealt = Dealt()
    record = SimpleNamespace(policy="gone", tenant="shop", customer="c1", now=NOW, group="other")
    dealt.add(record, SimpleNamespace(find=lambda _: None))
    assert dealing(dealt).checked == 0
    assert not dealing(dealt).broken


async def test_a_store_has_the_policies_that_decided():
    company = Company(shop(FEW))
    text = ProjectText(b"version: 1", b"version: 1")
    await company.store.revisions.keep(KeptRevision(About("r9", NOW), text))
    past = await past_in_store(company.store, 256, Span())
    assert past.kept("r9") == text
    assert past.kept("r8") is None
