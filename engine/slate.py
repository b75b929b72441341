"""What was offered, kept under the decision id for outcomes and repeats: compact, without contents.

MessagePack of the picks; sentences and contents are rendered again from the policy when a repeat asks.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import structs

from engine.decision import Decision, Dropped, Filled, RankedAction
from engine.ids import CustomerKey


class SlateAction(msgspec.Struct, array_like=True, frozen=True):
    """One ranked action; `factors` in the order of `Factors`' fields, `why` the code of its reason; `explored` and
    `honoured` as in the answer."""

    action: str
    kind: str
    treatment: str
    why: str
    valid_until: float | None
    factors: tuple[float, ...]
    probability: float | None
    explored: bool = False
    honoured: bool = False


class SlatePlacement(msgspec.Struct, array_like=True, frozen=True):
    placement: str
    cause: str
    actions: tuple[SlateAction, ...]
    send_at: float | None
    expires_at: float | None
    blocked_by: str


class SlateDropped(msgspec.Struct, array_like=True, frozen=True):
    """A candidate that was not proposed, with the reason as it was told."""

    action: str
    stage: str
    rule: str
    code: str
    sentence: str
    factors: tuple[float, ...] | None
    observed: str = ""
    required: str = ""


class Slate(msgspec.Struct, array_like=True, frozen=True):
    """`at` seconds; `contacts` maps the index of a claimed contact to its action, so that actions dropped
    by a commit in take mode are known. `dropped` only where a full trace was asked for."""

    tenant: str
    customer: str
    channel: str
    at: float
    tier: str
    policy_revision: str
    model_revision: str
    degraded: tuple[str, ...]
    experiment_group: str
    features_age: float | None
    placements: tuple[SlatePlacement, ...]
    contacts: tuple[str, ...]
    dropped: tuple[SlateDropped, ...] = ()

    @property
    def key(self) -> CustomerKey:
        return CustomerKey(self.tenant, self.customer)

    def lost(self, dropped: Iterable[int]) -> frozenset[str]:
        """The actions of the contacts (by index) that the commit did not grant."""
        return frozenset(self.contacts[index] for index in dropped)


FORGOTTEN = Slate("", "", "", 0.0, "", "", "", (), "", None, (), ())
"""Stands for what was offered where nobody remembers it."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Slate)


def slate_of(decision: Decision, customer: CustomerKey, channel: str, at: float, contacts: tuple[str, ...]) -> Slate:
    """The slate of a decision about to be committed with these actions as contacts."""
    placements = tuple([_placement(filled) for filled in decision.placements])
    return Slate(
        customer.tenant,
        customer.customer,
        channel,
        at,
        decision.tier,
        decision.policy_revision,
        decision.model_revision,
        tuple([code._value_ for code in decision.degraded]),
        decision.experiment_group,
        decision.features_age_seconds,
        placements,
        contacts,
        tuple([_dropped(one) for one in decision.dropped]),
    )


def note_of(slate: Slate) -> Slate:
    """What of a slate is kept for outcomes when it is gone itself: who, where, when and which actions."""
    placements = tuple([_noted(filled) for filled in slate.placements])
    return msgspec.structs.replace(slate, placements=placements, degraded=(), features_age=None, dropped=())


def _noted(filled: SlatePlacement) -> SlatePlacement:
    actions = tuple([SlateAction(one.action, one.kind, "", "", None, (), None) for one in filled.actions])
    return SlatePlacement(filled.placement, filled.cause, actions, None, None, "")


def pack(slate: Slate) -> bytes:
    return _ENCODER.encode(slate)


def unpack(packed: bytes) -> Slate | None:
    """The slate, or None where the bytes are not one."""
    try:
        return _DECODER.decode(packed)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def _placement(filled: Filled) -> SlatePlacement:
    actions = tuple([_action(one) for one in filled.actions])
    return SlatePlacement(
        filled.placement, filled.cause._value_, actions, filled.send_at, filled.expires_at, filled.blocked_by
    )


def _action(one: RankedAction) -> SlateAction:
    return SlateAction(
        one.action,
        one.kind._value_,
        one.treatment,
        one.why,
        one.valid_until,
        structs.astuple(one.factors),
        one.probability,
        one.explored,
        one.honoured,
    )


def _dropped(one: Dropped) -> SlateDropped:
    why, seen = (one.why.code, one.why.sentence), (one.observed, one.required)
    factors = None if one.factors is None else structs.astuple(one.factors)
    return SlateDropped(one.action, one.stage, one.rule, *why, factors, *seen)
