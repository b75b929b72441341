"""A comparison as plain values, for programs. Shares lie in [0, 1]; money is in `currency`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from engine.simulation.boost import Boost
from engine.simulation.chosen import STAGES
from engine.simulation.comparison import ActionCounts, Comparison, net
from engine.simulation.tally import CHANNEL, NOTHING, PLACEMENT, TIER, Funnel, Part, Sums, Why

MOST_ROWS = 100
"""Of what may be many, such as pairs of actions that changed places: those with the largest counts."""


def plain(found: Comparison) -> dict[str, Any]:
    """Everything that a comparison found."""
    told = _headline(found) | {"totals": _sides(found.totals)} | _breakdown(found) | _reasons(found)
    return told | ({} if found.boost is None else {"boost": boost_plain(found.boost)})


def _headline(found: Comparison) -> dict[str, Any]:
    tally = found.tally
    return {
        "before": asdict(found.before),
        "after": asdict(found.after),
        "asked_of": found.asked_of,
        "currency": found.currency,
        "decisions": tally.decisions,
        "customers": len(tally.customers),
        "changed": tally.changed,
        "changed_share": found.changed_share,
        "later_places_changed": tally.reordered,
        "skipped": dict(tally.skipped),
        "not_seen": list(found.unseen),
    }


def _breakdown(found: Comparison) -> dict[str, Any]:
    return {
        "by_tier": [_part(*one) for one in found.parts(TIER)],
        "by_channel": [_part(*one) for one in found.parts(CHANNEL)],
        "by_placement": [_part(*one) for one in found.parts(PLACEMENT)],
        "by_action": [_action(one) for one in found.actions()],
        "tier_moves": _moves(found),
        "switches": [
            {"placement": one.placement, "before": one.before or None, "after": one.after or None, "decisions": count}
            for one, count in found.tally.switches.most_common(MOST_ROWS)
        ],
    }


def _reasons(found: Comparison) -> dict[str, Any]:
    tally = found.tally
    return {
        "no_longer_first": _whys(found, tally.displaced),
        "newly_first": _whys(found, tally.admitted),
        "funnel": _funnel(tally.before.funnel, tally.after.funnel),
        "removed": _removed(found),
        "left_with_nothing": _left_out(found),
        "given_something": tally.given,
    }


def boost_plain(boost: Boost) -> dict[str, Any]:
    """What a search for a boost found; `percent` is what the lever adds, None where no boost reaches the aim."""
    return asdict(boost) | {"percent": None if boost.factor is None else round((boost.factor - 1.0) * 100.0, 1)}


def _part(name: str, part: Part) -> dict[str, Any]:
    share = part.changed / part.decisions if part.decisions else 0.0
    counts = {"name": name, "decisions": part.decisions, "changed": part.changed, "changed_share": share}
    return counts | _sides(part)


def _sides(part: Part) -> dict[str, Any]:
    return {"before": _sums(part.before), "after": _sums(part.after)}


def _sums(sums: Sums) -> dict[str, float]:
    return {
        "contacts": sums.contacts,
        "expected_value": sums.gain,
        "cost": sums.cost,
        "expected_value_less_cost": net(sums),
        "priority": sums.priority,
    }


def _action(counts: ActionCounts) -> dict[str, Any]:
    return asdict(counts) | {
        "won": counts.after - counts.kept,
        "lost": counts.before - counts.kept,
        "changed_share": counts.changed_share,
    }


def _moves(found: Comparison) -> list[dict[str, Any]]:
    moved = [(pair, count) for pair, count in found.tally.moves.most_common() if pair[0] != pair[1]]
    return [{"before": before, "after": after, "decisions": count} for (before, after), count in moved]


def _whys(found: Comparison, counted: Counter[Why]) -> list[dict[str, Any]]:
    return [
        _why(found, why) | {"times": count}
        for why, count in sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:MOST_ROWS]
    ]


def _why(found: Comparison, why: Why) -> dict[str, Any]:
    return {
        "stage": why.stage,
        "rule": why.rule or None,
        "code": why.code,
        "says": found.sentences.get(why, ""),
    }


def _funnel(before: Funnel, after: Funnel) -> list[dict[str, Any]]:
    def row(funnel: Funnel, stage: str) -> dict[str, int]:
        return {"left": funnel.left[stage], "decisions_with_any": funnel.alive[stage]}

    first = {"stage": "considered", "before": {"left": before.considered}, "after": {"left": after.considered}}
    return [first, *({"stage": one, "before": row(before, one), "after": row(after, one)} for one in STAGES)]


def _removed(found: Comparison) -> list[dict[str, Any]]:
    """Who took how many away on either side, the largest differences first."""
    before, after = found.tally.before.funnel.removed, found.tally.after.funnel.removed
    whys = sorted(before.keys() | after.keys(), key=lambda why: (-abs(after[why] - before[why]), why))
    return [_why(found, why) | {"before": before[why], "after": after[why]} for why in whys[:MOST_ROWS]]


def _left_out(found: Comparison) -> dict[str, Any]:
    tally = found.tally
    return {
        "decisions": tally.left_by.total(),
        "customers": len(tally.customers_left_out),
        "by": _whys(found, tally.left_by),
        "listed": [
            {"customer": one.customer, "channel": one.channel, "tier": one.tier, "lost": one.action or NOTHING}
            | _why(found, one.why)
            for one in tally.left_out
        ],
    }
