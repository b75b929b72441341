"""The latest figures of drift on the gauges of every worker, as they were published."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from engine.store import Store

SECONDS_BETWEEN = 30.0

Labelled = dict[tuple[str, ...], float]
Hold = Callable[[str, Mapping[tuple[str, ...], float]], None]


class PublishedDrift:
    """One worker's view of it; `hold` sets gauges: (metric, values by labels)."""

    def __init__(self, store: Store, hold: Hold) -> None:
        self._store = store
        self._hold = hold
        self._looked = float("-inf")

    async def refresh(self, now: float) -> None:
        """Read it again now and then; `now` (s). Raises StoreUnavailable."""
        if 0 <= now - self._looked < SECONDS_BETWEEN:
            return
        self._looked = now
        written = await self._store.learned.read_drift()
        for name, values in gauges(written).items():
            self._hold(name, values)


def gauges(written: bytes | None) -> dict[str, Labelled]:
    """The gauges' values by their labels; none of what cannot be read."""
    try:
        said: Mapping[str, Any] = json.loads(written or b"{}")
        model = str(said.get("model", ""))
        moved = [*said.get("inputs", {}).items(), *([("score", said["score"])] if "score" in said else [])]
        index: Labelled = {(model, str(name)): float(one["index"]) for name, one in moved}
        calibration = said.get("calibration") or {}
        error: Labelled = {(model,): float(calibration["error"])} if calibration else {}
        alarms: Labelled = {(model,): float(len(said["alarms"]))} if "alarms" in said else {}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {"befit_drift_index": index, "befit_drift_calibration_error": error, "befit_drift_alarms": alarms}
