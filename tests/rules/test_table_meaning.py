"""Decision tables held to a naive reading of them: who is left what, who has no row, who has two."""

from __future__ import annotations

from itertools import pairwise, product
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from documents.strict_yaml import parse
from rules.compiled import compile_policy
from rules.policy_file import read_policy
from rules.screen import Candidates, screen
from rules.situation import Moment
from tests.rules.shop import judged, names

SHOP = (Path(__file__).parent / "policies" / "corner_shop.yaml").read_text(encoding="utf-8")
MOMENT = Moment(1_790_244_000.0, "call_centre", "cancel")
LEVELS = {"standard_service", "priority_service"}
AGES = [None, *(float(age) for age in range(-1, 8))]
SYSTEMS = ["ios", "android", "other"]
Row = tuple[str, str, bool, str]

numeric = st.sampled_from(["-", "< 3", ">= 3", "3", "0..5", "0..<5", "!= 3", "[1, 3]", "1 | 3..4"])
words = st.sampled_from(["-", "ios", "ios | android", "!= ios", "[other]"])
thens = st.tuples(st.booleans(), st.sampled_from(sorted(LEVELS)))
any_rows = st.lists(st.tuples(numeric, words, thens).map(lambda row: (*row[:2], *row[2])), min_size=1, max_size=4)


@st.composite
def complete_rows(draw: st.DrawFn) -> list[Row]:
    """Rows of which exactly one is for anyone: ages cut into ranges, some of them cut by system."""
    cuts = sorted(draw(st.sets(st.integers(0, 6), min_size=1, max_size=3)))
    ranges = [f"< {cuts[0]}", *(f"{low}..<{high}" for low, high in pairwise(cuts)), f">= {cuts[-1]}"]
    parts = st.sampled_from([["-"], ["ios", "!= ios"], ["ios | other", "android"], SYSTEMS])
    return [(each, system, *draw(thens)) for each in ranges for system in draw(parts)]


def table(rows: list[Row], hit: str) -> str:
    head = f"""tables:
  - id: levels
    stage: suitability
    hit: {hit}
    scope: {{groups: [levels]}}
    inputs: [customer.age, customer.handset_os]
    rows:"""
    written = (
        f"      - {{cells: [{_yaml(age)}, {_yaml(os)}], then: {'allow' if allows else 'block'}, actions: [{level}]}}"
        for age, os, allows, level in rows
    )
    return "\n".join((head, *written, ""))


def _yaml(cell: str) -> str:
    return cell if cell[0] == "[" else repr(cell)


def accepts(cell: str, value: float | str) -> bool:
    """What a cell means."""
    if cell == "-":
        return True
    if cell.startswith("!="):
        return not accepts(cell[2:].strip(), value)
    return any(_is(part.strip(), value) for part in cell.strip("[]").replace(",", "|").split("|"))


def _is(part: str, value: float | str) -> bool:
    if isinstance(value, str):
        return part == value
    if ".." in part:
        low, high = part.replace("<", "").split("..")
        return float(low) <= value and (value < float(high) if "<" in part else value <= float(high))
    if part[0] in "<>":
        return value < float(part[2:]) if part[0] == "<" else value >= float(part[3:])
    return value == float(part)


def holds(row: Row, age: float | None, system: str) -> bool | None:
    if row[0] != "-" and age is None:
        return None
    return (age is None or accepts(row[0], age)) and accepts(row[1], system)


def left(rows: list[Row], first: bool, age: float | None, system: str) -> set[str]:
    """The levels that are left: by the row that counts, or by all that may be it."""
    found = set(LEVELS)
    for row in rows if first else sorted(rows, key=lambda row: holds(row, age, system) is not True):
        if holds(row, age, system) is not False:
            found &= {row[3]} if row[2] else LEVELS - {row[3]}
        if holds(row, age, system):
            return found
    return found


def checked(rows, hit, facts):
    text = SHOP.replace('allow_when: tier.name == "relationship_1"', "allow_when: true")
    source = parse(text.replace("contact_policy:", table(rows, hit) + "\ncontact_policy:"), "policy.yaml")
    policy, reader = read_policy(source, facts)
    ready = None if policy is None or reader.problems else compile_policy(policy, facts, reader.report)
    return ready, {problem.code for problem in reader.problems}


def check_meaning(rows, first, facts):
    ready, told = checked(rows, "first" if first else "exactly_one", facts)
    assert told == set()
    for age, system in product(AGES, SYSTEMS):
        customer = {"handset_os": system} | ({} if age is None else {"age": age})
        found = screen(ready, judged(ready, MOMENT, customer), MOMENT, Candidates(ready.catalogue.all))
        assert names(ready, found.allowed) & LEVELS == left(rows, first, age, system), (rows, age, system)


@settings(max_examples=40, deadline=None)
@given(rows=complete_rows())
def test_the_one_row_that_holds_counts(facts, rows):
    check_meaning(rows, False, facts)


@settings(max_examples=40, deadline=None)
@given(rows=complete_rows(), then=thens)
def test_the_first_row_that_holds_counts(facts, rows, then):
    check_meaning([*rows[:-1], ("-", "-", *then)], True, facts)


@settings(max_examples=60, deadline=None)
@given(rows=any_rows)
def test_gaps_and_overlaps_are_those_that_somebody_falls_into(facts, rows):
    _, told = checked(rows, "exactly_one", facts)
    hits = [sum(bool(holds(row, age, os)) for row in rows) for age, os in product(AGES[1:], SYSTEMS)]
    assert ("table-gap" in told) == (0 in hits)
    assert ("table-overlap" in told) == (max(hits) > 1)


@settings(max_examples=60, deadline=None)
@given(rows=any_rows)
def test_a_row_is_unreachable_if_those_above_take_everyone_it_is_for(facts, rows):
    _, told = checked(rows, "first", facts)
    reached = set()
    for age, os in product(AGES[1:], SYSTEMS):
        reached.add(next((number for number, row in enumerate(rows) if holds(row, age, os)), -1))
    assert ("row-unreachable" in told) == (not set(range(len(rows))) <= reached)
    assert ("table-gap" in told) == (-1 in reached)
