"""`befit policy table`: decision tables to a spreadsheet and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from documents.problem import DocumentInvalid
from engine.cli.app import app
from engine.cli.exits import UsageMistaken

POLICIES = Path(__file__).parents[1] / "rules" / "policies"
DESKS = """tables:
  # who is served where
  - id: desks
    stage: eligibility
    scope: {kinds: [SERVICE_LEVEL, CHANNEL_ROUTE]}
    inputs: [customer.value_12m, customer.handset_os]
    reason: Not this desk.
    rows:   # best first
      - {id: best, cells: [">= 900", "-"], then: allow, actions: [priority_service, route_retention]}
      # a comment between rows
      - cells: ["100..<900", [ios, android]]
        then: block
        actions: [priority_service]
        reason: {customer: "Not yet, sorry.", agent: Wait}
      - {cells: ["100..<900", other], then: block}
      - {cells: ["< 100", "-"], then: allow}
    hit: exactly_one

"""
CSV = """id,customer.value_12m,customer.handset_os,then,actions,groups,issues,tags,kinds,customer,agent,analyst
best,>= 900,-,allow,priority_service | route_retention,,,,,,,
,100..<900,ios | android,block,priority_service,,,,,"Not yet, sorry.",Wait,
,100..<900,other,block,,,,,,,,
,< 100,-,allow,,,,,,,,
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shop = (POLICIES / "corner_shop.yaml").read_text(encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(shop.replace("contact_policy:", f"{DESKS}contact_policy:"), encoding="utf-8")
    (tmp_path / "features.yaml").write_text((POLICIES / "features.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def run(project: Path, command: str, text: str | None = None, table: str = "desks") -> Result:
    file = project / "desks.csv"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["policy", "table", command, table, str(file), "--project", str(project)])


def test_a_table_is_written_as_csv(project: Path) -> None:
    assert run(project, "export").exit_code == 0
    assert (project / "desks.csv").read_text(encoding="utf-8") == CSV


def test_what_was_exported_is_imported_as_the_same_table(project: Path) -> None:
    before = (project / "policy.yaml").read_text(encoding="utf-8")
    assert run(project, "import", CSV).exit_code == 0
    after = (project / "policy.yaml").read_text(encoding="utf-8")
    assert before.split("rows:")[0] == after.split("rows:")[0]
    assert before.split("    hit:")[1] == after.split("    hit:")[1]
    assert (
        '      - {id: best, cells: [">= 900", "-"], then: allow, actions: [priority_service, route_retention]}' in after
    )
    assert run(project, "export").exit_code == 0
    assert (project / "desks.csv").read_text(encoding="utf-8") == CSV
    assert run(project, "import").exit_code == 0
    assert (project / "policy.yaml").read_text(encoding="utf-8") == after


def test_a_file_that_changed_nothing_leaves_the_policy_as_it_is_written(project: Path) -> None:
    before = (project / "policy.yaml").read_bytes()
    assert run(project, "import", CSV).exit_code == 0
    assert (project / "policy.yaml").read_bytes() == before


def test_only_rows_that_changed_are_written_anew(project: Path) -> None:
    before = (project / "policy.yaml").read_text(encoding="utf-8").splitlines()
    waits = CSV.replace(",100..<900,other,block,,,,,,,,", ",100..<900,other,block,,,,,,,No such phone here.,")
    assert run(project, "import", waits).exit_code == 0
    after = (project / "policy.yaml").read_text(encoding="utf-8").splitlines()
    assert [line.strip() for line in after if line not in before] == [
        '- {cells: ["100..<900", other], then: block, reason: No such phone here.}'
    ]
    assert len(after) == len(before)


def test_rows_in_another_order_stay_as_they_are_written(project: Path) -> None:
    header, *rows = CSV.splitlines()
    assert run(project, "import", "\n".join([header, *rows[::-1]])).exit_code == 0
    text = (project / "policy.yaml").read_text(encoding="utf-8")
    block = '      - cells: ["100..<900", [ios, android]]\n        then: block\n'
    assert text.index('"< 100", "-"') < text.index(block) < text.index("id: best")
    assert run(project, "import", CSV).exit_code == 0
    assert (project / "policy.yaml").read_text(encoding="utf-8").count(DESKS) == 1


def test_a_row_beside_others_that_are_written_key_by_key_stands_as_deep_as_they(project: Path) -> None:
    path = project / "policy.yaml"
    first, short = DESKS.splitlines()[8], "      - id: best\n        cells: ['>= 900', '-']\n        then: allow"
    text = path.read_text(encoding="utf-8").replace(first, f"{short}\n        kinds: [SERVICE_LEVEL]")
    path.write_text(text, encoding="utf-8")
    assert run(project, "import", CSV.replace(",other,block,,,,,,,,", ",other,block,,,,,,,Wait,")).exit_code == 0


def test_rows_may_be_put_in_and_taken_out_between_others(project: Path) -> None:
    put_in = CSV.replace(",100..<900,other", ",100..<200,other,block,,,,,,,,\n,200..<900,other")
    assert run(project, "import", put_in).exit_code == 0
    text = (project / "policy.yaml").read_text(encoding="utf-8")
    assert "      # a comment between rows\n      - cells: [" in text
    assert '      - {cells: ["100..<200", other], then: block}\n      - {cells: ["200..<900", other]' in text
    assert run(project, "import", CSV).exit_code == 0
    assert run(project, "export").exit_code == 0
    assert (project / "desks.csv").read_text(encoding="utf-8") == CSV


def test_rows_and_columns_may_change(project: Path) -> None:
    fewer = "then;customer.handset_os;customer.value_12m\nallow;-;>= 0\nblock;;< 0\n"
    assert run(project, "import", fewer).exit_code == 0
    text = (project / "policy.yaml").read_text(encoding="utf-8")
    assert '      - {cells: [">= 0", "-"], then: allow}\n      - {cells: ["< 0", "-"], then: block}\n    hit' in text


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("100..<900,ios | android", "100..<900,ios | andriod", "bad-cell", (3, 12)),
        (">= 900", ">= 9oo", "bad-cell", (2, 6)),
        (",block,priority_service", ",blok,priority_service", "unknown-name", (3, 26)),
        (",block,priority_service", ",block,priority", "unknown-action", (3, 32)),
        ("id,customer.value_12m", "id,customer.value", "unknown-column", (1, 4)),
        (",tags,", ",agent,", "duplicate-column", (1, 91)),
        ("other,block,,,,,,,,", "other,block,,,,,,,", "cell-count", (4, 1)),
        ("< 100,-", "<= 100,-", "table-overlap", (5, 1)),
    ],
)
def test_a_mistake_is_told_at_its_cell_and_nothing_is_written(
    project: Path, old: str, new: str, code: str, place: tuple[int, int]
) -> None:
    before = (project / "policy.yaml").read_text(encoding="utf-8")
    assert CSV.count(old) == 1
    ended = run(project, "import", CSV.replace(old, new)).exception
    assert isinstance(ended, DocumentInvalid)
    assert all(one.place.file.endswith("desks.csv") for one in ended.problems)
    assert (code, *place) in {(one.code, one.place.line, one.place.column) for one in ended.problems}
    assert (project / "policy.yaml").read_text(encoding="utf-8") == before


def test_a_gap_that_the_new_rows_leave_is_told(project: Path) -> None:
    ended = run(project, "import", CSV.replace(",< 100,", ",< 99,")).exception
    assert isinstance(ended, DocumentInvalid)
    assert "customer.value_12m = 99" in str(ended)


def test_a_table_that_is_not_there_is_a_usage_mistake_and_the_nearest_is_named(project: Path) -> None:
    ended = run(project, "export", table="desk").exception
    assert isinstance(ended, UsageMistaken)
    assert str(ended) == "there is no table 'desk'; did you mean 'desks'?"


def test_a_table_in_braces_is_left_alone(project: Path) -> None:
    path = project / "policy.yaml"
    text = path.read_text(encoding="utf-8")
    row = "{cells: ['-'], then: allow}"
    flow = f"tables:\n  - {{id: desks, stage: eligibility, inputs: [customer.on_contract], rows: [{row}]}}\n\n"
    path.write_text(text.replace(DESKS, flow), encoding="utf-8")
    ended = run(project, "import", "customer.on_contract,then\n-,block\n").exception
    assert isinstance(ended, UsageMistaken)
    assert "one key per line" in str(ended)
