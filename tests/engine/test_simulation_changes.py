"""One number of a policy set by its path: what changes is that number, and the loader judges it like the rest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.problem import DocumentInvalid
from engine.simulation.change import ChangeInvalid, read_change
from engine.simulation.sides import Plan, build
from rules.policy import Policy
from tests.engine.simulated import shop


def policy_with(*changes: str) -> Policy:
    side = shop(*changes)
    return build(Plan(side, side)).before.policy.policy


@pytest.mark.parametrize(
    ("change", "read", "wanted"),
    [
        ("exploration.share=0.1", lambda p: p.exploration.share, 0.1),
        ("goals.margin.unit_value=3", lambda p: p.goals["margin"].unit_value, 3.0),
        ("tiers.order.transactional.weights.loyalty=2", lambda p: p.tiers[1].weights["loyalty"], 2.0),
        ("actions.new_phone.cost=4", lambda p: action(p, "new_phone").cost, 4.0),
        ("actions.basic_tariff.value.margin=7", lambda p: action(p, "basic_tariff").value["margin"], 7.0),
        ("contact_policy.caps.push_week.limit=5", lambda p: p.contact.caps[0].limit, 5),
        ("levers.actions.basic_tariff=-20", lambda p: p.levers.actions["basic_tariff"], -20.0),
    ],
)
def test_a_number_is_set_by_its_path(change, read, wanted):
    assert read(policy_with(change)) == wanted


def action(policy: Policy, name: str):
    return next(one for one in policy.actions if one.id == name)


@given(
    whole=st.floats(0, 20).map(lambda factor: round(factor, 3)),
    group=st.integers(-50, 200),
    issue=st.integers(-50, 200),
)
@settings(max_examples=15, deadline=None)
def test_a_lever_is_the_whole_boost_whatever_issue_and_group_add(whole, group, issue):
    percents = (f"levers.groups.tariffs={group}", f"levers.issues.sales={issue}")
    side = shop(*percents, f"lever.basic_tariff={round(whole * 100 - 100, 1)}%")
    asked = (whole - 1) * 100 - group - issue
    if not -100 <= asked <= 10_000:
        with pytest.raises(DocumentInvalid, match="out-of-range"):
            build(Plan(side, side))
        return
    compiled = build(Plan(side, side)).before.policy
    assert compiled.worth.lever[compiled.catalogue.index["basic_tariff"]] == pytest.approx(whole, abs=1e-9)


def test_a_lever_of_an_issue_or_a_group_is_what_it_contributes():
    levers = policy_with("lever.issue.sales=1.3", "lever.group.tariffs=0.9").levers
    assert levers.issues["sales"] == pytest.approx(30)
    assert levers.groups["tariffs"] == pytest.approx(-10)


def test_thresholds_are_added_and_then_set_again():
    twice = ("threshold.min_propensity=0.02", "threshold.min_propensity=0.03", "threshold.film_box.min_priority=5")
    *_, general, own = policy_with(*twice, "threshold.film_box.min_propensity=0.1").thresholds
    assert (general.min_propensity, general.min_priority, general.scope.actions) == (0.03, None, ())
    assert (own.min_propensity, own.min_priority, own.scope.actions) == (0.1, 5.0, ("film_box",))


def test_percent_and_multiple_say_the_same_boost():
    assert read_change("lever.film_box=30%") == read_change("lever.film_box=1.3")
    assert read_change("lever.film_box=-10%") == read_change("lever.film_box=0.9")
    assert str(read_change("lever.film_box=1.3")) == "lever.film_box=+30%"
    assert str(read_change("threshold.min_propensity=0.02")) == "threshold.min_propensity=0.02"


def test_durations_are_set_as_they_are_written():
    (cap,) = (
        one for one in policy_with("contact_policy.caps.push_week.within=14d").contact.caps if one.id == "push_week"
    )
    assert cap.within == 14 * 86400.0
    assert str(read_change("contact_policy.caps.push_week.within=14d")) == "contact_policy.caps.push_week.within=14d"
    with pytest.raises(ChangeInvalid, match="PATH=NUMBER"):
        read_change("lever.film_box=14d")


def test_parts_of_which_no_decision_tells_are_named():
    assert Plan(shop(), shop("exploration.share=0.1")).unseen == ()
    assert Plan(shop(), shop("approval.people=2")).unseen == ("approval",)


def test_fifty_is_not_taken_for_fifty_percent():
    with pytest.raises(ChangeInvalid, match=r"lever.film_box=50% is a boost of 50 %, and lever.film_box=4900%"):
        read_change("lever.film_box=50")
    with pytest.raises(ChangeInvalid, match=r"say exploration.share=3"):
        read_change("exploration.share=3%")


@pytest.mark.parametrize("text", ["lever.x", "=3", "lever.film_box=much", "lever.film_box=nan", ""])
def test_what_is_no_change_is_told(text):
    with pytest.raises(ChangeInvalid, match="PATH=NUMBER"):
        read_change(text)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("lever.film_bx=2", "did you mean 'film_box'"),
        ("threshold.film_box=2", "min_propensity or min_priority"),
        ("threshold.film_bx.min_priority=2", "did you mean 'film_box'"),
        ("contact_policy.caps.push_weak.limit=2", "did you mean 'push_week'"),
        ("channels=2", "is no number"),
    ],
)
def test_a_path_that_names_nothing_is_told_with_what_is_there(change, told):
    with pytest.raises(ChangeInvalid, match=told):
        shop(change)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("exploration.share=7", "out of range"),
        ("exploration.shore=0.1", "unknown key 'shore'"),
        ("levers.actions.film_bx=5", "no action 'film_bx'"),
    ],
)
def test_the_loader_judges_what_was_set(change, told):
    side = shop(change)
    with pytest.raises(DocumentInvalid, match=told):
        build(Plan(side, side))


def test_a_changed_policy_has_a_revision_and_a_label_of_its_own():
    plain, changed = shop(), shop("lever.film_box=2")
    assert changed.revision != plain.revision
    assert changed.label == "lever.film_box=+100%"
    assert build(Plan(plain, changed)).after.policy_revision == changed.revision
