"""Actions start from what their group came to, for the tier and in the channel, as far as there is evidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evidence import Starting
from models.learned_counts import CELL_WINDOWS, Cell, Counted, Counting, LearnedCounts, start_anywhere, start_by_cell

DAY = 86_400.0
TIERS, CHANNELS, IDS = ("gold", "rest"), ("web", "call"), ("plan", "phone", "other")
STARTING = Starting(np.array([0.1, 0.1, 0.3]), np.array([50.0, 50.0, 50.0]), np.array([0, 0, 1]))


def counts(**cells: tuple[float, float]) -> LearnedCounts:
    """Cells as action_tier_channel=(successes, closed)."""
    return LearnedCounts(0.0, DAY, 1, {Cell(*name.split("_")): Counted(*said) for name, said in cells.items()})


def start(told: LearnedCounts) -> np.ndarray:
    return start_by_cell(STARTING, told.table(TIERS, CHANNELS, IDS))


def test_without_counts_everything_starts_where_it_was_declared() -> None:
    assert start(LearnedCounts()) == pytest.approx(np.broadcast_to(STARTING.propensity, (2, 2, 3)))


def test_the_start_is_the_documented_formula() -> None:
    told = counts(plan_gold_web=(40, 100), plan_rest_web=(10, 100), phone_rest_call=(5, 200))
    wide = (50 * 0.1 + 55) / (50 + 400)
    web = (CELL_WINDOWS * wide + 50) / (CELL_WINDOWS + 200)
    call = (CELL_WINDOWS * wide + 5) / (CELL_WINDOWS + 200)
    gold = (CELL_WINDOWS * web + 40) / (CELL_WINDOWS + 100)
    rest = (CELL_WINDOWS * web + 10) / (CELL_WINDOWS + 100)
    lift = (5 + 50) / (5 + 100 * gold + 100 * rest)
    found = start(told)
    assert found[0, 0, 0] == pytest.approx(lift * gold)
    assert found[1, 0, 0] == pytest.approx(lift * rest)
    assert found[0, 1, 0] == pytest.approx(lift * (CELL_WINDOWS * call) / CELL_WINDOWS)
    assert found[0, 0, 2] == pytest.approx(0.3)


def test_a_new_action_starts_from_its_groups_rate_where_it_is_met() -> None:
    found = start(counts(plan_gold_web=(3_000, 10_000), plan_rest_web=(500, 10_000), plan_rest_call=(1_000, 10_000)))
    assert found[0, 0, 1] == pytest.approx(0.3, abs=0.01)
    assert found[1, 0, 1] == pytest.approx(0.05, abs=0.01)
    assert found[1, 1, 1] == pytest.approx(0.1, abs=0.01)


def test_an_action_that_does_worse_than_its_group_starts_lower_everywhere() -> None:
    found = start(counts(plan_gold_web=(4_000, 10_000), phone_gold_web=(500, 5_000)))
    assert found[0, 0, 1] == pytest.approx(0.1, abs=0.02)
    assert found[0, 1, 1] < found[0, 1, 0]


def test_being_shown_to_the_willing_makes_no_action_better() -> None:
    same = {"plan_gold_web": (400, 1_000), "plan_rest_web": (10, 1_000), "phone_rest_web": (100, 10_000)}
    found = start(counts(**same))
    assert found[0, 0, 0] == pytest.approx(found[0, 0, 1], rel=0.12)


def test_older_contacts_count_less() -> None:
    counting = Counting(100 * DAY, 10 * DAY)
    counting.add(Cell("plan", "gold", "web"), 100 * DAY, success=True)
    counting.add(Cell("plan", "gold", "web"), 90 * DAY, success=False)
    counting.add(Cell("plan", "rest", "web"), 80 * DAY, success=True)
    found = counting.counts()
    assert found.cells[Cell("plan", "gold", "web")] == Counted(1.0, 1.5)
    assert found.cells[Cell("plan", "rest", "web")] == Counted(0.25, 0.25)
    assert found.windows == 3


def test_counts_come_back_as_they_were_kept() -> None:
    told = counts(plan_gold_web=(40, 100), phone_rest_call=(5.25, 200))
    assert LearnedCounts.unpacked(told.packed()) == told


@pytest.mark.parametrize("content", [b"", b"nothing", LearnedCounts().packed()[:-3]])
def test_what_is_no_counts_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no counts"):
        LearnedCounts.unpacked(content)


def test_what_the_policy_no_longer_has_is_passed_over() -> None:
    assert start(counts(gone_gold_web=(40, 100), plan_gone_web=(40, 100))) == pytest.approx(start(LearnedCounts()))


cells = st.dictionaries(
    st.tuples(st.sampled_from(IDS), st.sampled_from(TIERS), st.sampled_from(CHANNELS)),
    st.tuples(st.floats(0, 1), st.floats(0, 1e6)),
)


@settings(max_examples=60, deadline=None)
@given(cells)
def test_starts_are_chances(said: dict[tuple[str, str, str], tuple[float, float]]) -> None:
    told = LearnedCounts(0.0, DAY, 1, {Cell(*name): Counted(rate * n, n) for name, (rate, n) in said.items()})
    table = told.table(TIERS, CHANNELS, IDS)
    for found in (start_by_cell(STARTING, table), start_anywhere(STARTING, table)):
        assert ((found >= 0.0) & (found <= 1.0)).all()
