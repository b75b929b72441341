"""Decision to the bytes of a DecideResponse. What depends only on policy and model is encoded once and kept.

Cost: 5 us for three actions, against 14 with generated messages. The answer parses to the same message: held to the
generated code by a test.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from itertools import chain

from msgspec import structs

from befit.v1 import action_pb2, decide_pb2
from engine.decision import Audience, Cause, Decision, Degraded, Dropped, Factors, Filled, RankedAction, Why
from engine.wire.bytes import block, double_tags, doubles, tag, varint
from engine.wire.explain import contribution_message, counterfactual_message
from engine.wire.procedure import procedure_message
from engine.wire.view import stamp, view_for_customers, view_message

MOST_KEPT = 4096
KINDS: Mapping[str, int] = {name.removeprefix("ACTION_KIND_"): n for name, n in action_pb2.ActionKind.items()}
_CAUSES: Mapping[str, int] = {cause: decide_pb2.Cause.Value(f"CAUSE_{cause or 'UNSPECIFIED'}") for cause in Cause}
_DEGRADED = {code: decide_pb2.Degraded.Value(f"DEGRADED_{code}") for code in Degraded}

_ACTION = action_pb2.RankedAction
_RANK, _VALID_UNTIL, _FACTORS = tag(_ACTION, "rank"), tag(_ACTION, "valid_until"), tag(_ACTION, "factors")
_PROBABILITY = struct.Struct("<Bd")
_PROBABILITY_TAG = tag(_ACTION, "probability")[0]
_EXPLORED, _HONOURED = tag(_ACTION, "explored") + b"\1", tag(_ACTION, "honoured") + b"\1"
_REASONS = tag(_ACTION, "reasons")
_COUNTERFACTUAL, _CONTRIBUTIONS = tag(_ACTION, "counterfactual"), tag(_ACTION, "contributions")
_NINE = doubles(action_pb2.Factors)
_F = double_tags(action_pb2.Factors)
_FACTORS_HEAD = _FACTORS + varint(_NINE.size)

_PLACEMENT = decide_pb2.FilledPlacement
_NAME, _ACTIONS, _CAUSE = tag(_PLACEMENT, "placement"), tag(_PLACEMENT, "actions"), tag(_PLACEMENT, "cause")
_SEND_AT, _EXPIRES_AT = tag(_PLACEMENT, "send_at"), tag(_PLACEMENT, "expires_at")
_BLOCKED_BY = tag(_PLACEMENT, "blocked_by")

_ANSWER = decide_pb2.DecideResponse
_ID, _PLACEMENTS, _MICROS = tag(_ANSWER, "decision_id"), tag(_ANSWER, "placements"), tag(_ANSWER, "server_micros")
_AGE = struct.Struct("<Bd")
_AGE_TAG = tag(_ANSWER, "features_age_seconds")[0]
_VIEW, _DROPPED, _REPEAT = tag(_ANSWER, "view"), tag(_ANSWER, "dropped"), tag(_ANSWER, "repeat") + b"\1"
_PROCEDURE = tag(_ANSWER, "procedure")


class DecisionEncoder:
    """Encodes decisions, keeping the parts that repeat (at most MOST_KEPT of each sort, then it starts anew)."""

    def __init__(self) -> None:
        self._heads: dict[tuple[object, ...], bytes] = {}
        self._actions: dict[tuple[object, ...], bytes] = {}
        self._reasons: dict[tuple[object, ...], bytes] = {}

    def encode(self, decision: Decision, audience: Audience) -> bytes:
        """The bytes of the answer. To customers nothing tells what they are worth: no factors, probabilities and
        explanations, neither tier nor comparison group nor rules, of the view only what happened between us."""
        with_factors = audience is not Audience.CUSTOMER
        pieces = [block(_ID, decision.decision_id.encode()), self._head(decision, with_factors)]
        pieces += [block(_PLACEMENTS, self._placement(filled, with_factors)) for filled in decision.placements]
        if decision.features_age_seconds is not None:
            pieces.append(_AGE.pack(_AGE_TAG, decision.features_age_seconds))
        pieces.append(_MICROS + varint(decision.server_micros))
        if decision.dropped:
            pieces += [block(_DROPPED, _dropped(found, with_factors)) for found in decision.dropped]
        if decision.view is not None:
            view = decision.view if with_factors else view_for_customers(decision.view)
            pieces.append(block(_VIEW, view_message(view).SerializeToString()))
        if decision.repeated:
            pieces.append(_REPEAT)
        if decision.procedure is not None and with_factors:
            pieces.append(block(_PROCEDURE, procedure_message(decision.procedure).SerializeToString()))
        return b"".join(pieces)

    def _head(self, d: Decision, with_factors: bool) -> bytes:
        tier, group = (d.tier, d.experiment_group) if with_factors else ("", "")
        key = (tier, d.tier_why, d.policy_revision, d.model_revision, group, d.degraded)
        found = self._heads.get(key)
        if found is None:
            wire = _ANSWER(
                tier=tier,
                tier_why=d.tier_why,
                policy_revision=d.policy_revision,
                model_revision=d.model_revision,
                experiment_group=group,
                degraded=[_DEGRADED[code] for code in d.degraded],
            )
            found = _keep(self._heads, key, wire.SerializeToString())
        return found

    def _placement(self, filled: Filled, with_factors: bool) -> bytes:
        pieces = [block(_NAME, filled.placement.encode())]
        pieces += [block(_ACTIONS, self._action(action, with_factors)) for action in filled.actions]
        if filled.cause:
            pieces.append(_CAUSE + varint(_CAUSES[filled.cause]))
        if filled.send_at is not None:
            pieces.append(block(_SEND_AT, stamp(filled.send_at).SerializeToString()))
        if filled.expires_at is not None:
            pieces.append(block(_EXPIRES_AT, stamp(filled.expires_at).SerializeToString()))
        if filled.blocked_by and with_factors:
            pieces.append(block(_BLOCKED_BY, filled.blocked_by.encode()))
        return b"".join(pieces)

    def _action(self, action: RankedAction, with_factors: bool) -> bytes:
        a = action
        key = (a.action, a.kind._value_, a.issue, a.group, a.treatment, a.content, a.reject_reasons)
        fixed = self._actions.get(key)
        if fixed is None:
            fixed = _keep(self._actions, key, _fixed(action))
        pieces = [_RANK + varint(action.rank), fixed]
        if action.valid_until is not None:
            pieces.append(block(_VALID_UNTIL, stamp(action.valid_until).SerializeToString()))
        if with_factors:
            pieces += _for_employees(action)
        if action.honoured:
            pieces.append(_HONOURED)
        for why in action.reasons:
            pieces.append(self._reasons.get(why) or _keep(self._reasons, why, _reason(why)))
        return b"".join(pieces)


def _for_employees(action: RankedAction) -> list[bytes]:
    """What an action is worth, how it was chosen, and what explains it."""
    pieces = [_FACTORS_HEAD, _nine(action.factors)]
    if action.probability is not None:
        pieces.append(_PROBABILITY.pack(_PROBABILITY_TAG, action.probability))
    if action.explored:
        pieces.append(_EXPLORED)
    if action.counterfactual is not None:
        pieces.append(block(_COUNTERFACTUAL, counterfactual_message(action.counterfactual).SerializeToString()))
    if action.contributions:
        told = map(contribution_message, action.contributions)
        pieces += [block(_CONTRIBUTIONS, one.SerializeToString()) for one in told]
    return pieces


def _keep(kept: dict[tuple[object, ...], bytes], key: tuple[object, ...], encoded: bytes) -> bytes:
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[key] = encoded
    return encoded


def _fixed(action: RankedAction) -> bytes:
    c = action.content
    content = action_pb2.Content(
        title=c.title, body=c.body, say=c.say, if_objected=c.if_objected, accept=c.accept, reject=c.reject, link=c.link
    )
    wire = _ACTION(
        action_id=action.action,
        kind=action_pb2.ActionKind.ValueType(KINDS[action.kind]),
        issue=action.issue,
        group=action.group,
        treatment_id=action.treatment,
        content=content,
        reject_reasons=action.reject_reasons,
    )
    return wire.SerializeToString()


def _nine(factors: Factors) -> bytes:
    return _NINE.pack(*chain.from_iterable(zip(_F, structs.astuple(factors), strict=True)))


def _reason(why: Why) -> bytes:
    return block(_REASONS, action_pb2.Reason(code=why.code, sentence=why.sentence).SerializeToString())


def _dropped(found: Dropped, with_factors: bool) -> bytes:
    reason = action_pb2.Reason(code=found.why.code, sentence=found.why.sentence)
    wire = action_pb2.DroppedAction(action_id=found.action, stage=found.stage, reason=reason)
    if not with_factors:
        return wire.SerializeToString()
    wire.rule_id, wire.observed, wire.required = found.rule, found.observed, found.required
    if found.factors is not None:
        wire.factors.ParseFromString(_nine(found.factors))
    if found.counterfactual is not None:
        wire.counterfactual.CopyFrom(counterfactual_message(found.counterfactual))
    return wire.SerializeToString()
