"""Quiet hours: when outbound contacts wait."""

from __future__ import annotations

from documents.strict_yaml import Node
from rules.policy import Direction, QuietHours
from rules.reading.section import Section
from rules.reading.times import read_clock

_KEYS = ("from", "to", "channels", "inbound")
_DAY = 24 * 60


def read_quiet_hours(section: Section, node: Node) -> tuple[QuietHours, ...]:
    """The windows; two for one channel may not overlap, since only one of them could be meant."""
    reader = section.reader
    items = reader.items(node)
    windows = tuple(_read_window(section, child) for child in items)
    for i, window in enumerate(windows):
        others = (other for other in windows[:i] if _share_channel(window, other) and _overlap(window, other))
        if any(others):
            message = "these quiet hours overlap others of the same channel"
            reader.report(items[i], "quiet-hours-overlap", message, "merge the two, or name other channels")
    return windows


def _read_window(section: Section, node: Node) -> QuietHours:
    reader = section.reader
    entries = reader.mapping(node, _KEYS, ("from", "to"))
    window = QuietHours(
        start=reader.optional(entries, "from", lambda child: read_clock(reader, child), 0),
        end=reader.optional(entries, "to", lambda child: read_clock(reader, child), 0),
        channels=reader.optional(entries, "channels", section.channels, ()),
        applies_inbound=reader.optional(entries, "inbound", reader.flag, False),
    )
    if {"from", "to"} <= entries.keys() and entries["from"].value == entries["to"].value:
        message = "from and to are the same time, so it is unclear whether these are none or all hours"
        reader.report(entries["to"], "quiet-hours-empty", message, "write two different times")
    directions = frozenset(Direction) if window.applies_inbound else frozenset({Direction.OUTBOUND})
    section.check_meets(node, window.channels, directions)
    return window


def _share_channel(one: QuietHours, other: QuietHours) -> bool:
    return not one.channels or not other.channels or not set(one.channels).isdisjoint(other.channels)


def _overlap(one: QuietHours, other: QuietHours) -> bool:
    return not _minutes(one).isdisjoint(_minutes(other))


def _minutes(window: QuietHours) -> set[int]:
    length = (window.end - window.start) % _DAY
    return {(window.start + minute) % _DAY for minute in range(length)}
