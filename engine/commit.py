"""From what was resolved to what is written: contacts, the claims they need, slate and record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec
import orjson

from engine.decision import Decision, RankedAction, Request
from engine.logged import record_of, request_record
from engine.outcomes.write import Window
from engine.record import pack
from engine.resolution import Resolution
from engine.slate import note_of, slate_of
from engine.slate import pack as pack_slate
from engine.snapshot import Snapshot
from engine.store import Claim, CommitRequest
from rules.contact import claim_windows
from rules.ledger import CONTACT, short_id, stable_id
from rules.policy import CONTACT_KINDS, Direction
from rules.wording.code import Code

Timings = Sequence[tuple[str, int]]
_CONTACT_KINDS = tuple(CONTACT_KINDS)


class Proposal(NamedTuple):
    """A decision about to be written: what it was resolved from and how it reads."""

    snapshot: Snapshot
    resolution: Resolution
    decision: Decision


def commit_request(proposal: Proposal, timings: Timings, take: bool) -> CommitRequest:
    """What the commit writes; `timings` are the stages so far in microseconds; `take` as in CommitRequest."""
    snapshot, resolution, decision = proposal
    question = resolution.question
    request = question.request
    contacted = contacted_actions(decision)
    names = tuple([one.action for one in contacted])
    slate = slate_of(decision, request.customer, request.channel, question.now, names)
    return CommitRequest(
        customer=request.customer,
        decision_id=decision.decision_id,
        request_id=request.request_id,
        digest=digest_of(request) if request.request_id else b"",
        contacts=_contacts(proposal, names),
        claims=tuple(_claims(proposal, contacted)),
        slate=pack_slate(slate),
        record=pack(record_of(snapshot, resolution, decision, slate, timings)),
        tier=_tier(resolution, decision.tier),
        take=take,
        ledger_length=snapshot.policy.policy.contact.ledger_length,
        at=question.now,
        windows=tuple(_windows(snapshot, decision, question.now)),
        note=pack_slate(note_of(slate)) if names else b"",
    )


def digest_of(request: Request) -> bytes:
    """16 bytes that differ when a request id is used for another question, or to be answered in another way."""
    asked = (request.customer.customer, request_record(request), request.trace.value, request.view)
    said = msgspec.msgpack.encode(asked, order="sorted")
    return blake2b(said, digest_size=16).digest()


def contacted_actions(decision: Decision) -> tuple[RankedAction, ...]:
    """The actions that enter the contact ledger, in the order of the placements and ranks."""
    return tuple([one for filled in decision.placements for one in filled.actions if one.kind in _CONTACT_KINDS])


def _contacts(proposal: Proposal, actions: Sequence[str]) -> tuple[bytes, ...]:
    """The contacts as the ledger keeps them: no outcome yet, not known to be seen."""
    question, channel = proposal.resolution.question, proposal.resolution.question.request.channel
    outbound = int(proposal.snapshot.policy.policy.channels[channel].direction == Direction.OUTBOUND)
    decision, where, at = stable_id(proposal.decision.decision_id), short_id(channel), question.now
    return tuple([CONTACT.pack(at, stable_id(one), decision, where, outbound, 0, 0, 0, 0.0) for one in actions])


def _windows(snapshot: Snapshot, decision: Decision, now: float) -> Iterator[Window]:
    """Until when an answer about each contact counts: its window begins when it may be sent, maybe hours later."""
    actions, index = snapshot.policy.catalogue.actions, snapshot.policy.catalogue.index
    for filled in decision.placements:
        begins = now if filled.send_at is None else max(now, filled.send_at)
        for one in filled.actions:
            if one.kind in _CONTACT_KINDS:
                yield Window(one.action, begins + actions[index[one.action]].success_within)


def _claims(proposal: Proposal, contacted: Sequence[RankedAction]) -> list[Claim]:
    """A claim for every cap of every contact; an offer made before needs none, nor does a fallback."""
    question = proposal.resolution.question
    policy = proposal.snapshot.policy
    if not contacted:
        return []
    windows = claim_windows(policy, question.moment, question.known.standing)
    return [
        Claim(contact, c.limit, c.since, c.release_before, c.directions, c.channels, c.actions)
        for contact, one in enumerate(contacted)
        if not one.honoured and one.why != Code.FALLBACK
        for c in windows.claims(policy.catalogue.index[one.action])
    ]


def _tier(resolution: Resolution, tier: str) -> bytes | None:
    """Field `t` where the tier changed: its name and since when. What could not be read says nothing of the tier."""
    known = resolution.question.known
    before = known.fields.tier if known.fields else None
    if not known.readable:
        return None
    if before and before.startswith(b'{"tier":' + orjson.dumps(tier)):
        return None
    return orjson.dumps({"tier": tier, "since": resolution.question.now})
