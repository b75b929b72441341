"""A report as plain values: what `-o json` prints, and the feed to product and quality, one thing said a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import orjson

from engine.report.groups import PEGA_NAMES, Compared, Dealing, Group
from engine.report.parts import Part
from engine.report.plan import Plan
from engine.report.report import Report
from engine.report.verdict import Against
from engine.report.voice import Said


def plain(found: Report) -> dict[str, Any]:
    """All of a report; NaN and infinities are null when it is printed."""
    return {
        "company": found.company,
        "currency": found.currency,
        "first": _moment(found.first),
        "last": _moment(found.last),
        "days": found.days,
        "decisions": found.decisions,
        "customers": found.customers,
        "money": found.money.name,
        "groups": [_group(one) for one in found.groups],
        "sample_ratio": _dealing(found.dealing),
        "compared": [_compared(one) for one in found.compared],
        "trend": [asdict(one) for one in found.trend],
        "parts": [_part(one) for one in found.parts],
        "agents": [asdict(one) | {"share": one.share} for one in found.agents],
        "overridden": [asdict(one) for one in found.overridden],
        "heard": {kind.value: _in_all(one) for kind, one in found.heard.items()},
        "voice": [said(one, found.currency) for one in found.voice],
        "procedures": [asdict(one) for one in found.steps],
        "notes": list(found.notes),
    }


def feed(found: Report) -> Iterator[str]:
    """What customers say as JSON lines, the most money first. No customer is named."""
    for one in found.voice:
        yield orjson.dumps(
            {"company": found.company, "until": _moment(found.last)} | said(one, found.currency)
        ).decode()


def said(one: Said, currency: str) -> dict[str, Any]:
    """One thing that customers say."""
    return {
        "for": one.for_whom,
        "kind": one.kind.value,
        "subject": one.subject,
        "about": one.about,
        "group": one.group,
        "times": one.times,
        "customers": one.customers,
        "money": one.money,
        "missed": one.missed,
        "currency": currency,
        "channels": list(one.channels),
        "first": None if one.first is None else _moment(one.first),
        "last": None if one.last is None else _moment(one.last),
    }


def _in_all(one: Said) -> dict[str, Any]:
    """All of one kind, each customer once."""
    return {"times": one.times, "customers": one.customers, "money": one.money, "missed": one.missed}


def plain_plan(found: Plan) -> dict[str, Any]:
    """A plan of how many customers are needed."""
    within = [{"days": days, "lift": lift} for days, lift in found.seen_within]
    told = {"wanted": asdict(found.wanted), "needed": asdict(found.needed), "daily": asdict(found.daily)}
    return told | {"by_share": [asdict(one) for one in found.others], "seen_within": within}


def against(one: Against) -> dict[str, Any]:
    """One measure of two groups."""
    return {
        "measure": one.measure.name,
        "says": one.measure.says,
        "more_is_better": one.measure.more,
        "test": asdict(one.test.mean),
        "control": asdict(one.control.mean),
        "difference": one.difference,
        "low": one.low,
        "high": one.high,
        "lift": asdict(one.lift) | {"significant": one.lift.significant, "tells": one.says_lift},
        "at_every_look": {"low": one.always_low, "high": one.always_high},
        "standing": one.standing.value,
        "more_days": one.more_days,
    }


def _group(one: Group) -> dict[str, Any]:
    told = {"id": one.id, "arm": one.arm, "pega": PEGA_NAMES.get(one.arm, ""), "share": one.share}
    return told | {"customers": one.customers, "customer_months": one.units, "sums": dict(one.sums)}


def _dealing(one: Dealing) -> dict[str, Any]:
    return {
        "probability": one.probability,
        "broken": one.broken,
        "expected": dict(one.expected),
        "found": dict(one.found),
        "checked": one.checked,
        "in_another_group": one.otherwise,
    }


def _compared(one: Compared) -> dict[str, Any]:
    return {
        "group": one.group.id,
        "arm": one.group.arm,
        "pega": PEGA_NAMES.get(one.group.arm, ""),
        "extra": {"money": one.extra, "low": one.extra_low, "high": one.extra_high, "cost": one.extra_cost},
        "return_on_cost": one.return_on_cost,
        "money": one.money.measure.name,
        "measures": [against(each) for each in one.measures],
    }


def _part(one: Part) -> dict[str, Any]:
    told = None if one.conversion is None else asdict(one.conversion.mean)
    counted = {"units": one.units, "customers": one.customers, "money": one.money, "money_is": one.money_says}
    back = {"cost": one.cost, "return_on_cost": one.return_on_cost, "conversion": told}
    groups = {group: [against(each) for each in measures] for group, measures in one.against}
    return {"by": one.dimension, "name": one.name} | counted | back | {"against": groups}


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
