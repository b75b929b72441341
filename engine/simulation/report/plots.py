"""The plots of a comparison, each as the text of an SVG picture. Grey is before, blue is after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import PercentFormatter

from engine.page.drawing import BLUE, GREEN, GREY, INK, MOST_BARS, RED, bars_svg, canvas, style
from engine.simulation.chosen import SHOWN, STAGES
from engine.simulation.comparison import Comparison, in_words, net
from engine.simulation.tally import CHANNEL, TIER, Funnel, Part
from engine.stage_words import STAGES as STAGE_WORDS

BEFORE, AFTER, WON, LOST = GREY, BLUE, GREEN, RED


def changed(found: Comparison) -> str:
    """The share of decisions that change, by tier and by channel."""
    parts = [*found.parts(TIER), *found.parts(CHANNEL)][: 2 * MOST_BARS]
    shares = [part.changed / part.decisions if part.decisions else 0.0 for _, part in parts]
    names = [name for name, _ in parts]
    with style():
        figure, axes = canvas(len(parts))
        bars = axes.barh(names, shares, color=AFTER, height=0.62)
        axes.bar_label(bars, [f"{share:.1%}" for share in shares], padding=4)
        tiers = len(found.parts(TIER))
        if 0 < tiers < len(parts):
            axes.axhline(tiers - 0.5, color="#c9d1d9", linewidth=1)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))
        axes.set_xlabel("share of decisions in which another action comes first; tiers, then channels")
        axes.set_xlim(0, max(0.01, 1.15 * max(shares, default=0.0)))
        return bars_svg(figure, axes)


def worth(found: Comparison) -> str:
    """Expected value less cost, before and after, by channel and by tier."""
    parts = [*found.parts(TIER), *found.parts(CHANNEL)][: 2 * MOST_BARS]
    return _two_bars(
        [name for name, _ in parts],
        _values([(part.before, part.after) for _, part in parts], net),
        f"expected value less cost, {found.currency}",
    )


def contacts(found: Comparison) -> str:
    """How many contacts, before and after, by channel."""
    parts: list[tuple[str, Part]] = found.parts(CHANNEL)[:MOST_BARS]
    values = _values([(part.before, part.after) for _, part in parts], lambda sums: sums.contacts)
    return _two_bars([name for name, _ in parts], values, "contacts")


def funnel(found: Comparison) -> str:
    """How many offers, messages and questions are left in a decision after each stage, on average."""
    count = max(1, found.tally.decisions)
    sides = (found.tally.before.funnel, found.tally.after.funnel)
    values = [[_left(side, stage) / count for stage in ("", *STAGES)] for side in sides]
    words = ["all there are", *(_words(stage) for stage in STAGES)]
    return _two_bars(words, values, "actions left in a decision, on average", form="{:,.2f}")


def displaced(found: Comparison) -> str:
    """What keeps actions from the first places that they had, the most frequent at the top."""
    counted = found.tally.displaced.most_common(MOST_BARS)
    with style():
        figure, axes = canvas(len(counted))
        bars = axes.barh(
            [in_words(why) for why, _ in counted], [count for _, count in counted], color=LOST, height=0.62
        )
        axes.bar_label(bars, [f"{count:,}" for _, count in counted], padding=4)
        axes.margins(x=0.14)
        axes.set_xlabel("first places lost")
        return bars_svg(figure, axes)


def actions(found: Comparison) -> str:
    """The actions that win and lose first places, those that change most at the top."""
    moved = [one for one in found.actions() if one.before != one.kept or one.after != one.kept][:MOST_BARS]
    names = [one.action for one in moved]
    won, lost = [one.after - one.kept for one in moved], [one.kept - one.before for one in moved]
    with style():
        figure, axes = canvas(len(moved))
        for counts, color, label in ((won, WON, "wins"), (lost, LOST, "loses")):
            bars = axes.barh(names, counts, color=color, height=0.62, label=label)
            axes.bar_label(bars, [f"{count:+,}" if count else "" for count in counts], padding=4)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.margins(x=0.14)
        axes.set_xlabel("first places won and lost")
        _legend(axes)
        return bars_svg(figure, axes)


def _legend(axes: Any) -> None:
    """Above the plot, where no bar and no number can be."""
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0, frameon=False)


def _two_bars(names: Sequence[str], values: Sequence[Sequence[float]], label: str, form: str = "{:,.0f}") -> str:
    with style():
        figure, axes = canvas(2 * len(names))
        places = np.arange(len(names))
        for shift, side, color, told in ((-0.2, values[0], BEFORE, "before"), (0.2, values[1], AFTER, "after")):
            bars = axes.barh(places + shift, side, color=color, height=0.36, label=told)
            axes.bar_label(bars, [form.format(value) for value in side], padding=4, fontsize=8)
        axes.set_yticks(places, names)
        axes.margins(x=0.14)
        axes.set_xlabel(label)
        _legend(axes)
        return bars_svg(figure, axes)


def _values(pairs: Sequence[tuple[Any, Any]], of: Any) -> list[list[float]]:
    return [[of(before) for before, _ in pairs], [of(after) for _, after in pairs]]


def _left(funnel_: Funnel, stage: str) -> int:
    return funnel_.left[stage] if stage else funnel_.considered


def _words(stage: str) -> str:
    return "shown in the end" if stage == SHOWN else STAGE_WORDS.get(stage, stage)
