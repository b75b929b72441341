"""`limits`: how many, how much money, or how much free capacity there is over all customers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from documents.duration import parse_duration
from documents.strict_yaml import Node
from rules.intervals import CALENDARS
from rules.limits import COST, CountedApart, Limit, LimitKind, Pacing
from rules.policy import Amount, Reason
from rules.reading.reason import read_reason
from rules.reading.scope import read_scope
from rules.reading.section import Section

_KEYS = (
    "id", "volume", "budget", "spends", "capacity", "fresh_for", "when_unknown", "per", "each", "pacing", "tiers",
    "channels", "scope", "reason",
)  # fmt: skip
_ONLY_FOR: Mapping[str, tuple[LimitKind, ...]] = {
    "spends": (LimitKind.BUDGET,),
    "fresh_for": (LimitKind.CAPACITY,),
    "when_unknown": (LimitKind.CAPACITY,),
    "per": (LimitKind.VOLUME, LimitKind.BUDGET),
    "pacing": (LimitKind.VOLUME, LimitKind.BUDGET),
}
_MOST = 1e12
_FRESH_FOR = 600.0
_OPEN, _CLOSED = "allow", "remove"


def read_limits(section: Section, node: Node, tiers: Collection[str]) -> tuple[Limit, ...]:
    """The limits; one that does not say what is limited is left out."""
    found = (_read_limit(section, child, tiers) for child in section.reader.items(node))
    return tuple(limit for limit in found if limit is not None)


def _read_limit(section: Section, node: Node, tiers: Collection[str]) -> Limit | None:
    reader = section.reader
    entries = reader.mapping(node, _KEYS, ("id",))
    limit_id, kind = reader.optional(entries, "id", section.rule_id, ""), _kind(section, node, entries)
    scope, channels = read_scope(section, entries), reader.optional(entries, "channels", section.channels, ())
    if kind is None:
        return None
    per, within = reader.optional(entries, "per", lambda child: _read_interval(section, child), ("", 0.0))
    return Limit(
        id=limit_id,
        kind=kind,
        most=_read_most(section, entries, kind),
        per=per,
        within=within,
        scope=scope,
        place=node.place,
        each=_read_each(section, entries),
        channels=channels,
        spends=_read_spends(section, entries) if kind is LimitKind.BUDGET else 1.0,
        queue=reader.optional(entries, "capacity", section.label, ""),
        fresh_for=reader.optional(entries, "fresh_for", reader.duration, _FRESH_FOR),
        open_when_unknown=_read_unknown(section, entries) == _OPEN,
        floors=_read_floors(section, entries["tiers"], tiers) if "tiers" in entries else None,
        pacing=_read_pacing(section, entries, per),
        reason=read_reason(reader, entries["reason"]) if "reason" in entries else Reason(),
    )


def _kind(section: Section, node: Node, entries: Mapping[str, Node]) -> LimitKind | None:
    said = [kind for kind in LimitKind if kind in entries]
    if len(said) == 1:
        _check_keys(section, node, entries, said[0])
        return said[0]
    if isinstance(node.value, dict):
        message = "a limit is a volume, a budget or a capacity" if not said else f"this is a {' and a '.join(said)}"
        section.reader.report(node, "volume-or-budget", message, "keep one of volume:, budget:, capacity:")
    return None


def _check_keys(section: Section, node: Node, entries: Mapping[str, Node], kind: LimitKind) -> None:
    for key, kinds in _ONLY_FOR.items():
        if key in entries and kind not in kinds:
            message = f"a {kind} has no {key}"
            section.reader.report(entries[key], "unexpected-key", message, f"only a {' or a '.join(kinds)} has it")
    if kind is not LimitKind.CAPACITY and "per" not in entries:
        section.reader.report(node, "missing-key", "the key 'per' is missing", "add per: day, or a duration such as 7d")


def _read_each(section: Section, entries: Mapping[str, Node]) -> CountedApart:
    options = tuple(CountedApart)
    return CountedApart(
        section.reader.optional(entries, "each", lambda child: section.reader.choice(child, options), "scope")
    )


def _read_unknown(section: Section, entries: Mapping[str, Node]) -> str:
    options = (_OPEN, _CLOSED)
    return section.reader.optional(entries, "when_unknown", lambda child: section.reader.choice(child, options), "")


def _read_most(section: Section, entries: Mapping[str, Node], kind: LimitKind) -> float:
    reader = section.reader
    if kind is LimitKind.VOLUME:
        return float(reader.optional(entries, "volume", lambda child: reader.integer(child, 0, int(_MOST)), 0))
    return reader.optional(entries, "budget", lambda child: reader.number(child, 0.0, _MOST), 0.0)


def _read_interval(section: Section, node: Node) -> tuple[str, float] | None:
    """A calendar interval, or the seconds of a rolling window."""
    if isinstance(node.value, str) and node.value in CALENDARS:
        return node.value, 0.0
    seconds = parse_duration(node.value) if isinstance(node.value, str) else None
    if seconds is None:
        message = f"{str(node.value)[:40]!r} is no interval"
        section.reader.report(node, "bad-interval", message, f"write {', '.join(CALENDARS)}, or a duration such as 7d")
        return None
    return "", seconds


def _read_spends(section: Section, entries: Mapping[str, Node]) -> Amount | str:
    """Money per contact: `cost`, a number, or CEL that gives it."""
    if "spends" not in entries or entries["spends"].value == COST:
        return COST
    node = entries["spends"]
    found = section.expression(node) if isinstance(node.value, str) else section.reader.number(node, 0.0, _MOST)
    return COST if found is None else found


def _read_floors(section: Section, node: Node, tiers: Collection[str]) -> dict[str, float]:
    """By tier the share of the limit that must stay free."""
    reader, floors = section.reader, {}
    for name, child in reader.entries(node).items():
        if name not in tiers:
            reader.report(
                node.key_places[name], "unknown-tier", f"there is no tier {name[:80]!r}", reader.hint(name, tiers)
            )
        elif (share := reader.number(child, 0.0, 1.0)) is not None:
            floors[name] = share
    return floors


def _read_pacing(section: Section, entries: Mapping[str, Node], per: str) -> Pacing | None:
    """`true`, or the expected demand by hour of the day."""
    if "pacing" not in entries:
        return None
    node, reader = entries["pacing"], section.reader
    if "per" in entries and not per:
        reader.report(
            node, "pacing-rolling", "a rolling window has no end to last until", "write per: day, or the like"
        )
    if isinstance(node.value, bool):
        return Pacing() if node.value else None
    hours = reader.mapping(node, ("by_hour",), ("by_hour",))
    if "by_hour" not in hours:
        return None
    weights = tuple(reader.number(child, 0.0, _MOST) or 0.0 for child in reader.items(hours["by_hour"]))
    if len(weights) != 24 or not any(weights):
        message = "the expected demand has one number for each of the 24 hours of a day, not all 0"
        reader.report(hours["by_hour"], "bad-demand", message, "write 24 numbers, from midnight on")
    return Pacing(weights)
