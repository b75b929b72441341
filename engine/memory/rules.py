"""What the store's functions do to a customer's contacts, pauses and consent, as plain loops over plain values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from engine.events.change import fold
from engine.events.realtime import Realtime, read_realtime
from engine.ids import CustomerKey
from engine.outcomes.write import OutcomeWrite, PauseClaim
from engine.standing import PERSONALISATION, pack_pauses
from engine.store import Claim, CommitRequest, LogEntry, StoredSlate
from rules.caps import EARLIER_ONLY
from rules.ledger import CONTACT, OTHER, OUTCOMES, OWN_SHIFT, SEEN, Contact

LONGEST_LEDGER = 4096
STRENGTH = {
    "": 0,
    "IMPRESSION": 1,
    "NO_RESPONSE": 2,
    "RATING": 2,
    "OTHER": 2,
    "CLICKED": 3,
    "ACCEPTED": 4,
    "REJECTED": 4,
    "CONVERSION": 4,
    "COMPLAINT": 4,
}
Pauses = dict[tuple[int, int], float]


@dataclass
class Customer:
    vector: bytes | None = None
    consent: bytes | None = None
    tier: bytes | None = None
    linked: str | None = None
    contacts: list[Contact] | None = None
    pauses: Pauses | None = None
    realtime: bytes | None = None
    visitors: list[str] = field(default_factory=list)

    @property
    def packed_contacts(self) -> bytes | None:
        return None if self.contacts is None else b"".join(contact.pack() for contact in self.contacts)

    @property
    def packed_pauses(self) -> bytes | None:
        if self.pauses is None:
            return None
        return pack_pauses((*action_cause, until) for action_cause, until in self.pauses.items())


@dataclass
class Kept:
    """A decision: what was written of it, None when it is dead."""

    slate: StoredSlate | None
    request: tuple[CustomerKey, str] | None
    entry: LogEntry | None


def entered(ledger: list[Contact], request: CommitRequest) -> tuple[list[Contact], tuple[int, ...]]:
    """The ledger with the contacts whose claims hold, and the indexes of those whose claims do not."""
    ledger, before, dropped = list(ledger), list(ledger), []
    for index, packed in enumerate(request.contacts):
        claims = [claim for claim in request.claims if claim.contact == index]
        if any(reached(claim, before if claim.directions & EARLIER_ONLY else ledger) for claim in claims):
            dropped.append(index)
        else:
            ledger = sorted([*ledger, Contact(*CONTACT.unpack(packed))], key=lambda one: one.at)
    return ledger, tuple(dropped)


def reached(claim: Claim, contacts: list[Contact]) -> bool:
    return sum(counts(claim, one) for one in contacts) >= claim.limit


def counts(claim: Claim, contact: Contact) -> bool:
    return (
        contact.at >= claim.since
        and (not claim.actions or contact.action in claim.actions)
        and (not claim.channels or contact.channel in claim.channels)
        and bool(claim.directions & (2 if contact.direction else 1))
        and (bool(contact.flags & SEEN) or contact.at >= claim.release_before)
    )


def told(contact: Contact, write: OutcomeWrite) -> Contact:
    """The contact after the outcome: a weaker outcome changes nothing but whether it was seen."""
    flags = contact.flags | SEEN if write.seen else contact.flags
    had, has = STRENGTH[OUTCOMES[contact.outcome]], STRENGTH[OUTCOMES[write.outcome]]
    if has < had or (has == had and write.at < contact.outcome_at):
        return dataclasses.replace(contact, flags=flags)
    flags = flags & SEEN | write.own << OWN_SHIFT
    return dataclasses.replace(contact, flags=flags, outcome=write.outcome, reason=write.reason, outcome_at=write.at)


def paused(pauses: Pauses, write: OutcomeWrite, contacts: list[Contact], own: int | None) -> Pauses:
    """The pauses after the outcome; `own` is the index of its contact."""
    this = Contact(0, write.action, 0, 0, 0, write.outcome, write.reason, write.own << OWN_SHIFT, write.at)
    for claim in write.pauses:
        others = sum(matches(claim, one) for index, one in enumerate(contacts) if index != own)
        mine = matches(claim, this) or (own is not None and matches(claim, contacts[own]))
        if others + mine >= claim.times:
            pauses = {who: until for who, until in pauses.items() if until > write.at}
            for action in claim.paused:
                who = (action, claim.cause)
                pauses[who] = max(pauses.get(who, claim.until), claim.until)
    return pauses


def matches(claim: PauseClaim, contact: Contact) -> bool:
    return (
        contact.outcome != 0
        and _follows(claim, contact)
        and contact.outcome_at >= claim.since
        and (not claim.reasons or contact.reason in claim.reasons)
        and (not claim.counted or contact.action in claim.counted)
    )


def _follows(claim: PauseClaim, contact: Contact) -> bool:
    """Whether the claim follows the type of the contact's outcome."""
    if claim.outcomes >> contact.outcome & 1:
        return True
    return contact.outcome == OTHER and contact.flags >> OWN_SHIFT in claim.own


def merged_contacts(own: list[Contact], others: list[Contact]) -> list[Contact]:
    known = {(one.at, one.action, one.decision) for one in own}
    new = [one for one in others if (one.at, one.action, one.decision) not in known]
    return sorted([*own, *new], key=lambda one: one.at)[-LONGEST_LEDGER:]


def merged_pauses(own: Pauses, others: Pauses) -> Pauses:
    return own | {who: max(until, own.get(who, until)) for who, until in others.items()}


def merged_realtime(own: bytes | None, other: bytes | None) -> bytes | None:
    """The customer's state with what a visitor did; damaged where either is."""
    if not other:
        return own
    ours, theirs = read_realtime(own), read_realtime(other)
    if ours is None:
        return own
    if theirs is None:
        return (own or b"") + other
    return fold(ours, theirs, Realtime()).pack()


def changed_consent(own: bytes | None, change: bytes | None) -> bytes | None:
    """The record after what is said now."""
    if change is None:
        return own
    held, said = orjson.loads(own or b"{}"), orjson.loads(change)
    parts = {part: {**held.get(part, {}), **said.get(part, {})} for part in ("consent", "preferences")}
    return orjson.dumps(parts | {"zone": said.get("zone", held.get("zone", ""))} | _opted(held, said))


def merged_consent(own: bytes | None, other: bytes | None) -> bytes | None:
    if not own or not other:
        return own or other
    ours, theirs = orjson.loads(own), orjson.loads(other)
    parts = {part: {**theirs.get(part, {}), **ours.get(part, {})} for part in ("consent", "preferences")}
    out = False in (ours.get(PERSONALISATION), theirs.get(PERSONALISATION))
    opted = {PERSONALISATION: False} if out else _opted(theirs, ours)
    return orjson.dumps(ours | parts | {"zone": ours.get("zone") or theirs.get("zone", "")} | opted)


def _opted(held: Mapping[str, object], said: Mapping[str, object]) -> dict[str, object]:
    """What stands of personalisation: what is said now, else what was said before."""
    return next(({PERSONALISATION: one[PERSONALISATION]} for one in (said, held) if PERSONALISATION in one), {})
