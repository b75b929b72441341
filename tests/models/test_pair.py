"""Pair inputs: held to a plain reading of their definition."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.actions import ActionTable
from models.pair import DAY, LAST_OUTCOMES, RECENT, Contacts, PairInputs
from rules.ledger import OUTCOMES

ACTIONS = ActionTable(
    ids=("tariff_a", "tariff_b", "phone", "survey"),
    stable_ids=np.array([900, 20, 4_000_000_000, 7], dtype=np.uint32),
    kinds=("OFFER", "OFFER", "OFFER", "ASK"),
    issues=("sales", "sales", "sales", "service"),
    groups=("tariffs", "tariffs", "phones", "tariffs"),
    success=("ACCEPTED",) * 4,
    windows=np.full(4, 86_400.0),
    contacts=np.ones(4, dtype=bool),
)
RETIRED = 5
NOW = 50 * DAY

contact = st.tuples(
    st.sampled_from([*ACTIONS.stable_ids.tolist(), RETIRED]),
    st.floats(0, 60, allow_nan=False).map(lambda days: days * DAY),
    st.integers(0, len(LAST_OUTCOMES) - 1),
)


def contacts_of(entries: list[tuple[int, float, int]]) -> Contacts:
    return Contacts(*zip(*entries, strict=True)) if entries else Contacts((), (), ())


def plainly(entries: list[tuple[int, float, int]], place: int) -> list[float]:
    group = (ACTIONS.issues[place], ACTIONS.groups[place])
    same_group = [
        int(stable) for i, stable in enumerate(ACTIONS.stable_ids) if (ACTIONS.issues[i], ACTIONS.groups[i]) == group
    ]
    recent = [entry for entry in entries[-RECENT:] if entry[1] < NOW]
    own = [entry for entry in recent if entry[0] == ACTIONS.stable_ids[place]]
    days = (NOW - own[-1][1]) / DAY if own else math.nan
    outcome = float(own[-1][2]) if own else math.nan
    return [len(own), days, outcome, sum(entry[0] in same_group for entry in recent)]


@settings(max_examples=60, deadline=None)
@given(st.lists(contact, max_size=90), st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_rows_follow_the_definition(entries: list[tuple[int, float, int]], chosen: list[int]) -> None:
    entries.sort(key=lambda entry: entry[1])
    rows = PairInputs(ACTIONS).rows(contacts_of(entries), np.array(chosen, dtype=np.intp), NOW)
    expected = np.array([plainly(entries, place) for place in chosen], dtype=np.float32)
    np.testing.assert_array_equal(rows, expected)


def test_a_new_customer_was_shown_nothing() -> None:
    rows = PairInputs(ACTIONS).rows(contacts_of([]), np.array([0, 3], dtype=np.intp), NOW)
    np.testing.assert_array_equal(rows, [[0, math.nan, math.nan, 0]] * 2)


def test_a_contact_at_the_very_moment_does_not_count() -> None:
    rows = PairInputs(ACTIONS).rows(contacts_of([(900, NOW, 3)]), np.array([0], dtype=np.intp), NOW)
    np.testing.assert_array_equal(rows, [[0, math.nan, math.nan, 0]])


def test_outcomes_are_numbered_as_in_the_ledger() -> None:
    assert LAST_OUTCOMES == OUTCOMES
