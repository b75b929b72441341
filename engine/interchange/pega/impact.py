"""Impact Analyzer: shown, succeeded and earned by day, channel and comparison group.

Counted are offers and messages in the placements that comparison groups change. Whom no group holds is `NBA`; the arm
`nothing` shows nothing, so it has no impressions to compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from engine.interchange.pega.exposures import Exposure
from engine.interchange.pega.names import CONTROL_GROUPS, DIRECTIONS, MOMENT, moment
from engine.place import COMPARED

SHOWN: Mapping[str, Any] = {
    "SnapshotTime": MOMENT,
    "Channel": pl.String,
    "ControlGroup": pl.String,
    "Accepts": pl.Int64,
    "Earned": pl.Float64,
}


def impact_frame(shown: pl.DataFrame) -> pl.DataFrame:
    """From rows of SHOWN one for each day (UTC), channel and group: impressions, accepts, and the value of the accepts
    per impression, in the policy's currency as it was weighed then."""
    by = ("SnapshotTime", "Channel", "ControlGroup")
    return (
        shown.with_columns(pl.col("SnapshotTime").dt.truncate("1d"))
        .group_by(by)
        .agg(
            pl.len().cast(pl.Int64).alias("Impressions"),
            pl.col("Accepts").sum(),
            pl.col("Earned").mean().alias("ValuePerImpression"),
        )
        .sort(by)
    )


def is_compared(one: Exposure) -> bool:
    """Whether a contact tells of a comparison that Pega's experiments know."""
    return one.compared and one.action.kind in COMPARED and one.arm in CONTROL_GROUPS


def shown_row(one: Exposure) -> tuple[Any, ...]:
    """A contact that is compared, in the order of SHOWN."""
    channel = f"{one.channel.name}/{DIRECTIONS[one.channel.direction]}"
    return moment(one.record.now), channel, CONTROL_GROUPS[one.arm], int(one.success), one.gain * one.success
