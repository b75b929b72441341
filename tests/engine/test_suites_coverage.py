"""Coverage counts what fired, removed or was chosen, and nothing that merely could have."""

import pytest

from engine.snapshot import facts_of, snapshot_of
from rules.policy_file import load_policy
from tests.engine.company import POLICIES, corner_shop
from tests.engine.suites_at_work import failures, tried, written

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


TABLE = """tables:
  - id: credit
    stage: eligibility
    scope: {groups: [credit]}
    inputs: [customer.orders_12m]
    rows:
      - {cells: ["< 5"], then: block}
      - {cells: ["5..<9"], then: allow}
      - {cells: [">= 9"], then: block}
contact_policy:"""


def test_a_row_of_a_table_is_touched_by_what_it_removes(tmp_path):
    schema = corner_shop().schema
    text = (POLICIES / "corner_shop.yaml").read_text().replace("contact_policy:", TABLE, 1)
    (tmp_path / "policy.yaml").write_text(text)
    snapshot = snapshot_of(load_policy(tmp_path / "policy.yaml", facts_of(schema)), schema, None)
    rows = [row.id for row in snapshot.policy.policy.tables[0].rows]
    case = f"""
    - name: <orders>
      for each:
        - [orders, expect]
        - [1, {{not_proposed: {{instalment_loan: {rows[0]}}}}}]
        - [5, {{offer: instalment_loan}}]
      customer: {{like: anna, features: {{orders_12m: <orders>}}}}
      moment: call
      expect: <expect>
    """
    file = written(tmp_path, case)
    run = tried(file, snapshot=snapshot)
    assert failures(run) == []
    assert run.coverage.declared["table rows"] == (rows[0], rows[2])
    assert run.coverage.missed("table rows") == (rows[2],)
