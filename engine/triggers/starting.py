"""What an event starts and what it takes back, under one policy."""

from __future__ import annotations

from collections.abc import Mapping

from engine.decision import Value
from engine.event import Event
from engine.snapshot import Snapshot
from engine.triggers.message import FORMAT, Message, Name
from engine.triggers.store import Start
from rules.trigger import Trigger


def starts(snapshot: Snapshot, event: Event, at: float) -> tuple[Start, ...]:
    """The messages that an event at `at` (s) begins."""
    found = snapshot.policy.triggers.started_by(event.type, event.attributes)
    return tuple(_start(one.rule, event.event_id, event.attributes, at) for one in found)


def _start(rule: Trigger, event_id: str, attributes: Mapping[str, Value], at: float) -> Start:
    name = Name(rule.channel, rule.id, rule.collapse_key, event_id)
    due = at + rule.delay
    return Start(name, Message(FORMAT, rule.on, dict(attributes), at, due + rule.lasts), due)


def withdrawn(snapshot: Snapshot, event: Event) -> tuple[str, ...]:
    """The ids of the triggers whose messages an event takes back."""
    return snapshot.policy.triggers.withdrawn_by(event.type)
