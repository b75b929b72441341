"""A customer who opted out of personalisation, as decisions may read them: without any personal feature.

The profile is stripped before anything reads it, so that rules, model, texts and log alike never meet what it held. Of
the customer's own doings only what restrains the company is left: contacts, pauses, consent, promises that are open.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from engine.events.realtime import Realtime, read_realtime
from engine.ids import CustomerKey
from engine.snapshot import Reading, Snapshot
from engine.store import Profile
from models.codec import HEADER, VectorRefused, decode


def impersonal(snapshot: Snapshot, customer: CustomerKey, profile: Profile) -> Profile:
    """The profile without personal features, those that events feed among them, and without the tier held so far."""
    return replace(
        profile,
        vector=_without_personal(snapshot, customer, profile.vector),
        realtime=_without_aggregates(snapshot, profile.realtime),
        tier=None,
    )


def _without_personal(snapshot: Snapshot, customer: CustomerKey, packed: bytes | None) -> bytes | None:
    """A vector in which personal features are missing; one that cannot be read stays, unread."""
    if packed is None or isinstance(vector := decode(packed, customer), VectorRefused):
        return packed
    reading = snapshot.readings.get(vector.schema_hash)
    if reading is None or len(reading.written) != len(vector.body):
        return packed
    return packed[: HEADER.size] + without_personal(reading, vector.body).tobytes()


def without_personal(reading: Reading, body: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A stored body (n_written,) in which personal features are missing; a copy."""
    kept = body.copy()
    kept[list(reading.personal)] = np.nan
    return kept


def _without_aggregates(snapshot: Snapshot, packed: bytes | None) -> bytes | None:
    """Real-time state with those aggregates only that features read which are not personal."""
    state = read_realtime(packed)
    if not packed or state is None:
        return packed
    overlay = snapshot.impersonal_overlay
    kept = {one.id for one in overlay.aggregates} | {one.id for one in overlay.answers}
    return Realtime({name: one for name, one in state.aggregates.items() if name in kept}, state.things).pack()
