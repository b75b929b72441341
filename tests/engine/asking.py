"""Short ways to say what tests ask of a store: customers, decisions, contacts, claims, outcomes."""

from __future__ import annotations

import itertools
from typing import Any

from msgspec import structs

from engine.ids import CustomerKey, decision_id
from engine.outcomes.write import OutcomeWrite
from engine.store import Claim, CommitRequest
from rules.ledger import CONTACT, OUTCOMES, Contact, short_id, stable_id

NOW = 1_760_000_000.0
DAY = 86_400.0
PARTITIONS = 256
ANNA = CustomerKey("shop", "anna")
PUSH = short_id("push")
_entropy = itertools.count()


def new_decision(customer: CustomerKey = ANNA, now: float = NOW) -> str:
    return decision_id(customer.partition(PARTITIONS), now, next(_entropy))


def contact(decision: str, action: int = 1, at: float = NOW, **fields: int) -> bytes:
    """An outbound push contact, unless the fields say otherwise."""
    said = {"channel": PUSH, "direction": 1, **fields}
    return Contact(at=at, action=action, decision=stable_id(decision), **said).pack()


def at_most(limit: int, **fields: Any) -> Claim:
    """At most `limit` contacts of any action within the last day, in any channel and direction."""
    claim = Claim(contact=0, limit=limit, since=NOW - DAY, release_before=0.0, directions=3, channels=(), actions=())
    return structs.replace(claim, **fields)


def proposing(*contacts: bytes, decision: str = "", **fields: Any) -> CommitRequest:
    """A commit for Anna, with a slate and a record that name the decision."""
    decision = decision or new_decision(fields.get("customer", ANNA))
    said = {"customer": ANNA, "request_id": "", "digest": b"", "claims": (), **fields}
    said.setdefault("slate", b"slate of " + decision.encode())
    return CommitRequest(decision_id=decision, contacts=contacts, record=b"record of " + decision.encode(), **said)


def outcome(decision: str, type_: str = "ACCEPTED", action: int = 1, **fields: Any) -> OutcomeWrite:
    """An outcome of Anna's, a minute after the decision."""
    said = {"customer": ANNA, "reason": 0, "at": NOW + 60, "seen": True, "record": b"outcome", **fields}
    said.setdefault("outcome_id", f"o{next(_entropy)}")
    return OutcomeWrite(decision_id=decision, action=action, outcome=OUTCOMES.index(type_), **said)


def contacts_of(packed: bytes | None) -> list[Contact]:
    return [Contact(*fields) for fields in CONTACT.iter_unpack(packed or b"")]
