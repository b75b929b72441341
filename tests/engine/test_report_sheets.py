"""How the tables of a report write what they hold."""

from __future__ import annotations

from math import inf, nan

import pytest

from engine.cli.tables import print_sheets, screen
from engine.page.sheet import cut, text
from engine.report.sheets import lifts, sheets
from models.lift import Lift
from tests.engine.reported import Log, pick


@pytest.mark.parametrize(
    ("low", "high", "said"), [(0.25, 0.75, "+25.0% to +75.0%"), (nan, nan, ""), (-inf, 0.1, ""), (-0.5, inf, "")]
)
def test_the_interval_of_a_lift_is_told_where_it_has_both_ends(low, high, said):
    assert lifts(Lift(0.5, 0.1, low, high)) == said


def test_every_action_has_a_line_of_its_own():
    log = Log()
    for number in range(60):
        log.decide(f"c{number}", picks=[pick(), pick("film_box")])
    found = log.report()
    (by_action,) = [one for one in sheets(found, 50) if one.title == "By action"]
    assert len(found.compared) == 2
    assert sorted(row[0] for row in by_action.rows) == ["film_box", "upgrade_unlimited"]


def test_rows_that_are_left_out_are_counted(capsys):
    print_sheets(screen(), [cut("Few of many", "", (text("name"),), [(str(one),) for one in range(30)], 10)])
    assert "and 20 more" in capsys.readouterr().out
