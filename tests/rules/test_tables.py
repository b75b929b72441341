"""Decision tables: what a row leaves, which row counts, what is told of gaps, overlaps and cells that are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.problem import Problem
from documents.strict_yaml import parse
from rules.compiled import CompiledPolicy, compile_policy
from rules.facts import FactSchema
from rules.policy_file import compile_source, read_policy
from rules.reasons import Because, Reasons
from rules.screen import Candidates, screen
from rules.situation import Moment
from rules.wording.code import Code
from tests.rules.shop import judged, names

SHOP = (Path(__file__).parent / "policies" / "corner_shop.yaml").read_text(encoding="utf-8")
DESKS = """tables:
  - id: desks
    stage: eligibility
    scope: {kinds: [SERVICE_LEVEL, CHANNEL_ROUTE]}
    inputs: [customer.value_12m, customer.handset_os]
    rows:
      - {id: best, cells: [">= 900", "-"], then: allow, actions: [priority_service, route_retention]}
      - {cells: ["100..<900", ios | android], then: block, actions: [priority_service], reason: Not yet.}
      - {cells: ["100..<900", other], then: block}
      - {cells: ["< 100", "-"], then: allow}
"""
MOMENT = Moment(1_790_244_000.0, "call_centre", "cancel")


def policy_text(tables: str) -> str:
    """The corner shop with tables, and without its own rules on service."""
    rules = SHOP.replace('allow_when: tier.name == "relationship_1"', "allow_when: true")
    return rules.replace("contact_policy:", f"{tables}\ncontact_policy:")


def problems(tables: str, facts: FactSchema) -> list[Problem]:
    policy, reader = read_policy(parse(policy_text(tables), "policy.yaml"), facts)
    if policy is not None:
        compile_policy(policy, facts, reader.report)
    return reader.problems


def screened(ready: CompiledPolicy, scope: set[str], **customer: object) -> tuple[set[str], dict[str, str]]:
    """Which of a scope is left, and what removed the rest."""
    moment = Moment(MOMENT.now, MOMENT.channel, MOMENT.intent)
    found = screen(ready, judged(ready, moment, customer), moment, Candidates(ready.catalogue.all))
    removed = {name: one.rule_id for one in found.removals for name in names(ready, one.mask)}
    return names(ready, found.allowed) & scope, {name: rule for name, rule in removed.items() if name in scope}


SERVICE = {"priority_service", "standard_service", "route_general", "route_retention"}


@pytest.fixture(scope="module")
def desks(facts: FactSchema) -> CompiledPolicy:
    return compile_source(parse(policy_text(DESKS), "policy.yaml"), facts)


def test_a_row_that_allows_leaves_its_own_and_takes_the_rest(desks: CompiledPolicy) -> None:
    left, removed = screened(desks, SERVICE, value_12m=900.0)
    assert left == {"priority_service", "route_retention"}
    assert removed == dict.fromkeys({"standard_service", "route_general"}, "desks/best")


def test_a_row_that_blocks_takes_its_own_and_leaves_the_rest(desks: CompiledPolicy) -> None:
    left, removed = screened(desks, SERVICE, value_12m=899.9, handset_os="ios")
    assert left == SERVICE - {"priority_service"}
    assert removed == {"priority_service": "desks/2"}
    assert screened(desks, SERVICE, value_12m=100.0, handset_os="other")[0] == set()
    assert screened(desks, SERVICE, value_12m=99.0)[0] == SERVICE


def test_a_row_tells_its_reason_and_its_condition(desks: CompiledPolicy) -> None:
    reasons = Reasons(desks.policy)
    assert reasons.tell(Because(Code.NOT_ELIGIBLE, "desks/2"), "AGENT") == "Not yet."
    assert "customer.value_12m >= 100.0" in reasons.tell(Because(Code.NOT_ELIGIBLE, "desks/2"), "ANALYST")
    assert desks.reads["desks/best"] == ("customer.value_12m",)


AGES = """tables:
  - id: ages
    stage: suitability
    scope: {groups: [levels]}
    hit: HIT
    inputs: [customer.on_contract, customer.age]
    rows:
      - {cells: [true, "-"], then: allow}
      - {cells: [false, ">= 18"], then: allow, actions: [standard_service]}
      - {cells: [false, "< 18"], then: block, actions: [standard_service]}
