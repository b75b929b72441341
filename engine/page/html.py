"""One self-contained page: it needs neither a network nor scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from engine.page.sheet import Sheet

_STYLE = """
:root { color-scheme: light; }
body { margin: 0; background: #f5f7f9; color: #27313b; font: 15px/1.5 system-ui, "Segoe UI", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 0 0 4px; }
p { margin: 4px 0; }
.quiet { color: #66727e; font-size: 13px; overflow-wrap: anywhere; }
.cards { display: flex; flex-wrap: wrap; gap: 16px; margin: 24px 0; }
.card { flex: 1 1 150px; }
.card, section { background: #fff; border: 1px solid #e1e6eb; border-radius: 8px; padding: 16px 20px; }
.card b { display: block; font-size: 24px; font-weight: 600; }
.plots { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; }
section svg { width: 100%; height: auto; }
section { margin-top: 16px; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin-top: 8px; font-size: 14px; }
th { text-align: left; color: #66727e; font-weight: 500; border-bottom: 1px solid #d5dce3; }
th, td { padding: 5px 12px 5px 0; vertical-align: top; }
td { border-bottom: 1px solid #eff2f5; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.number { white-space: normal; }
th { vertical-align: bottom; }
.words { min-width: 11em; }
@media (max-width: 800px) { .plots { grid-template-columns: 1fr; } }
"""


_SENTENCE = 20
"""A longer text is more than a name."""


class Card(NamedTuple):
    """One figure to see first, and what it is."""

    figure: str
    says: str


class Page(NamedTuple):
    """What stands on a page, in its order: `says` in small letters under the heading, sentences, plots as (title, SVG),
    first those that take the `wide` page, and tables; those without rows are left out."""

    title: str
    heading: str
    says: str
    cards: Sequence[Card]
    sentences: Iterable[str]
    plots: Iterable[tuple[str, str]]
    sheets: Iterable[Sheet]
    wide: Iterable[tuple[str, str]] = ()


def write_page(page: Page, path: Path) -> None:
    """Write the page, and the folder where there is none. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html(page), encoding="utf-8")


def html(page: Page) -> str:
    """The page as HTML."""
    told = "".join(f"<p>{escape(one)}</p>" for one in page.sentences)
    tables = "".join(_table(sheet) for sheet in page.sheets if sheet.rows)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(page.title)}</title>"
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(page.heading)}</h1>"
        f'<p class="quiet">{escape(page.says)}</p>{_cards(page.cards)}'
        f"<section><h2>In short</h2>{told}</section>{_plots(page.wide)}"
        f'<div class="plots">{_plots(page.plots)}</div>{tables}'
        "</main></body></html>\n"
    )


def _plots(plots: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<section><h2>{escape(title)}</h2>{picture}</section>" for title, picture in plots)


def _cards(cards: Iterable[Card]) -> str:
    told = (f'<div class="card"><b>{escape(one.figure)}</b>{escape(one.says)}</div>' for one in cards)
    return f'<div class="cards">{"".join(told)}</div>'


def _table(sheet: Sheet) -> str:
    says = f'<p class="quiet">{escape(sheet.says)}</p>' if sheet.says else ""
    more = f'<p class="quiet">and {sheet.more:,} more</p>' if sheet.more else ""
    kinds = [_kind(column.number, [row[place] for row in sheet.rows]) for place, column in enumerate(sheet.columns)]
    named = zip(sheet.columns, kinds, strict=True)
    head = "".join(f"<th{kind}>{escape(column.name)}</th>" for column, kind in named)
    rows = "".join(f"<tr>{''.join(_cells(kinds, row))}</tr>" for row in sheet.rows)
    return f"<section><h2>{escape(sheet.title)}</h2>{says}<table><tr>{head}</tr>{rows}</table>{more}</section>"


def _cells(kinds: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    for kind, cell in zip(kinds, row, strict=True):
        yield f"<td{kind}>{escape(cell)}</td>"


def _kind(number: bool, cells: Sequence[str]) -> str:
    """How a column is set: numbers on the right; words are not squeezed to one a line."""
    if number:
        return ' class="number"'
    return ' class="words"' if max(map(len, cells)) > _SENTENCE else ""
