"""How plots look, and how they become text: one style, pictures as wide as a page's column, SVG."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter, StrMethodFormatter

INK = "#27313b"
GREY, BLUE, GREEN, RED = "#a9b4c0", "#1f6f9f", "#2e8b74", "#c8603f"
MOST_BARS = 12
_WIDE, _ROW, _FRAME = 7.2, 0.34, 0.95
"""Inches: of a picture, of one bar with its neighbour, of all that stands around the bars."""
_PANELS = 3

_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.edgecolor": "#c9d1d9",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "grid.color": "#e6eaee",
    "svg.fonttype": "none",
    "svg.hashsalt": "befit",
}


def style() -> AbstractContextManager[None]:
    """While it is entered, all plots look alike."""
    return rc_context(_STYLE)


def canvas(bars: int) -> tuple[Figure, Axes]:
    """A picture tall enough for so many horizontal bars."""
    figure = Figure(figsize=(_WIDE, _FRAME + _ROW * max(2, bars) * 0.8), layout="constrained")
    return figure, figure.add_subplot()


def panels(count: int, bars: int) -> tuple[Figure, list[Axes]]:
    """A picture as wide as a page with so many plots, three in a row, each tall enough for so many bars."""
    rows = -(-count // _PANELS)
    size = (2.0 * _WIDE, rows * (_FRAME + _ROW * max(2, bars) * 0.8))
    figure = Figure(figsize=size, layout="constrained")
    found: list[Axes] = list(figure.subplots(rows, _PANELS, sharey=True, squeeze=False).ravel())
    for one in found[count:]:
        one.set_visible(False)
    return figure, found[:count]


def bars_svg(figure: Figure, axes: Axes) -> str:
    """A plot of horizontal bars as SVG, the first at the top."""
    axes.invert_yaxis()
    axes.grid(axis="x")
    axes.tick_params(length=0)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    if not isinstance(axes.xaxis.get_major_formatter(), PercentFormatter):
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    return svg(figure)


def svg(figure: Figure) -> str:
    """A picture as the text of an SVG element; the same picture gives the same text."""
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()[written.getvalue().index("<svg") :]
