"""`goals` and `tiers`: what the company wants, and how much of each it wants from whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from documents.strict_yaml import Node
from rules.facts import INTEGER, NUMBER
from rules.policy import Expression, Goal, Tier, ValueTrend
from rules.reading.section import Section

_TIERS_KEYS = ("direction", "min_stay", "order")
_TREND_KEYS = ("now", "before", "rising", "losing")
_TIER_KEYS = ("name", "when", "keep_when", "otherwise", "weights", "exploration_limit", "public_why")


class Ladder(NamedTuple):
    """The trend that tells the tier's direction, the tiers in order, and the shortest stay in one, s."""

    trend: ValueTrend | None = None
    tiers: tuple[Tier, ...] = ()
    min_stay: float = 0.0


def read_goals(section: Section, node: Node) -> dict[str, Goal]:
    """The goals by name; a policy has at least one."""
    if node.value == {}:
        section.reader.report(node, "empty-section", "there is no goal", "declare at least one")
    return {name: _read_goal(section, name, child) for name, child in section.named(node)}


def _read_goal(section: Section, name: str, node: Node) -> Goal:
    reader = section.reader
    entries = reader.mapping(node, ("unit_value",), ("unit_value",))
    return Goal(name, reader.optional(entries, "unit_value", lambda child: reader.number(child, 0.0), 1.0))


def read_tiers(section: Section, node: Node) -> Ladder:
    """The ladder: the first tier whose condition holds wins."""
    entries = section.reader.mapping(node, _TIERS_KEYS, ("order",))
    return Ladder(
        trend=_read_trend(section, entries["direction"]) if "direction" in entries else None,
        tiers=_read_order(section, entries["order"]) if "order" in entries else (),
        min_stay=section.reader.optional(entries, "min_stay", section.reader.duration, 0.0),
    )


def _read_trend(section: Section, node: Node) -> ValueTrend | None:
    reader = section.reader
    entries = reader.mapping(node, _TREND_KEYS, _TREND_KEYS)
    now = reader.optional(entries, "now", lambda child: _read_amount_fact(section, child), "")
    before = reader.optional(entries, "before", lambda child: _read_amount_fact(section, child), "")
    rising = reader.optional(entries, "rising", lambda child: reader.number(child, 0.0), 1.0)
    losing = reader.optional(entries, "losing", lambda child: reader.number(child, 0.0), 1.0)
    if rising < losing:
        message = f"rising ({rising:g}) is below losing ({losing:g})"
        reader.report(entries["rising"], "trend-crossed", message, "write rising above losing")
    return ValueTrend(now, before, rising, losing) if now and before else None


def _read_amount_fact(section: Section, node: Node) -> str | None:
    facts = section.names.facts
    name = section.refer(node, facts.names, "feature")
    if name is not None and facts[name].type not in {NUMBER, INTEGER}:
        section.reader.report(node, "wrong-feature-type", f"{name!r} is not a number", "name a number or integer")
        return None
    return name


def _read_order(section: Section, node: Node) -> tuple[Tier, ...]:
    reader = section.reader
    items = reader.items(node)
    if node.value == ():
        hint = "declare at least one tier with otherwise: true"
        reader.report(node, "empty-section", "there is no tier", hint)
    tiers = tuple(_read_tier(section, child) for child in items)
    _check_ends(section, items)
    _check_names(section, items, tiers)
    return tiers


def _read_tier(section: Section, node: Node) -> Tier:
    reader = section.reader
    entries = reader.mapping(node, _TIER_KEYS, ("name", "weights"))
    return Tier(
        name=reader.optional(entries, "name", section.label, ""),
        when=reader.optional(entries, "when", section.expression, None),
        weights=_read_weights(section, entries["weights"]) if "weights" in entries else {},
        exploration_limit=reader.optional(
            entries, "exploration_limit", lambda child: reader.number(child, 0.0, 1.0), 1.0
        ),
        public_why=reader.optional(entries, "public_why", reader.text, ""),
        place=node.place,
        keep_when=reader.optional(entries, "keep_when", section.expression, None),
    )


def _read_weights(section: Section, node: Node) -> dict[str, float]:
    reader = section.reader
    weights = {}
    for name, child in reader.entries(node).items():
        if name not in section.names.goals:
            hint = reader.hint(name, section.names.goals)
            reader.report(node.key_places[name], "unknown-goal", f"there is no goal {name[:80]!r}", hint)
        elif (weight := reader.number(child, 0.0)) is not None:
            weights[name] = weight
    return weights


def _check_ends(section: Section, items: tuple[Node, ...]) -> None:
    """Every customer has a tier: the last has no condition, and only the last."""
    for item in items:
        entries: Mapping[str, Node] = item.value if isinstance(item.value, dict) else {}
        last = item is items[-1]
        if "otherwise" in entries and (entries["otherwise"].value is not True or "when" in entries):
            message = "otherwise: true stands instead of a condition"
            section.reader.report(entries["otherwise"], "otherwise-misused", message, "keep when or otherwise: true")
        elif last and "otherwise" not in entries:
            message = "the last tier has a condition, so some customers would have no tier"
            section.reader.report(item, "otherwise-missing", message, "end with a tier that says otherwise: true")
        elif not last and "otherwise" in entries:
            message = "tiers after this one can never be reached"
            section.reader.report(entries["otherwise"], "tier-unreachable", message, "move it to the end")
        elif not last and "when" not in entries:
            section.reader.report(item, "missing-key", "the key 'when' is missing", "add when: <condition>")
        if last and "keep_when" in entries:
            message = "nobody falls out of the last tier"
            section.reader.report(entries["keep_when"], "keep-misused", message, "remove keep_when")


def _check_names(section: Section, items: tuple[Node, ...], tiers: tuple[Tier, ...]) -> None:
    names: set[str] = set()
    conditions: set[str] = set()
    for item, tier in zip(items, tiers, strict=True):
        if tier.name and tier.name in names:
            message = f"the tier {tier.name!r} stands twice"
            section.reader.report(item.value["name"], "duplicate-id", message, "rename one")
        if tier.when is not None and _plain(tier.when) in conditions | {"false"}:
            message = "no customer can reach this tier: its condition is false or stands above already"
            section.reader.report(tier.when.place, "tier-unreachable", message, "change the condition")
        names.add(tier.name)
        conditions.add(_plain(tier.when) if tier.when else "")
    always = next((tier.when for tier in tiers[:-1] if tier.when and _plain(tier.when) == "true"), None)
    if always is not None:
        message = "this condition always holds, so the tiers below can never be reached"
        section.reader.report(always.place, "tier-unreachable", message, "change the condition")


def _plain(when: Expression) -> str:
    return " ".join(when.source.split())
