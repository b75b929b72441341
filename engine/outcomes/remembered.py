"""What a decision offered: from its slate, from what was noted for as long as answers count, else from its record for
as long as the log has it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from engine.outcomes.unjoined import is_late
from engine.record import unpack_decision
from engine.slate import Slate, SlatePlacement, unpack
from engine.store import LogEntry, Store
from rules.policy import CONTACT_KINDS


class Offered(NamedTuple):
    """What was proposed, and the actions of it whose contact was not granted."""

    slate: Slate
    lost: frozenset[str]


async def offered(store: Store, decision_id: str, now: float) -> Offered | None:
    """What is known of a decision at `now` (s); None = nothing. One round trip, a few where it is long ago. Raises
    StoreUnavailable."""
    kept = await store.read_offered(decision_id)
    if kept is None:
        entry = await store.read_record(decision_id) if is_late(decision_id, now) else None
        return offered_in(entry) if entry else None
    slate = unpack(kept.slate)
    return Offered(slate, slate.lost(kept.dropped)) if slate else None


def offered_in(entry: LogEntry) -> Offered | None:
    """What a logged decision offered; None where it was taken back, or cannot be read."""
    try:
        record = unpack_decision(entry.body)
    except msgspec.MsgspecError:
        return None
    if entry.voided:
        return None
    placements = tuple(
        SlatePlacement(one.placement, one.cause, one.picks, one.send_at, one.expires_at, one.blocked_by)
        for one in record.placements
    )
    contacts = tuple(pick.action for one in record.placements for pick in one.picks if pick.kind in CONTACT_KINDS)
    who, by = (record.tenant, record.customer, record.request.channel), (record.policy, record.bundle)
    slate = Slate(*who, record.now, record.tier, *by, record.degraded, record.group, None, placements, contacts)
    return Offered(slate, slate.lost(entry.dropped))
