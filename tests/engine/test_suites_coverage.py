"""Coverage counts what fired, removed or was chosen, and nothing that merely could have."""

import pytest

from tests.engine.suites_at_work import tried, written

CASE = "- {{name: one, customer: {}, moment: {}, expect: {{degraded: {}}}}}"


def coverage(folder, customer, moment, degraded="none"):
    return tried(written(folder, CASE.format(customer, moment, degraded))).coverage


def test_what_a_decision_shows_and_who_it_is_for_is_touched(tmp_path):
    found = coverage(tmp_path, "anna", "call")
    assert found.touched["tiers"] == {"relationship_1"}
    assert found.touched["placements"] == {
        "call_centre.likely_reasons",
        "call_centre.offer",
        "call_centre.route",
        "call_centre.service_level",
    }
    assert {"instalment_loan", "route_general", "topic_bill"} <= found.touched["actions"]
    assert "film_box" in found.missed("actions")


def test_an_empty_placement_is_not_touched(tmp_path):
    assert coverage(tmp_path, "complaining", "web").touched["placements"] == set()


def test_a_rule_is_touched_by_what_it_removes(tmp_path):
    found = coverage(tmp_path, "anna", "call")
    assert found.touched["rules"] == {"retention_only_on_cancel", "retention_desk"}
    assert found.missed("rules") == ("adults_only", "has_need", "no_loan_in_complaint", "priority_for_best")


@pytest.mark.parametrize(
    ("history", "moment", "part", "name"),
    [
        ("{ago: 2h, channel: push, action: film_box}", "push", "caps", "one_sale_a_day"),
        ("{ago: 2h, channel: web, action: film_box, outcome: ACCEPTED}", "call", "stops", "recent_purchase"),
        ("{ago: 9d, channel: web, action: film_box, outcome: ACCEPTED}", "call", "pauses", "same_family"),
    ],
)
def test_caps_pauses_and_stops_are_touched_by_what_they_remove(tmp_path, history, moment, part, name):
    found = coverage(tmp_path, f"{{like: anna, history: [{history}]}}", moment)
    assert name in found.touched[part]
    assert name not in coverage(tmp_path, "anna", moment).touched[part]


def test_a_missing_consent_is_no_rule(tmp_path):
    assert coverage(tmp_path, "stranger", "push", "[UNKNOWN_CUSTOMER]").touched["rules"].isdisjoint({"marketing"})


def test_counts_and_what_is_missed_add_up(tmp_path):
    found = coverage(tmp_path, "anna", "call")
    assert all(touched + len(found.missed(part)) == declared for part, touched, declared in found.counts())
