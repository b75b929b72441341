"""What was observed where a rule decided: the values its condition read, and until when something rests or stands."""

from __future__ import annotations

from datetime import datetime

from engine.resolution import Resolution
from engine.snapshot import Snapshot
from rules.rationing import floor_of
from rules.template import shown

_UNKNOWN, _NONE = "unknown", "none"


def observed_by(snapshot: Snapshot, resolution: Resolution, rule: str, index: int) -> str:
    """The values of a rule's variables for one action, as `customer.age = 17, action.price = 49`; "" without any."""
    reads = snapshot.policy.reads.get(rule, ())
    return ", ".join(f"{name} = {_value(snapshot, resolution, name, index)}" for name in reads)


def _value(snapshot: Snapshot, resolution: Resolution, name: str, index: int) -> str:
    if name == "tier.name":
        return resolution.tier.tier.name
    if name == "tier.direction":
        return resolution.tier.direction
    if name.startswith("action."):
        return _of_action(snapshot, name.removeprefix("action."), index, resolution.question.now) or _UNKNOWN
    value = resolution.values.get(name)
    return _NONE if value == "" else shown(value) or _UNKNOWN


def _of_action(snapshot: Snapshot, name: str, index: int, now: float) -> str | None:
    """An attribute of one action, a live one as it was at `now` (s)."""
    live = snapshot.facts or snapshot.policy.unposted
    if name in live.names:
        return shown(live.value(name, index, now))
    return snapshot.contents.shown_of(index, name)


def left_of(resolution: Resolution, limit: str, index: int) -> tuple[str, str]:
    """What a limit over all customers had left for one action, and what it would have taken, with what the tier must
    leave to others; ("", "") where it is not about the action."""
    for meter, units in resolution.rations.taken:
        seen = resolution.question.limits.get(meter.name)
        if seen is not None and seen.left is not None and meter.limit.id == limit and meter.mask >> index & 1:
            needed = int(units[index]) + floor_of(meter, resolution.tier.tier.name, seen.most)
            return f"{seen.left / meter.units:g}", f"{needed / meter.units:g}"
    return "", ""


def paused_until(snapshot: Snapshot, resolution: Resolution, rule: str, index: int) -> str:
    """Until when an action rests by a pause rule, as the customer's day; "" where it does not."""
    stable = int(snapshot.policy.catalogue.stable[index])
    pauses = resolution.question.known.standing.pauses
    ends = [pause.until for pause in pauses if pause.action == stable and pause.cause == rule]
    return day_of(snapshot, resolution.question.known.standing.time_zone, max(ends)) if ends else ""


def cooled_at(snapshot: Snapshot, resolution: Resolution) -> str:
    """When the cool-downs that an outbound contact waits for are over, as the customer's day and time; "" inbound."""
    at = resolution.contact.ask_again_at
    if at is None:
        return ""
    zone = snapshot.policy.zone(resolution.question.known.standing.time_zone)
    return datetime.fromtimestamp(at, zone).isoformat(" ", "minutes")[:16]


def day_of(snapshot: Snapshot, time_zone: str, at: float) -> str:
    """The day of a time in a customer's time zone ("" = the company's), as 2026-12-06."""
    return datetime.fromtimestamp(at, snapshot.policy.zone(time_zone)).date().isoformat()
