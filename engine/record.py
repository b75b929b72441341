"""The log's records: what each decision and outcome was made of, packed so that it can be made again.

MessagePack structs with short field names on the wire (array-like, so field order is the format; new fields
go to the end with a default). Arrays are little-endian bytes: `actions` uint32 stable ids, `floats` float64.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.slate import SlateAction

FORMAT = 1
Value = float | str | bool


class RequestRecord(msgspec.Struct, array_like=True, frozen=True):
    """The question as it was understood."""

    channel: str
    intent: str
    context: Mapping[str, Value]
    session_id: str
    locale: str
    placements: tuple[str, ...]
    max_actions: int
    request_id: str
    follows: str
    exclude: tuple[str, ...]
    audience: str


class StateRecord(msgspec.Struct, array_like=True, frozen=True):
    """The customer's fields as they were read, without features that are not to be logged; None = absent. Of a vector
    that could not be read, only the header and the length."""

    vector: bytes | None
    realtime: bytes | None
    contacts: bytes | None
    pauses: bytes | None
    consent: bytes | None
    tier: bytes | None


class ScoredRecord(msgspec.Struct, array_like=True, frozen=True):
    """The candidates as scored. Each of the float fields has one float64 per action; `customer`, `moment`
    and `pair` are the model's float32 inputs as it saw them (pair: one row per action that is a contact). `scarcity` is
    empty where nothing has a price."""

    actions: bytes
    customer: bytes
    moment: bytes
    pair: bytes
    propensity: bytes
    gain: bytes
    cost: bytes
    context_weight: bytes
    lever: bytes
    priority: bytes
    scarcity: bytes = b""


class LimitRecord(msgspec.Struct, array_like=True, frozen=True):
    """What was known of a limit over all customers, by its meter: units left (None = not known, but may be asked for;
    -1 = not known, closed), the limit in units, the price of one contact, place or unit of the currency."""

    meter: str
    left: int | None
    most: int
    price: float


class TakeRecord(msgspec.Struct, array_like=True, frozen=True):
    """What proposing an action took of a meter: units in a period, under the writer's running number there."""

    meter: str
    period: str
    number: int
    units: int
    action: str


class FirstAttemptRecord(msgspec.Struct, array_like=True, frozen=True):
    """What the first of two attempts was made from, as far as the second one was not: contacts and pauses as they were
    read, and the limits over all customers."""

    contacts: bytes | None
    pauses: bytes | None
    limits: tuple[LimitRecord, ...]


class RemovalRecord(msgspec.Struct, array_like=True, frozen=True):
    """A rule ("" = none of the policy's), why, and the stable ids of the actions removed."""

    stage: str
    rule: str
    code: str
    actions: bytes


class PlacementRecord(msgspec.Struct, array_like=True, frozen=True):
    """One placement: what could be chosen, what was, with which draw and probability (None: a retried slate of
    several actions); `kept` is the part of it that first attempts stand for already (see engine/retried.py)."""

    placement: str
    cause: str
    allowed: bytes
    picks: tuple[SlateAction, ...]
    draw: float
    share: float
    probability: float | None
    send_at: float | None
    expires_at: float | None
    blocked_by: str
    kept: float = 0.0

    @property
    def estimable(self) -> float | None:
        """The probability to weigh the first pick by; None where it must be left out."""
        return None if self.kept > 0.0 else self.probability


class DecisionRecord(msgspec.Struct, array_like=True, frozen=True):
    """One decision. Times in seconds, `timings` in microseconds by stage, in order, up to the commit. `stopped` are the
    stable ids of the actions that were stopped; `first` None = there was one attempt only; `facts` the revision of the
    live facts of actions, 0 where the policy has none."""

    format: int
    decision_id: str
    tenant: str
    customer: str
    now: float
    attempt: int
    request: RequestRecord
    state: StateRecord | None
    policy: str
    bundle: str
    schema: str
    counts: str
    tier: str
    group: str
    degraded: tuple[str, ...]
    placements: tuple[PlacementRecord, ...]
    removals: tuple[RemovalRecord, ...]
    scored: ScoredRecord
    timings: tuple[tuple[str, int], ...]
    limits: tuple[LimitRecord, ...] = ()
    takes: tuple[TakeRecord, ...] = ()
    stopped: bytes = b""
    first: FirstAttemptRecord | None = None
    facts: int = 0


class OutcomeRecord(msgspec.Struct, array_like=True, frozen=True):
    """One outcome, joined to its decision. `at` when it happened, `received_at` when it came; `money` in the policy's
    currency. A `late` one came when the decision was past remembering: tenant, customer and channel are "", the action
    as it was told. `corrects` names the outcome NO_RESPONSE that it makes untrue."""

    format: int
    outcome_id: str
    decision_id: str
    tenant: str
    customer: str
    channel: str
    action: str
    type: str
    at: float
    received_at: float
    revenue: float | None
    rating: float | None
    reason_code: str
    agent: str
    team: str
    offered_instead: str
    late: bool = False
    corrects: str = ""


_ENCODER = msgspec.msgpack.Encoder()
_DECISIONS = msgspec.msgpack.Decoder(DecisionRecord)
_OUTCOMES = msgspec.msgpack.Decoder(OutcomeRecord)


def pack(record: DecisionRecord | OutcomeRecord) -> bytes:
    """The record's bytes; equal records give equal bytes."""
    return _ENCODER.encode(record)


def unpack_decision(packed: bytes) -> DecisionRecord:
    """Raises msgspec.DecodeError or msgspec.ValidationError where the bytes are not a decision's record."""
    return _DECISIONS.decode(packed)


def unpack_outcome(packed: bytes) -> OutcomeRecord:
    """Raises msgspec.DecodeError or msgspec.ValidationError where the bytes are not an outcome's record."""
    return _OUTCOMES.decode(packed)
