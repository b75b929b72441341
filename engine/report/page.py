"""The page of a report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.page.figures import percent
from engine.page.html import Card, Page, write_page
from engine.page.sheet import PAGE_ROWS
from engine.report import plots
from engine.report.parts import ACTION
from engine.report.report import Report
from engine.report.sentences import reading, says_of, sentences
from engine.report.sheets import sheets


def write_report(found: Report, zone: ZoneInfo, path: Path) -> None:
    """Write the page, its days by the clock of `zone`. Raises OSError."""
    write_page(page(found, zone), path)


def page(found: Report, zone: ZoneInfo) -> Page:
    """The page of a report."""
    days = [datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d") for at in (found.first, found.last)]
    return Page(
        title=f"{found.company}: what decisions brought",
        heading=f"{found.company}: what decisions brought",
        says=f"Decisions from {days[0]} to {days[1]}, with all that came of them until now.",
        cards=tuple(_cards(found)),
        sentences=sentences(found),
        plots=tuple(_plots(found)),
        sheets=sheets(found, PAGE_ROWS),
        wide=[("What is proved", plots.lifts(found))] if found.compared else [],
    )


def _cards(found: Report) -> Iterator[Card]:
    for one in found.compared[:2]:
        yield Card(
            f"{one.extra:+,.0f} {found.currency}", f"against {one.group.id}, {says_of(one.group)}: {reading(one.money)}"
        )
    yield Card(f"{found.customers:,}", f"{found.customers_word} in {found.decisions:,} decisions")
    agents = [one for one in found.agents if one.level == "agent"]
    if agents:
        followed = sum(one.followed for one in agents)
        share = followed / sum(one.followed + one.overridden for one in agents)
        yield Card(percent(share), "of proposals followed by agents")
    broken = found.dealing.broken
    yield Card("broken" if broken else "as declared", "is how customers were dealt into groups")


def _plots(found: Report) -> Iterator[tuple[str, str]]:
    if found.compared:
        yield "Money by group", plots.money(found)
        if found.trend:
            yield "How sure the money is", plots.over_time(found)
        yield "Are the groups dealt as declared", plots.shares(found)
    if any(one.dimension == ACTION and one.return_on_cost is not None for one in found.parts):
        yield "Return on cost", plots.actions(found)
    if found.agents:
        yield "What agents follow", plots.agents(found)
    if found.voice:
        yield "The voice of the customer", plots.voice(found)
