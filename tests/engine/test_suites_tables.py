"""A table makes a case of every row; a mistake in a cell is told in the table, one in the case once."""

import pytest

from tests.engine.suites_at_work import failures, mistakes, read, tried, written


def names(folder, case):
    (suite,) = read(written(folder, case))
    return [one.name for one in suite.cases]


TABLE = """
- name: <who> is served by <level>
  for each:
    - [who, level, tier]
    - [anna, priority_service, relationship_1]
    - [stranger, standard_service, prospect]
  customer: <who>
  moment: call
  expect: {service_level: <level>, tier: <tier>}
"""


def test_every_row_is_a_case_with_a_name_of_its_own(tmp_path):
    file = written(tmp_path, TABLE)
    assert [one.name for one in read(file)[0].cases] == [
        "anna is served by priority_service",
        "stranger is served by standard_service",
    ]
    assert failures(tried(file)) == []


def test_a_broken_row_points_at_its_cell(tmp_path):
    (failure,) = failures(tried(written(tmp_path, TABLE.replace("priority_service,", "standard_service,"))))
    assert (failure.place.line, failure.place.column) == (19, 16)


def test_a_name_without_columns_gets_them(tmp_path):
    case = """
    - name: served
      for each: {who: [anna, stranger], minutes: [0, 5]}
      customer: <who>
      moment: {like: call, context: {queue_minutes: <minutes>}}
      expect: {route: route_general}
    """
    assert names(tmp_path, case) == [
        "served [anna, 0]",
        "served [anna, 5]",
        "served [stranger, 0]",
        "served [stranger, 5]",
    ]


def test_cells_stand_for_values_of_every_type_and_for_keys(tmp_path):
    case = """
    - name: <feature> is <value>
      for each:
        - [feature, value, rule]
        - [data_used_share, 0.5, has_need]
        - [data_used_share, null, has_need]
        - [open_complaints, 1, open_complaint]
      customer: {like: anna, features: {<feature>: <value>}}
      moment: {like: call, exclude: [instalment_loan]}
      expect: {not_proposed: {upgrade_unlimited: <rule>}}
    """
    file = written(tmp_path, case)
    assert [one.name for one in read(file)[0].cases][1] == "data_used_share is "
    assert failures(tried(file)) == []


def test_a_cell_may_hold_a_mapping(tmp_path):
    case = """
    - name: whoever
      for each:
        - [who, expect]
        - [anna, {offer: instalment_loan}]
        - [{like: anna, features: {open_complaints: 2}}, {offer: ask_contact_time}]
      customer: <who>
      moment: call
      expect: <expect>
    """
    assert failures(tried(written(tmp_path, case))) == []


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("[[who, tier], [anna, gold]]", [(2, 26, "unknown-tier")]),
        ("[[who, tier], [berta, prospect]]", [(2, 20, "unknown-customer")]),
        ("[[who, tier], [anna]]", [(2, 19, "uneven-row")]),
        ("[[who, tier]]", [(2, 5, "empty-table")]),
        ("[[who, who], [anna, anna]]", [(2, 6, "bad-columns")]),
        ("[[who, tiers], [anna, prospect]]", [(2, 5, "unused-column"), (5, 18, "unknown-column")]),
        ("{who: [], tier: [prospect]}", [(2, 11, "empty-list")]),
        ("{who: anna, tier: [prospect]}", [(2, 11, "wrong-type")]),
        ("3", [(2, 5, "wrong-type"), (2, 5, "empty-table")]),
    ],
)
def test_a_mistake_in_a_table_is_told_where_it_stands(tmp_path, table, found):
    case = f"- name: <who>\n  for each:\n    {table}\n  customer: <who>\n  moment: call\n  expect: {{tier: <tier>}}\n"
    told = [(line - 1, column - 2, code) for line, column, code in mistakes(tmp_path, case)]
    assert [one for one in told if one[2] != "unknown-tier" or "gold" in table] == found


def test_what_the_case_gets_wrong_is_told_once_for_all_rows(tmp_path):
    found = mistakes(tmp_path, TABLE.replace("moment: call", "moment: cal"))
    assert found == [(7, 13, "unknown-moment")]


def test_a_table_does_not_make_cases_without_end(tmp_path):
    case = """
    - name: many
      for each: {a: A, b: A, c: A}
      customer: anna
      moment: call
      expect: {tier: relationship_1}
    """
    many = case.replace(" A", " [" + ", ".join(str(one) for one in range(40)) + "]")
    found = mistakes(tmp_path, many.replace("many", "<a> <b> <c>"))
    assert [code for _, _, code in found] == ["too-many-rows"]
