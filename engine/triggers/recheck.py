"""Whether what was decided may still be sent now: still eligible, consented to, not resting, within caps, not at night.

The contact that the decision itself made does not count against it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.decide import resolve
from engine.decision import Request
from engine.linked import read_linked
from engine.profile import know
from engine.resolution import Question
from engine.snapshot import Snapshot
from engine.store import Profile, Store
from engine.triggers.message import Decided, Name
from rules.ledger import CONTACT, stable_id
from rules.situation import Moment

_DECISION_AT, _DECISION_END = 12, 16


@dataclass(frozen=True, slots=True)
class Recheck:
    """`allowed` now; if so, but not before `not_before` (s), then that; `why` names the stage and rule against it."""

    allowed: bool
    not_before: float | None = None
    why: str = ""


async def recheck(store: Store, snapshot: Snapshot, decided: Decided, name: Name, now: float) -> Recheck:
    """Look at the customer as of `now` (s). Raises StoreUnavailable."""
    customer, profile = await read_linked(store, decided.key, "")
    snapshot = snapshot.of(customer)
    index = snapshot.policy.catalogue.index.get(decided.action)
    if index is None or name.channel not in snapshot.policy.policy.channels:
        return Recheck(allowed=False, why="the policy has it no more")
    known = know(snapshot, customer, _without(profile, decided.decision_id), now)
    question = Question(Request(customer, name.channel), known, Moment(now, name.channel))
    resolution = resolve(snapshot, question)
    if resolution.contact.allowed >> index & 1:
        return Recheck(allowed=True, not_before=resolution.contact.send_at)
    against = (one for one in resolution.removals if one.mask >> index & 1)
    return Recheck(allowed=False, why=next((f"{one.stage} {one.rule_id}".strip() for one in against), "not allowed"))


def _without(profile: Profile, decision_id: str) -> Profile:
    """The profile as it would be if the decision had made no contact."""
    packed = profile.contacts
    if not packed or len(packed) % CONTACT.size:
        return profile
    own = stable_id(decision_id).to_bytes(4, "little")
    contacts = (packed[at : at + CONTACT.size] for at in range(0, len(packed), CONTACT.size))
    return replace(profile, contacts=b"".join(one for one in contacts if one[_DECISION_AT:_DECISION_END] != own))
