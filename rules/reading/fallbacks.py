"""Fallbacks: what fills a placement when nothing else may. Checked once, so that it always can."""

from __future__ import annotations

from collections.abc import Mapping

from documents.strict_yaml import Node
from rules.policy import SELLING_KINDS, Action, Channel, Placement
from rules.reading.section import Section


def check_fallbacks(
    section: Section, node: Node, channels: Mapping[str, Channel], actions: Mapping[str, Action]
) -> None:
    """Every fallback is of a kind its placement takes, treatable in the channel, not for sale and always valid."""
    for channel in channels.values():
        for placement in channel.placements.values():
            action = actions.get(placement.fallback) if placement.fallback else None
            if action is None:
                continue
            place = node.value[channel.name].value["placements"].value[placement.name].value["fallback"].place
            for code, message, hint in _mistakes(channel, placement, action):
                section.reader.report(place, code, f"the fallback {action.id!r} {message}", hint)


def _mistakes(channel: Channel, placement: Placement, action: Action) -> list[tuple[str, str, str]]:
    found = []
    if action.kind not in placement.kinds:
        hint = f"take an action of kind {' or '.join(sorted(placement.kinds))}"
        found.append(("fallback-kind", f"is of kind {action.kind}, which {placement.name!r} does not take", hint))
    elif not action.treatable(channel.name):
        hint = f"give it a treatment for {channel.name}"
        found.append(("fallback-untreatable", f"has no treatment for the channel {channel.name!r}", hint))
    if action.kind in SELLING_KINDS or action.partner is not None:
        found.append(("fallback-sells", "sells something", "a fallback is never an offer nor a partner's product"))
    if action.valid_from is not None or action.valid_to is not None:
        found.append(("fallback-expires", "is not always valid", "remove its valid: ..."))
    return found