"""


@pytest.mark.parametrize("hit", ["exactly_one", "first"])
def test_a_row_that_is_known_settles_the_table_and_unknown_rows_all_remove(hit: str, facts: FactSchema) -> None:
    ready = compile_source(parse(policy_text(AGES.replace("HIT", hit)), "policy.yaml"), facts)
    levels = {"standard_service", "priority_service"}
    assert screened(ready, levels, on_contract=True)[0] == levels
    assert screened(ready, levels, on_contract=False, age=18.0)[0] == {"standard_service"}
    assert screened(ready, levels, on_contract=False, age=17.0)[0] == {"priority_service"}
    assert screened(ready, levels, on_contract=False) == (
        set(),
        {"priority_service": "ages/2", "standard_service": "ages/3"},
    )


MISTAKES = [
    ("bad-cell", '">= 900", "-"', '¦">= 9oo", "-"'),
    ("bad-cell", "ios | android", "¦ios | andriod"),
    ("bad-cell", "ios | android", '¦">= 3"'),
    ("bad-cell", '"100..<900", other', '¦"900..100", other'),
    ("bad-cell", "ios | android", "¦ios |"),
    ("bad-cell", "ios | android", "¦3"),
    ("bad-cell", '"< 100"', "¦[100, x]"),
    ("bad-cell", '"< 100"', '¦"1e999"'),
    ("cell-count", '">= 900", "-"', '">= 900"'),
    ("unknown-name", "customer.handset_os]", "¦customer.handset]"),
    ("not-known-here", "customer.handset_os]", "¦action.price]"),
    ("duplicate-input", "customer.handset_os]", "¦customer.value_12m]"),
    ("inputs-dependent", "[customer.value_12m, customer.handset_os]", "¦[moment.channel, moment.direction]"),
    ("table-gap", '"< 100"', '"< 99"'),
    ("table-gap", '"< 100", "-"', '"< 100", ios'),
    ("table-overlap", '["< 100"', '["<= 100"'),
    ("unknown-action", "actions: [priority_service], reason", "actions: [¦priority], reason"),
    ("scope-matches-nothing", "- {id: best,", "- ¦{id: best,"),
    ("duplicate-id", '{cells: ["100..<900", other]', '{id: best, cells: ["100..<900", other]'),
    ("duplicate-id", "id: desks", "id: ¦adults_only"),
    ("unknown-name", "then: block}", "then: ¦deny}"),
    ("missing-key", '- {cells: ["< 100", "-"], then: allow}', '- ¦{cells: ["< 100", "-"]}'),
    ("unknown-key", "    rows:", "    ¦row: []\n    rows:"),
]


@pytest.mark.parametrize(("code", "old", "new"), MISTAKES, ids=[f"{one[0]}-{i}" for i, one in enumerate(MISTAKES)])
def test_a_mistake_in_a_table_is_told_at_its_place(code: str, old: str, new: str, facts: FactSchema) -> None:
    assert DESKS.count(old) == 1
    table = DESKS.replace(old, new)
    if code == "scope-matches-nothing":
        table = table.replace("[priority_service, route_retention]", "[data_tip]")
    before, _, after = policy_text(table).partition("¦")
    found = problems(table.replace("¦", ""), facts)
    assert [one.code for one in found] == [code]
    if after:
        place = (found[0].place.line, found[0].place.column)
        assert place == (before.count("\n") + 1, len(before) - before.rfind("\n"))


def test_a_gap_and_an_overlap_are_shown_by_an_example(facts: FactSchema) -> None:
    (gap,) = problems(DESKS.replace('"< 100"', '"< 99"'), facts)
    assert gap.message == "no row of the table is for customer.value_12m = 99, customer.handset_os = android"
    (overlap,) = problems(DESKS.replace('["< 100"', '["<= 100"'), facts)
    both = "this row and 'desks/2' are both for customer.value_12m = 100, customer.handset_os = android"
    assert overlap.message == both


def test_the_first_row_that_holds_may_overlap_but_not_forestall_another(facts: FactSchema) -> None:
    first = DESKS.replace("    rows:", "    hit: first\n    rows:").replace('"< 100"', '"-"')
    assert problems(first, facts) == []
    (dead,) = problems(first.replace('"100..<900", other', '">= 1000", other'), facts)
    assert dead.code == "row-unreachable"
