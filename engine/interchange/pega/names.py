"""How Befit's words are said in Pega's files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

from engine.place import NO_LEVERS, PROPENSITY_ONLY, RANDOM
from rules.policy import Direction

MOMENT: Any = pl.Datetime("us")
"""UTC without saying so: what pdstools makes of Pega's own times."""
NBA = "NBA"
CONTROL_GROUPS: Mapping[str, str] = {
    "": NBA,
    RANDOM: "NBAPrioritization",
    PROPENSITY_ONLY: "PropensityPriority",
    NO_LEVERS: "LeverPriority",
    "eligibility_only": "EngagementPolicy",
}
"""Pega's standing experiments by the arm of a comparison group; for the arm `nothing` there is none."""
DIRECTIONS: Mapping[Direction, str] = {Direction.INBOUND: "Inbound", Direction.OUTBOUND: "Outbound"}
IMPRESSION = "Impression"
OVERRIDDEN = "Overridden"
"""An agent offered something else: whatever became of that, it is no answer to this."""
OUTCOMES: Mapping[str, str] = {
    "IMPRESSION": IMPRESSION,
    "CLICKED": "Clicked",
    "ACCEPTED": "Accepted",
    "REJECTED": "Rejected",
    "NO_RESPONSE": "NoResponse",
    "CONVERSION": "Conversion",
    "COMPLAINT": "Complaint",
    "RATING": "Rating",
}
"""Types of outcomes that every policy has; its own ones keep their names."""


def moment(at: float) -> datetime:
    """Seconds since the epoch as Pega's files have them."""
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None)


def moment_text(at: float) -> str:
    """Seconds since the epoch as Pega writes them: 20261122T093616.125 GMT."""
    return f"{moment(at):%Y%m%dT%H%M%S}.{int(at * 1000) % 1000:03d} GMT"


def model_control_group(arm: str) -> str:
    """Whom Pega compares: those whose order is drawn at random, and all others."""
    return "Control" if arm == RANDOM else "Test"
