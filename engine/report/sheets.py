"""A report as tables of text, alike on a terminal and on a page."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from engine.page.figures import percent
from engine.page.sheet import TERMINAL_ROWS, Column, Row, Sheet, cut, long, text
from engine.report.dealt import BEFIT
from engine.report.groups import ARM_SAYS, PEGA_NAMES, Compared
from engine.report.measures import Form
from engine.report.parts import ACTION, CHANNEL, TIER, Part
from engine.report.people import people
from engine.report.report import Report
from engine.report.sentences import BEFIT_SAYS, reading, says_of
from engine.report.verdict import Against
from models.lift import Lift

_SUMS = ("contacts", "successes", "purchases", "revenue", "cost", "complaints", "referrals")
_TITLES = {TIER: "By tier", CHANNEL: "By channel", ACTION: "By action"}


def sheets(found: Report, most: int = TERMINAL_ROWS) -> tuple[Sheet, ...]:
    """All tables, each with at most so many rows; one without rows has nothing to say."""
    return (
        _groups(found),
        *(_compared(one, found.currency) for one in found.compared),
        *(_parts(found, dimension, most) for dimension in (TIER, CHANNEL, ACTION)),
        *people(found, most),
    )


def _groups(found: Report) -> Sheet:
    sums = [name for name in _SUMS if any(one.sums[name] for one in found.groups)]
    columns = (
        text("group"), text("decided"), Column("in Pega", number=False, brief=False), Column("share"),
        Column("customers"), Column("customer months"), Column("expected"), *map(long, sums),
    )  # fmt: skip
    rows = []
    for one in found.groups:
        says = BEFIT_SAYS if one.id == BEFIT else ARM_SAYS.get(one.arm, "")
        due = found.dealing.expected.get(one.id)
        counts = (f"{one.customers:,}", f"{one.units:,}", "" if due is None else f"{due:,.0f}")
        told = (f"{one.sums[name]:,.0f}" for name in sums)
        rows.append((one.id or "Befit", says, PEGA_NAMES.get(one.arm, ""), percent(one.share), *counts, *told))
    says = (
        "A customer is dealt into a group for a month. As many as the shares say are expected; "
        f"counts so far off come by chance alone with probability {found.dealing.probability:.2g}."
    )
    return Sheet("Who is compared", says, columns, tuple(rows))


def _compared(one: Compared, currency: str) -> Sheet:
    columns = (
        text("measure"), Column("Befit"), Column("comparison"), long("difference"), long("95 %, one look"),
        Column("at every look"), Column("lift"), long("lift, 95 %"), text("so"),
    )  # fmt: skip
    says = (
        "Decided at one look, planned before: the first interval. Looked at whenever one likes: the second, which "
        "decides what is told. Intervals are by customer. No lift is told over what may be nothing."
    )
    title = f"Befit against {one.group.id}: {says_of(one.group)}"
    return Sheet(title, says, columns, tuple(_measure(each, currency) for each in one.measures))


def _measure(one: Against, currency: str) -> Row:
    form = one.measure.form
    says = f"{one.measure.says}, {currency}" if form is Form.MONEY else one.measure.says
    means = (number(one.test.mean.value, form), number(one.control.mean.value, form))
    spans = (span(one.low, one.high, form), span(one.always_low, one.always_high, form))
    lift = (share(one.lift.value), lifts(one.lift)) if one.says_lift else ("", "")
    return (says, *means, number(one.difference, form, sign="+"), *spans, *lift, reading(one))


def _parts(found: Report, dimension: str, most: int) -> Sheet:
    mine = [one for one in found.parts if one.dimension == dimension]
    money = mine[0].money_says if mine else "money"
    columns = (
        text(dimension), Column("contacts" if dimension == ACTION else "customer months"),
        Column("success per contact"), Column(f"{money}, {found.currency}"), Column("cost"), Column("return on cost"),
        text("against"), Column("lift in money"), long("lift, 95 %"), text("so"),
    )  # fmt: skip
    briefly = dimension == ACTION and len(found.compared) > 1
    rows = [row for one in mine for row in _part(one)[: 1 if briefly else None]]
    against = "the first comparison group (the others: -o json)" if briefly else "each comparison group"
    says = (
        f"Befit's own customers, then against {against}. With many lines some differ by chance: "
        "take a line by itself as a question, not as an answer."
    )
    return cut(_TITLES[dimension], says, columns, rows, most)


def _part(one: Part) -> Sequence[Row]:
    rate = "" if one.conversion is None else percent(one.conversion.mean.value)
    back = "" if one.return_on_cost is None else f"{one.return_on_cost:,.2f}"
    own = (one.name, f"{one.units:,}", rate, f"{one.money:,.0f}", f"{one.cost:,.0f}", back)
    rows = [_part_against(own if not index else ("",) * len(own), *each) for index, each in enumerate(one.against)]
    return rows or [(*own, "", "", "", "")]


def _part_against(own: Row, group: str, measures: Sequence[Against]) -> Row:
    money = next((one for one in measures if one.measure.form is Form.MONEY and one.measure.more), None)
    if money is None:
        return (*own, group, "", "", "")
    lift = (share(money.lift.value), lifts(money.lift)) if money.says_lift else ("", "")
    return (*own, group, *lift, reading(money))


def number(value: float, form: Form, sign: str = "") -> str:
    """A value as its measure is written; "" where there is none."""
    if not isfinite(value):
        return ""
    return f"{value:{sign}.2%}" if form is Form.SHARE else f"{value:{sign},.3f}"


def span(low: float, high: float, form: Form) -> str:
    """An interval; "" where it has no end."""
    return f"{number(low, form, '+')} to {number(high, form, '+')}" if isfinite(low) and isfinite(high) else ""


def share(value: float) -> str:
    """A relative difference; "" where there is none."""
    return f"{value:+.1%}" if isfinite(value) else ""


def lifts(found: Lift) -> str:
    """The interval of a lift; "" where it has no end."""
    return f"{share(found.low)} to {share(found.high)}" if isfinite(found.low) and isfinite(found.high) else ""
