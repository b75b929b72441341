"""The tables about people: agents, what customers say, procedures."""

from __future__ import annotations

from engine.page.figures import clock, percent
from engine.page.sheet import Column, Sheet, cut, long, text
from engine.report.agents import LEVELS
from engine.report.report import Report
from engine.report.voice import Heard

_TITLES = {
    Heard.REJECTION: "Why offers are rejected",
    Heard.COMPLAINT: "What is complained of",
    Heard.REQUEST: "What is asked for and not there",
    Heard.ANSWER: "What customers answer",
    Heard.GAP: "What was not known when it was needed",
}
_MISSED = {
    Heard.REJECTION: " Missed: what acceptances would have been worth.",
    Heard.GAP: " Missed, at most: of each decision the best action that was taken away, at what it brings elsewhere.",
}


def people(found: Report, most: int) -> tuple[Sheet, ...]:
    """Agents by level, what they did instead, the voice of the customer, times by team."""
    return (
        *(_followed(found, level, most) for level in LEVELS),
        _overridden(found, most),
        *(_heard(found, kind, most) for kind in Heard),
        _steps(found, most),
    )


def _followed(found: Report, level: str, most: int) -> Sheet:
    columns = (
        text(level), Column("followed"), Column("overridden"), Column("followed, share"), long("95 %"),
        Column("successes, followed"), Column("successes, overridden"), long(f"revenue, followed, {found.currency}"),
        long("revenue, overridden"), long("complaints"), Column("rating"),
    )  # fmt: skip
    rows = []
    for one in found.agents:
        if one.level == level:
            counts = (
                f"{one.followed:,}",
                f"{one.overridden:,}",
                percent(one.share),
                f"{one.low:.0%} to {one.high:.0%}",
            )
            won = (_rate(one.followed_successes, one.followed), _rate(one.overridden_successes, one.overridden))
            money = (f"{one.followed_money:,.0f}", f"{one.overridden_money:,.0f}", f"{one.complaints:,}")
            rows.append((one.name, *counts, *won, *money, "" if one.rating is None else f"{one.rating:.2f}"))
    says = "Agents choose whom they overrule, so a difference between followed and overridden proves neither right."
    return cut(f"Followed and overridden, by {level}", says, columns, rows, most)


def _rate(successes: int, all_: int) -> str:
    return percent(successes / all_) if all_ else ""


def _overridden(found: Report, most: int) -> Sheet:
    columns = (text("proposed"), text("offered instead"), text("because of"), Column("times"), Column("accepted"),
               text("teams"))  # fmt: skip
    rows = [
        (one.action, one.instead, one.reason, f"{one.times:,}", f"{one.successes:,}", ", ".join(one.teams[:3]))
        for one in found.overridden
    ]
    return cut("What agents offered instead, and why", "", columns, rows, most)


def _heard(found: Report, kind: Heard, most: int) -> Sheet:
    gap = kind is Heard.GAP
    columns = (
        text("what"), text("rules" if gap else "of"), text("actions" if gap else "group"), Column("times"),
        Column("customers"), Column(f"worth, {found.currency}"), Column(f"missed, {found.currency}"), text("for"),
    )  # fmt: skip
    rows = [
        (one.subject, one.about, one.group, f"{one.times:,}", f"{one.customers:,}", f"{one.money:,.0f}",
         "" if one.missed is None else f"{one.missed:,.0f}", one.for_whom)
        for one in found.voice
        if one.kind is kind
    ]  # fmt: skip
    return cut(_TITLES[kind], _in_all(found, kind), columns, rows, most)


def _in_all(found: Report, kind: Heard) -> str:
    """What the money is, and what it comes to where everybody counts once."""
    if kind not in found.heard:
        return ""
    whole = found.heard[kind]
    missed = "" if whole.missed is None else f", {whole.missed:,.0f} {found.currency} missed"
    worth = f", worth {whole.money:,.0f} {found.currency}" if whole.money else ""
    return (
        f"Worth: of the {found.customers_word} who say it, each once. In all {whole.times:,} times by "
        f"{whole.customers:,} {found.customers_word}{worth}{missed}.{_MISSED.get(kind, '')}"
    )


def _steps(found: Report, most: int) -> Sheet:
    columns = (
        text("procedure"), text("step"), text("team"), Column("done"), Column("in time"), Column("median"),
        Column("slowest tenth"), Column("target"), Column("overdue"),
    )  # fmt: skip
    rows = []
    for one in found.steps:
        times = (clock(one.median_seconds), clock(one.slowest_tenth_seconds)) if one.done else ("", "")
        within = clock(one.within) if one.within else "none"
        done = (f"{one.done:,}", _rate(one.in_time, one.done), *times, within, f"{one.overdue:,}")
        rows.append((one.procedure, one.step, one.team, *done))
    return cut("Times by team", "Minutes and seconds from when a step began to when it was done.", columns, rows, most)
