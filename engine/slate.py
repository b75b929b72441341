"""What was offered, kept under the decision id for outcomes and repeats: compact, without contents.

MessagePack of the picks; sentences and contents are rendered again from the policy when a repeat asks.
"""

from __future__ import annotations

import msgspec

from engine.decision import Decision, Filled, RankedAction
from engine.ids import CustomerKey


class SlateAction(msgspec.Struct, array_like=True, frozen=True):
    """One ranked action; `factors` in the order of `Factors`' fields, `why` the code of its reason."""

    action: str
    kind: str
    treatment: str
    why: str
    valid_until: float | None
    factors: tuple[float, ...]
    probability: float | None


class SlatePlacement(msgspec.Struct, array_like=True, frozen=True):
    placement: str
    cause: str
    actions: tuple[SlateAction, ...]
    send_at: float | None
    expires_at: float | None
    blocked_by: str


class Slate(msgspec.Struct, array_like=True, frozen=True):
    """`at` seconds; `contacts` maps the index of a claimed contact to its action, so that actions dropped
    by a commit in take mode are known."""

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

    @property
    def key(self) -> CustomerKey:
        return CustomerKey(self.tenant, self.customer)

    def actions(self) -> tuple[str, ...]:
        """Every action that was offered, by placement and rank."""
        return tuple(one.action for placement in self.placements for one in placement.actions)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Slate)


def slate_of(decision: Decision, customer: CustomerKey, channel: str, at: float) -> Slate:
    """The slate of a decision about to be committed."""
    placements = tuple(_placement(filled) for filled in decision.placements)
    return Slate(
        customer.tenant,
        customer.customer,
        channel,
        at,
        decision.tier,
        decision.policy_revision,
        decision.model_revision,
        tuple(code.value for code in decision.degraded),
        decision.experiment_group,
        decision.features_age_seconds,
        placements,
        (),
    )


def pack(slate: Slate) -> bytes:
    return _ENCODER.encode(slate)


def unpack(packed: bytes) -> Slate | None:
    """The slate, or None where the bytes are not one."""
    try:
        return _DECODER.decode(packed)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def _placement(filled: Filled) -> SlatePlacement:
    actions = tuple(slate_action(one) for one in filled.actions)
    return SlatePlacement(
        filled.placement, filled.cause.value, actions, filled.send_at, filled.expires_at, filled.blocked_by
    )


def slate_action(one: RankedAction) -> SlateAction:
    """One ranked action as it is kept."""
    return SlateAction(
        one.action,
        one.kind.value,
        one.treatment,
        one.why,
        one.valid_until,
        one.factors,
        one.probability,
    )
