"""A decision as its log record: inputs, every candidate's fate and factors, picks and probabilities."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from itertools import repeat

from engine.decision import Decision, Request
from engine.events.realtime import without_aggregates
from engine.profile import Known
from engine.record import (
    FORMAT,
    DecisionRecord,
    FirstAttemptRecord,
    LimitRecord,
    PlacementRecord,
    RemovalRecord,
    RequestRecord,
    ScoredRecord,
    StateRecord,
    TakeRecord,
)
from engine.resolution import Placed, Question, Resolution, Scored
from engine.slate import Slate, SlatePlacement
from engine.snapshot import Snapshot
from engine.store import Profile
from models.codec import HEADER, written_schema
from rules.catalogue import Catalogue
from rules.removal import Removal

_FEATURE = struct.Struct("<f")


def record_of(
    snapshot: Snapshot, resolution: Resolution, decision: Decision, slate: Slate, timings: Sequence[tuple[str, int]]
) -> DecisionRecord:
    """The record of a decision about to be committed with its slate."""
    question = resolution.question
    catalogue = snapshot.policy.catalogue
    return DecisionRecord(
        FORMAT,
        decision.decision_id,
        *_asked(question),
        request_record(question.request),
        _state(snapshot, question.known),
        *_revisions(decision, question.known),
        snapshot.expectation.counts_revision,
        decision.tier,
        decision.experiment_group,
        slate.degraded,
        tuple(map(_placement, repeat(catalogue.packed), resolution.placed, slate.placements)),
        _removals(catalogue, resolution.removals),
        _scored(catalogue, resolution.scored),
        tuple(timings),
        limits=_limits(question),
        takes=tuple([TakeRecord(*take) for take in resolution.takes]),
        stopped=catalogue.stable_bytes(snapshot.stopped) if snapshot.stopped else b"",
        first=_first(question.first) if question.first else None,
        facts=snapshot.facts.revision if snapshot.facts and snapshot.facts.names else 0,
    )


def _asked(question: Question) -> tuple[str, str, float, int]:
    """Who was decided for, when, and at which attempt."""
    customer = question.request.customer
    return customer.tenant, customer.customer, question.now, question.attempt


def _revisions(decision: Decision, known: Known) -> tuple[str, str, str]:
    """Of the policy, the bundle, and the features' schema."""
    return decision.policy_revision, decision.model_revision, known.schema.hash.hex() if known.schema else ""


def _limits(question: Question) -> tuple[LimitRecord, ...]:
    return tuple([LimitRecord(name, *seen) for name, seen in question.limits.items()])


def _first(question: Question) -> FirstAttemptRecord:
    fields = question.known.fields or Profile()
    return FirstAttemptRecord(fields.contacts, fields.pauses, _limits(question))


def request_record(request: Request) -> RequestRecord:
    """The question, without what names it."""
    return RequestRecord(
        request.channel,
        request.intent,
        request.context,
        request.session_id,
        request.locale,
        request.placements,
        request.max_actions,
        request.request_id,
        request.follows,
        request.exclude,
        request.audience._value_,
    )


def _state(snapshot: Snapshot, known: Known) -> StateRecord | None:
    fields = known.fields
    if fields is None:
        return None
    vector = fields.vector
    if vector is not None:
        vector = _only_header(vector) if known.schema is None else _logged(vector, snapshot)
    realtime = fields.realtime
    if realtime and snapshot.overlay.unlogged:
        realtime = without_aggregates(realtime, snapshot.overlay.unlogged)
    return StateRecord(vector, realtime, fields.contacts, fields.pauses, fields.consent, fields.tier)


def _only_header(vector: bytes) -> bytes:
    """A vector that could not be read, which may be anybody's: refused again for the same reason."""
    return vector[: HEADER.size] + bytes(max(0, len(vector) - HEADER.size))


def _logged(vector: bytes, snapshot: Snapshot) -> bytes:
    """A vector that was read, with the features missing that are not to be logged."""
    unlogged = snapshot.readings[written_schema(vector)].unlogged
    if not unlogged:
        return vector
    kept = bytearray(vector)
    for place in unlogged:
        _FEATURE.pack_into(kept, HEADER.size + _FEATURE.size * place, math.nan)
    return bytes(kept)


def _placement(packed: Sequence[bytes], placed: Placed, filled: SlatePlacement) -> PlacementRecord:
    candidates = placed.candidates
    return PlacementRecord(
        filled.placement,
        filled.cause,
        b"".join([packed[action] for action in candidates.actions[: candidates.choosable]]),
        filled.actions,
        placed.slot.draw,
        placed.slot.share,
        placed.probability,
        filled.send_at,
        filled.expires_at,
        filled.blocked_by,
        placed.kept,
    )


def _removals(catalogue: Catalogue, removals: Sequence[Removal]) -> tuple[RemovalRecord, ...]:
    stable = catalogue.stable_bytes
    return tuple(
        [RemovalRecord(one.stage._value_, one.rule_id, one.code._value_, stable(one.mask)) for one in removals]
    )


def _scored(catalogue: Catalogue, scored: Scored) -> ScoredRecord:
    factors = [part.tobytes() for part in scored.arrays()]
    if scored.scarcity is not None:
        factors.append(scored.scarcity.tobytes())
    return ScoredRecord(
        catalogue.stable[scored.actions].tobytes(),
        scored.customer.tobytes(),
        scored.moment.tobytes(),
        scored.pair.tobytes(),
        *factors,
    )
