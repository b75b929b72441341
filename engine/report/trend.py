"""How the difference in money grew sure over time: looked at again and again, with intervals that allow for that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from engine.report.dealt import BEFIT
from engine.report.gathering import Gathered
from engine.report.measures import Measure, measured
from engine.report.rows import span_of
from engine.report.terms import DAY, Terms
from engine.report.units import units
from engine.report.verdict import LEAST_CUSTOMERS, Pace, against

LOOKS = 16


@dataclass(frozen=True, slots=True)
class Look:
    """What was known so many days after the first decision: the difference, and its interval of every look."""

    days: float
    difference: float
    low: float
    high: float


def trend(found: Gathered, group: str, measure: Measure, terms: Terms) -> tuple[Look, ...]:
    """The looks at one group, evenly over the days of the log; those without enough customers in both for
    a verdict are left out."""
    return tuple(_looks(found, group, measure, terms))


def _looks(found: Gathered, group: str, measure: Measure, terms: Terms) -> Iterator[Look]:
    first, last = span_of(found.tables.decisions)
    for number in range(1, LOOKS + 1):
        end = first + (last - first) * number / LOOKS
        rows = units(_until(found, end), terms)
        sides = (measured(rows.filter(pl.col("group") == name), measure) for name in (BEFIT, group))
        test, control = sides
        if test is not None and control is not None and min(test.mean.n, control.mean.n) >= LEAST_CUSTOMERS:
            days = (end - first) / DAY
            seen = against(measure, test, control, Pace(days, terms.planned))
            yield Look(days, seen.difference, seen.always_low, seen.always_high)


def _until(found: Gathered, end: float) -> Gathered:
    """What was known by then."""
    tables = found.tables
    known = (one.filter(pl.col("at") <= end) for one in (tables.decisions, tables.outcomes, tables.events))
    decisions, outcomes, events = known
    told = tables._replace(decisions=decisions, outcomes=outcomes, events=events)
    return found._replace(tables=told, newest=end)
