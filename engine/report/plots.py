"""The plots of a report, each as the text of an SVG picture. Blue is Befit, grey what it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from engine.page.drawing import BLUE, GREEN, GREY, INK, MOST_BARS, RED, bars_svg, canvas, panels, style, svg
from engine.report.agents import LEVELS, NO_REASON
from engine.report.dealt import BEFIT
from engine.report.groups import Compared
from engine.report.measures import COST, MEASURES, Form, Measure
from engine.report.parts import ACTION
from engine.report.report import Report
from engine.report.verdict import Against, Standing
from engine.report.voice import Heard, Said

_COLORS = {Standing.BETTER: GREEN, Standing.WORSE: RED, Standing.OPEN: GREY}
_HEARD = {
    Heard.REJECTION: BLUE, Heard.COMPLAINT: RED, Heard.REQUEST: GREEN, Heard.ANSWER: "#8a6fb0", Heard.GAP: GREY,
}  # fmt: skip
_LONGEST = 44
_WIDEST = 1.5
"""The largest lift that is drawn: one that is far larger would leave no room for the others."""
_EACH = 4


def lifts(found: Report) -> str:
    """Lift with its interval: a plot for each measure, a line for each comparison group. What lies beyond a picture is
    told at its edge."""
    told = {each.group.id: {one.measure: one for one in _shown(each)} for each in found.compared}
    measures = [one for one in MEASURES if any(one in each for each in told.values())]
    with style():
        figure, axes = panels(max(1, len(measures)), len(told))
        for plot, measure in zip(axes, measures, strict=False):
            for place, one in enumerate(each.get(measure) for each in told.values()):
                if one is not None and one.says_lift and one.lift.error > 0.0:
                    _lift(plot, place, one)
            plot.axvline(0, color=INK, linewidth=0.8)
            plot.set_yticks(range(len(told)), list(told))
            plot.set_title(measure.name, loc="left", fontsize=10)
            plot.grid(axis="x")
            plot.tick_params(length=0)
            plot.xaxis.set_major_locator(MaxNLocator(5))
            plot.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))
        axes[0].set_ylim(len(told) - 0.5, -0.5)
        figure.supxlabel("lift, 95 %; green better, red worse, grey not sure yet", fontsize=9)
        return svg(figure)


def _lift(plot: Axes, place: int, one: Against) -> None:
    color, lift = _COLORS[one.standing], one.lift
    low, high = (min(_WIDEST, max(-_WIDEST, end)) for end in (lift.low, lift.high))
    plot.plot([low, high], [place, place], color=color, linewidth=2.2, solid_capstyle="round")
    if abs(lift.value) <= _WIDEST:
        plot.plot([lift.value], [place], "o", color=color, markersize=6)
        return
    edge, side = (_WIDEST, "right") if lift.value > 0.0 else (-_WIDEST, "left")
    plot.plot([edge], [place], ">" if lift.value > 0.0 else "<", color=color, markersize=6)
    plot.annotate(
        f"{lift.value:+.0%}", (edge, place), (0, 4), textcoords="offset points", ha=side, va="bottom", color=color,
        fontsize=8,
    )  # fmt: skip


def _shown(one: Compared) -> list[Against]:
    """The measures that a picture has room for: the one of money, and no second one beside it."""
    return [each for each in one.measures if each.measure.form is not Form.MONEY or each.measure in _kept(one)]


def _kept(one: Compared) -> tuple[Measure, Measure]:
    return one.money.measure, COST


def money(found: Report) -> str:
    """Money per customer and month by group, with 95 %."""
    rows: list[tuple[str, float, float, str]] = []
    for one in found.compared:
        if not rows:
            rows.append(_bar("Befit", one.money, test=True))
        rows.append(_bar(one.group.id, one.money, test=False))
    with style():
        figure, axes = canvas(len(rows))
        names, values, errors, colors = zip(*rows, strict=True) if rows else ((), (), (), ())
        bars = axes.barh(names, values, xerr=errors, color=colors, height=0.62, error_kw={"ecolor": INK, "capsize": 3})
        axes.bar_label(bars, [f"{value:,.2f}" for value in values], padding=6)
        axes.margins(x=0.14)
        axes.set_xlabel(f"{found.money.says}, {found.currency}")
        return bars_svg(figure, axes)


def _bar(name: str, one: Against, *, test: bool) -> tuple[str, float, float, str]:
    mean = one.test.mean if test else one.control.mean
    return name, mean.value, 1.96 * mean.error if isfinite(mean.error) else 0.0, BLUE if test else GREY


def over_time(found: Report) -> str:
    """How the difference in money grew sure, with the interval that holds at every look."""
    looks = [one for one in found.trend if isfinite(one.low) and isfinite(one.high)]
    with style():
        figure, axes = canvas(6)
        days = [one.days for one in looks]
        axes.fill_between(days, [one.low for one in looks], [one.high for one in looks], color=BLUE, alpha=0.15, lw=0)
        axes.plot(days, [one.difference for one in looks], color=BLUE, linewidth=2)
        axes.axhline(0, color=INK, linewidth=0.8)
        later = looks[len(looks) // 3 :]
        if later:
            low, high = min(0.0, *(one.low for one in later)), max(0.0, *(one.high for one in later))
            room = 0.06 * (high - low) or 1.0
            axes.set_ylim(low - room, high + room)
        against = found.compared[0].group.id if found.compared else ""
        axes.set_xlabel(f"days since the first decision; sure as soon as the band leaves 0; against {against}")
        axes.set_ylabel(f"difference, {found.currency}")
        axes.grid(axis="y")
        axes.tick_params(length=0)
        return svg(figure)


def shares(found: Report) -> str:
    """Customers and months by group, beside those that the shares say."""
    dealt = [one for one in found.groups if one.id in found.dealing.expected and one.id != BEFIT]
    found_, due = [one.units for one in dealt], [found.dealing.expected[one.id] for one in dealt]
    return _two([one.id for one in dealt], found_, due, ("found", "expected"), "customers and months")


def actions(found: Report) -> str:
    """What came back for each unit of money spent, by action."""
    mine = [one for one in found.parts if one.dimension == ACTION and one.return_on_cost is not None][:MOST_BARS]
    with style():
        figure, axes = canvas(len(mine))
        values = [one.return_on_cost or 0.0 for one in mine]
        colors = [GREEN if one >= 1.0 else RED for one in values]
        bars = axes.barh(_unique([one.name for one in mine]), values, color=colors, height=0.62)
        axes.bar_label(bars, [f"{value:,.1f}" for value in values], padding=4)
        axes.axvline(1.0, color=INK, linewidth=0.8)
        axes.margins(x=0.14)
        axes.set_xlabel(f"{mine[0].money_says if mine else 'money'} for each {found.currency} of cost; the line: 1")
        return bars_svg(figure, axes)


def agents(found: Report) -> str:
    """What share of proposals is followed, by outsourcer and team."""
    mine = [one for level in LEVELS[:2] for one in found.agents if one.level == level][: 2 * MOST_BARS]
    with style():
        figure, axes = canvas(len(mine))
        names = _unique([f"{one.name} ({one.followed + one.overridden:,})" for one in mine])
        below, above = ([one.share - one.low for one in mine], [one.high - one.share for one in mine])
        errors = [[max(0.0, one) for one in side] for side in (below, above)]
        bars = axes.barh(names, [one.share for one in mine], color=BLUE, height=0.62)
        axes.errorbar([one.share for one in mine], names, xerr=errors, fmt="none", ecolor=INK, capsize=3)
        axes.bar_label(bars, [f"{one.share:.0%}" for one in mine], label_type="center", color="white")
        axes.set_xlim(0, 1.02)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))
        axes.set_xlabel("proposals that agents followed; outsourcers, then teams, with how many proposals")
        return bars_svg(figure, axes)


def voice(found: Report) -> str:
    """What customers say, the first few of each kind, by the money behind it; by how often, where that is not known."""
    told = [one for one in found.voice if one.subject != NO_REASON]
    by_kind = {kind: [one for one in told if one.kind is kind][:_EACH] for kind in Heard}
    mine = [one for one in told if one in by_kind[one.kind]]
    in_money = any(one.money for one in mine)
    sizes = [one.money if in_money else one.times for one in mine]
    with style():
        figure, axes = canvas(len(mine) + 2)
        for kind, color in _HEARD.items():
            places = [place for place, one in enumerate(mine) if one.kind is kind]
            if places:
                axes.barh(places, [sizes[place] for place in places], color=color, height=0.62, label=kind.value)
        for place, size in enumerate(sizes):
            axes.annotate(f"{size:,.0f}", (size, place), (4, 0), textcoords="offset points", va="center")
        axes.set_yticks(range(len(mine)), [_short(one) for one in mine])
        axes.margins(x=0.14)
        worth = f"what the {found.customers_word} who say it are worth, each once, {found.currency}"
        axes.set_xlabel(worth if in_money else "times that it was said")
        if mine:
            axes.legend(loc="lower right", frameon=False)
        return bars_svg(figure, axes)


def _short(one: Said) -> str:
    whole = f"{one.subject}, {one.about}" if one.about else one.subject
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1]}…"


def _unique(names: Sequence[str]) -> list[str]:
    """Names that are told apart, since bars of one name lie over each other."""
    return [name + " " * names[:place].count(name) for place, name in enumerate(names)]


def _two(names: Sequence[str], one: Sequence[float], other: Sequence[float], says: tuple[str, str], label: str) -> str:
    with style():
        figure, axes = canvas(2 * len(names))
        places = np.arange(len(names))
        for shift, values, color, told in ((-0.2, one, BLUE, says[0]), (0.2, other, GREY, says[1])):
            bars = axes.barh(places + shift, values, color=color, height=0.36, label=told)
            axes.bar_label(bars, [f"{value:,.0f}" for value in values], padding=4, fontsize=8)
        axes.set_yticks(places, names)
        axes.margins(x=0.14)
        axes.set_xlabel(label)
        if names:
            axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, frameon=False)
        return bars_svg(figure, axes)
