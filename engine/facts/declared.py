"""Which live facts a policy declares, as attributes of the events that tell them."""

from __future__ import annotations

from rules.event_types import EventAttribute
from rules.policy import Policy


def live_types(policy: Policy) -> dict[str, EventAttribute]:
    """The attributes that events about actions may tell."""
    live = (one for one in policy.attributes.values() if one.live)
    return {one.name: EventAttribute(one.name, one.type) for one in live}
