"""The tier that the last decision found, as the next one is told of it."""

from __future__ import annotations

import orjson

from engine.profile import Known
from engine.snapshot import Snapshot
from rules.tier import HeldTier


def read_tier(packed: bytes | None) -> tuple[str, float | None]:
    """Field `t`: the tier that the last decision found, and since when (s); ("", None) without one."""
    if not packed:
        return "", None
    try:
        said = orjson.loads(packed)
        return str(said["tier"]), float(said["since"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return "", None


def held_tier(snapshot: Snapshot, known: Known, now: float) -> HeldTier | None:
    """The tier held at `now` (s); None where there is none, or where nothing of it matters to the ladder."""
    if known.fields is None or not snapshot.policy.tiers.sticky:
        return None
    name, since = read_tier(known.fields.tier)
    return None if since is None else HeldTier(name, max(0.0, now - since))
