"""The page of a comparison."""

from __future__ import annotations

from pathlib import Path

from engine.page.html import Card, Page, write_page
from engine.page.sheet import PAGE_ROWS
from engine.simulation.comparison import Comparison, net
from engine.simulation.headline import headline
from engine.simulation.report import plots
from engine.simulation.sheets import sheets


def write_report(found: Comparison, path: Path) -> None:
    """Write the page. Raises OSError."""
    write_page(page(found), path)


def page(found: Comparison) -> Page:
    """The page of a comparison."""
    first, *sentences = headline(found)
    return Page(
        title=f"{found.after.label} against {found.before.label}",
        heading="What another policy would change",
        says=f"{first} {_revisions(found)}",
        cards=_cards(found),
        sentences=sentences,
        plots=_plots(found),
        sheets=sheets(found, PAGE_ROWS),
    )


def _revisions(found: Comparison) -> str:
    sides = (("Before", found.before), ("after", found.after))
    told = (f"{name}: policy {one.policy_revision}, model {one.model_revision or 'none'}" for name, one in sides)
    return "; ".join(told) + "."


def _cards(found: Comparison) -> tuple[Card, ...]:
    totals = found.totals
    gained = net(totals.after) - net(totals.before)
    return (
        Card(f"{found.changed_share:.1%}", f"of {found.tally.decisions:,} decisions change"),
        Card(f"{gained:+,.0f} {found.currency}", "expected value less cost"),
        Card(f"{totals.after.contacts - totals.before.contacts:+,}", f"contacts, from {totals.before.contacts:,}"),
        Card(f"{len(found.tally.customers_left_out):,}", "customers left with nothing that had something"),
    )


def _plots(found: Comparison) -> tuple[tuple[str, str], ...]:
    return (
        ("Where decisions change", plots.changed(found)),
        ("Who wins and who loses", plots.actions(found)),
        ("What it is worth", plots.worth(found)),
        ("How far offers come", plots.funnel(found)),
        ("What takes first places away", plots.displaced(found)),
        ("How often customers are contacted", plots.contacts(found)),
    )
