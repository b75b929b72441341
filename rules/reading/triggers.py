"""`triggers`: events that start outbound decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from documents.strict_yaml import Node
from rules.event_types import STANDARD, About, EventType
from rules.policy import Channel
from rules.reading.section import Section
from rules.terms import Direction
from rules.trigger import Trigger

_REQUIRED = ("id", "on", "channel")
_KEYS = (*_REQUIRED, "when", "placement", "intent", "delay", "expires", "collapse_key", "withdraw_on")
_LASTS = 86_400.0


class Told(NamedTuple):
    """What the policy declares that triggers refer to."""

    channels: Mapping[str, Channel]
    events: Mapping[str, EventType]
    intents: tuple[str, ...]

    @property
    def customer_events(self) -> tuple[str, ...]:
        """Events about customers."""
        both = {**STANDARD, **self.events}
        return tuple(name for name, one in both.items() if one.about is About.CUSTOMER)


def read_triggers(section: Section, node: Node, told: Told) -> tuple[Trigger, ...]:
    """The triggers in the order of the policy."""
    return tuple(_read_trigger(section, child, told) for child in section.reader.items(node))


def _read_trigger(section: Section, node: Node, told: Told) -> Trigger:
    reader = section.reader
    entries = reader.mapping(node, _KEYS, _REQUIRED)
    name = reader.optional(entries, "id", section.rule_id, "")
    channel = reader.optional(entries, "channel", lambda child: _read_channel(section, child, told), "")
    return Trigger(
        id=name,
        on=reader.optional(entries, "on", lambda child: section.refer(child, told.customer_events, "event"), ""),
        when=reader.optional(entries, "when", section.expression, None),
        channel=channel,
        placement=_read_placement(section, node, entries, told.channels.get(channel)),
        intent=reader.optional(entries, "intent", lambda child: _read_intent(section, child, told), ""),
        delay=reader.optional(entries, "delay", reader.duration, 0.0),
        lasts=reader.optional(entries, "expires", reader.duration, _LASTS),
        collapse_key=reader.optional(entries, "collapse_key", section.label, name),
        withdraw_on=frozenset(
            reader.optional(
                entries, "withdraw_on", lambda child: section.refer_all(child, told.customer_events, "event"), ()
            )
        ),
        place=node.place,
    )


def _read_channel(section: Section, node: Node, told: Told) -> str | None:
    name = section.refer(node, told.channels, "channel")
    if name is not None and told.channels[name].direction is not Direction.OUTBOUND:
        hint = "name one with direction: outbound"
        section.reader.report(node, "inbound-channel", f"nothing is sent over {name!r}: it is inbound", hint)
    return name


def _read_placement(section: Section, node: Node, entries: Mapping[str, Node], channel: Channel | None) -> str:
    """The placement named; the channel's only one needs no name."""
    if channel is None:
        return ""
    if "placement" in entries:
        return section.refer(entries["placement"], channel.placements, "placement") or ""
    if len(channel.placements) == 1:
        return next(iter(channel.placements))
    message = f"{channel.name!r} has more than one placement"
    section.reader.report(node, "missing-key", message, f"add placement: {next(iter(channel.placements), '...')}")
    return ""


def _read_intent(section: Section, node: Node, told: Told) -> str | None:
    return section.refer(node, told.intents, "intent") if told.intents else section.reader.text(node)
