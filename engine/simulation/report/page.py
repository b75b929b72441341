"""The page of a comparison: one file that needs nothing else, neither a network nor scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from engine.simulation.comparison import Comparison, net
from engine.simulation.headline import headline
from engine.simulation.report import plots
from engine.simulation.sheets import Sheet, sheets

MOST_ROWS = 50
_STYLE = """
:root { color-scheme: light; }
body { margin: 0; background: #f5f7f9; color: #27313b; font: 15px/1.5 system-ui, "Segoe UI", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 0 0 4px; }
p { margin: 4px 0; }
.quiet { color: #66727e; font-size: 13px; overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: 16px; margin: 24px 0; }
.card, section { background: #fff; border: 1px solid #e1e6eb; border-radius: 8px; padding: 16px 20px; }
.card b { display: block; font-size: 24px; font-weight: 600; }
.plots { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; }
.plots svg { width: 100%; height: auto; }
section { margin-top: 16px; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin-top: 8px; font-size: 14px; }
th { text-align: left; color: #66727e; font-weight: 500; border-bottom: 1px solid #d5dce3; }
th, td { padding: 5px 12px 5px 0; vertical-align: top; }
td { border-bottom: 1px solid #eff2f5; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media (max-width: 800px) { .cards, .plots { grid-template-columns: 1fr; } }
"""


def write_report(found: Comparison, path: Path) -> None:
    """Write the page. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(found), encoding="utf-8")


def page(found: Comparison) -> str:
    """The page as HTML."""
    first, *sentences = headline(found)
    told = "".join(f"<p>{escape(one)}</p>" for one in sentences)
    tables = "".join(_table(sheet) for sheet in sheets(found, MOST_ROWS) if sheet.rows)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(found.after.label)} against {escape(found.before.label)}</title>"
        f"<style>{_STYLE}</style></head><body><main><h1>What another policy would change</h1>"
        f'<p class="quiet">{escape(first)} {escape(_revisions(found))}</p>{_cards(found)}'
        f'<section><h2>In short</h2>{told}</section><div class="plots">{_plots(found)}</div>{tables}'
        "</main></body></html>\n"
    )


def _revisions(found: Comparison) -> str:
    sides = (("Before", found.before), ("after", found.after))
    told = (f"{name}: policy {one.policy_revision}, model {one.model_revision or 'none'}" for name, one in sides)
    return "; ".join(told) + "."


def _cards(found: Comparison) -> str:
    totals = found.totals
    gained = net(totals.after) - net(totals.before)
    figures = (
        (f"{found.changed_share:.1%}", f"of {found.tally.decisions:,} decisions change"),
        (f"{gained:+,.0f} {found.currency}", "expected value less cost"),
        (f"{totals.after.contacts - totals.before.contacts:+,}", f"contacts, from {totals.before.contacts:,}"),
        (f"{len(found.tally.customers_left_out):,}", "customers left with nothing that had something"),
    )
    cards = (f'<div class="card"><b>{escape(figure)}</b>{escape(says)}</div>' for figure, says in figures)
    return f'<div class="cards">{"".join(cards)}</div>'


def _plots(found: Comparison) -> str:
    drawn: Sequence[tuple[str, str]] = (
        ("Where decisions change", plots.changed(found)),
        ("Who wins and who loses", plots.actions(found)),
        ("What it is worth", plots.worth(found)),
        ("How far offers come", plots.funnel(found)),
        ("What takes first places away", plots.displaced(found)),
        ("How often customers are contacted", plots.contacts(found)),
    )
    return "".join(f"<section><h2>{escape(title)}</h2>{picture}</section>" for title, picture in drawn)


def _table(sheet: Sheet) -> str:
    says = f'<p class="quiet">{escape(sheet.says)}</p>' if sheet.says else ""
    more = f'<p class="quiet">and {sheet.more:,} more</p>' if sheet.more else ""
    head = "".join(f"<th{_class(column.number)}>{escape(column.name)}</th>" for column in sheet.columns)
    rows = "".join(f"<tr>{''.join(_cells(sheet, row))}</tr>" for row in sheet.rows)
    return f"<section><h2>{escape(sheet.title)}</h2>{says}<table><tr>{head}</tr>{rows}</table>{more}</section>"


def _cells(sheet: Sheet, row: Sequence[str]) -> Iterator[str]:
    for column, cell in zip(sheet.columns, row, strict=True):
        yield f"<td{_class(column.number)}>{escape(cell)}</td>"


def _class(number: bool) -> str:
    return ' class="number"' if number else ""
