"""Which procedure is for which need."""

from __future__ import annotations

from rules.policy import Direction, Policy
from rules.procedure import Procedure


def procedures_by_need(policy: Policy) -> dict[tuple[str, str], Procedure]:
    """The procedures by (channel, intent); without channels of its own one is for every inbound channel."""
    inbound = [one.name for one in policy.channels.values() if one.direction is Direction.INBOUND]
    return {
        (channel, intent): one
        for one in policy.procedures
        for channel in one.channels or inbound
        for intent in one.intents
    }
