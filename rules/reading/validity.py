"""When an action may be proposed at all: from a date, up to a date."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from documents.strict_yaml import Node
from rules.reading.section import Section
from rules.reading.times import read_date

_KEYS = ("from", "to")


def read_validity(section: Section, node: Node, zone: ZoneInfo) -> tuple[float | None, float | None]:
    """(from, to) in seconds since the epoch; `to` is the first moment when it is no longer valid."""
    reader = section.reader
    entries = reader.mapping(node, _KEYS)
    if not entries:
        reader.report(node, "missing-key", "the validity has neither from nor to", "add from: or to:")
    first = reader.optional(entries, "from", lambda child: read_date(reader, child, zone), None)
    last = reader.optional(entries, "to", lambda child: read_date(reader, child, zone), None)
    if first is not None and last is not None and first >= last:
        message = "the action is never valid: it ends before it begins"
        reader.report(entries["to"], "never-valid", message, "write to: after from:")
    return first, last
