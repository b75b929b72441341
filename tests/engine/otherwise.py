"""Counterfactuals applied from the outside: to the policy as it is written, the stored customer and the request."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.decide import resolve
from engine.decision import Audience, Request, Trace
from engine.explaining.in_question import changed_request
from engine.explaining.told import Change, ChangeKind
from engine.explaining.turning import finest_step
from engine.ids import CustomerKey
from engine.profile import know
from engine.resolution import Question, Resolution
from engine.snapshot import Snapshot
from engine.standing import Consent, pack_pauses
from engine.store import Profile
from models.codec import encode
from models.features import Feature, FeatureSchema, FeatureType
from rules.ledger import OUTCOMES, SEEN, Contact, Ledger, short_id, stable_id
from rules.policy import Direction, Policy, Scope, Threshold
from rules.situation import Moment
from tests.engine.company import DAY, NOW, changed


@dataclass(frozen=True)
class Asked:
    """A customer as stored, and what is asked about them."""

    features: Mapping[str, Any]
    consent: Mapping[str, bool]
    contacts: tuple[Contact, ...]
    pauses: tuple[tuple[int, int, float], ...]
    request: Request
    now: float


def resolved(snapshot: Snapshot, asked: Asked) -> Resolution:
    said, who = asked.request, asked.request.customer
    profile = Profile(
        vector=encode(snapshot.schema, asked.features, who, NOW - 3600),
        contacts=Ledger.of(asked.contacts).pack(),
        pauses=pack_pauses(asked.pauses),
        consent=Consent(asked.consent).pack(),
    )
    moment = Moment(asked.now, said.channel, said.intent, said.locale, said.context)
    return resolve(snapshot, Question(said, know(snapshot, who, profile, asked.now), moment))


def wins(snapshot: Snapshot, asked: Asked, action: str, changes: Sequence[Change]) -> bool:
    """Whether the action comes first somewhere with the changes, the policy compiled anew."""
    policy, stopped = snapshot.policy.policy, {snapshot.policy.catalogue.ids[i] for i in _stopped(snapshot)}
    for one in changes:
        policy = in_policy(policy, one, asked)
        asked = in_asked(asked, one)
        stopped -= {one.target} if one.kind is ChangeKind.STOP else set()
    fields = {name: getattr(policy, name) for name in Policy.__dataclass_fields__}
    other = changed(snapshot, **fields) if policy is not snapshot.policy.policy else snapshot
    found = resolved(other.with_stopped(frozenset(stopped)), asked)
    first = [placed.picked.actions[:1] for placed in found.placed]
    return (other.policy.catalogue.index[action],) in first


def _stopped(snapshot: Snapshot) -> list[int]:
    return [i for i in range(len(snapshot.policy.catalogue)) if snapshot.stopped >> i & 1]


def in_policy(policy: Policy, change: Change, asked: Asked) -> Policy:
    """What the change would be in the file."""
    name, _, more = change.target.partition(".")
    match change.kind:
        case ChangeKind.BOOST:
            policy = _with_boost(policy, change)
        case ChangeKind.CONTEXT_WEIGHT:
            policy = replace(policy, context_weights=_edited(policy.context_weights, name, add=change.after))
        case ChangeKind.VALUE:
            value = next(one.value for one in policy.actions if one.id == name)
            policy = replace(policy, actions=_edited(policy.actions, name, value={**value, more: change.after}))
        case ChangeKind.THRESHOLD:
            policy = _with_least(policy, name, {more: change.after}, asked.request.channel)
        case ChangeKind.RULE:
            policy = _without(policy, change.target)
        case ChangeKind.VALIDITY:
            policy = replace(policy, actions=_edited(policy.actions, name, valid_to=change.after))
        case ChangeKind.EXPLORATION:
            policy = replace(policy, exploration=replace(policy.exploration, share=change.after))
        case ChangeKind.CONTROL_GROUP:
            policy = replace(policy, control_groups=())
        case ChangeKind.MANDATORY:
            policy = replace(policy, actions=_edited(policy.actions, name, mandatory=True))
    return policy


def _with_boost(policy: Policy, change: Change) -> Policy:
    boosts = {**policy.levers.actions, change.target: change.after}
    return replace(policy, levers=replace(policy.levers, actions=boosts))


def _with_least(policy: Policy, action: str, least: Mapping[str, Any], channel: str) -> Policy:
    """One threshold more that names the action, so that it wins over the others."""
    kinds = tuple(one.kind for one in policy.actions if one.id == action)
    given = {"min_propensity": None, "min_priority": None, **least}
    made = Threshold(
        scope=Scope(actions=(action,), kinds=kinds), channels=(channel,), directions=frozenset(Direction), **given
    )
    kept = (replace(one, **dict.fromkeys(least)) for one in policy.thresholds)
    return replace(policy, thresholds=(*kept, made))


def _edited(ones: Sequence[Any], name: str, **fields: Any) -> tuple[Any, ...]:
    return tuple(replace(one, **fields) if one.id == name else one for one in ones)


def _without(policy: Policy, rule: str) -> Policy:
    def kept(ones: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(one for one in ones if one.id != rule)

    contact = policy.contact
    contact = replace(contact, stops=kept(contact.stops), caps=kept(contact.caps), cool_downs=kept(contact.cool_downs))
    return replace(policy, rules=kept(policy.rules), contact=contact)


def in_asked(asked: Asked, change: Change) -> Asked:
    """What the change would be in the store and the request."""
    match change.kind:
        case ChangeKind.FEATURE:
            return replace(asked, features={**asked.features, change.target: change.after})
        case ChangeKind.CONSENT:
            return replace(asked, consent={**asked.consent, change.target: True})
        case ChangeKind.TIME:
            return replace(asked, now=change.after)
        case ChangeKind.REQUEST:
            return replace(asked, request=changed_request(asked.request, change.target, change.after))
    return asked


def smaller(schema: FeatureSchema, change: Change) -> list[Change]:
    """The same change a little or a good deal smaller; none where there is nothing in between."""
    before, after = change.before, change.after
    if change.kind in {ChangeKind.BOOST, ChangeKind.VALUE, ChangeKind.CONTEXT_WEIGHT}:
        halfway = math.floor((before + after) * 50) / 100
        return [replace(change, after=one) for one in {round(after - 0.01, 2), halfway} - {after}]
    if change.kind is ChangeKind.TIME:
        return [replace(change, after=after - 0.01)]
    if change.kind is ChangeKind.THRESHOLD:
        return [replace(change, after=after + (2e-6 if change.target.endswith("propensity") else 0.02))]
    if change.kind is ChangeKind.FEATURE and isinstance(before, float) and isinstance(after, float):
        return [replace(change, after=one) for one in _between(schema.feature(change.target), before, after)]
    return []


def _between(feature: Feature, before: float, after: float) -> list[float]:
    """The value beside the last on the way, and one half-way."""
    step = 1.0 if feature.type is FeatureType.INTEGER else finest_step(after)
    beside, halfway = after - step if after > before else after + step, (before + after) / 2
    found = {round(one / step) * step for one in (beside, halfway)}
    return sorted(one for one in found if min(before, after) < one < max(before, after))


def anybody(snapshot: Snapshot, seed: int) -> Asked:
    """Somebody, asked about somewhere, at some time."""
    rng, policy = random.Random(seed), snapshot.policy.policy
    channel = rng.choice(list(policy.channels))
    now = NOW + rng.random() * DAY
    purposes = ("marketing", "service")
    context = {"queue_minutes": round(rng.random() * 20, 1)} if "queue_minutes" in policy.context else {}
    placements = tuple(policy.channels[channel].placements)
    excluded = tuple(rng.sample([one.id for one in policy.actions], 2)) if rng.random() < 0.3 else ()
    return Asked(
        features=features(snapshot.schema, rng),
        consent={f"{name}:{purpose}": rng.random() < 0.6 for name in policy.channels for purpose in purposes},
        contacts=tuple(sorted((_contact(policy, rng, now) for _ in range(rng.randint(0, 6))), key=lambda one: one.at)),
        pauses=tuple(_pause(policy, rng, now) for _ in range(rng.randint(0, 2))),
        request=Request(
            CustomerKey("shop", f"c{seed}"),
            channel,
            intent=rng.choice(policy.intents),
            context=context,
            placements=(rng.choice(placements),) if rng.random() < 0.2 else (),
            exclude=excluded,
            trace=Trace.FULL,
            audience=Audience.ANALYST,
        ),
        now=now,
    )


def features(schema: FeatureSchema, rng: random.Random) -> dict[str, Any]:
    return {one.name: _value(one, rng) for one in schema.features if rng.random() > 0.1 and one.source is None}


def _value(one: Feature, rng: random.Random) -> Any:
    match one.type:
        case FeatureType.CATEGORY:
            return rng.choice(one.values)
        case FeatureType.FLAG:
            return rng.random() < 0.3
        case FeatureType.INTEGER:
            return rng.choice((0, 0, rng.randint(0, 60)))
    return round(rng.choice((0.0, rng.random(), rng.random() * 100, rng.random() * 1000)), 2)


def _contact(policy: Policy, rng: random.Random, now: float) -> Contact:
    at = now - rng.random() * 20 * DAY
    channel = rng.choice(list(policy.channels.values()))
    outcome = rng.choice((0, 0, rng.randrange(len(OUTCOMES))))
    return Contact(
        at=at,
        action=stable_id(rng.choice(policy.actions).id),
        decision=rng.randrange(1000),
        channel=short_id(channel.name),
        direction=int(channel.direction is Direction.OUTBOUND),
        outcome=outcome,
        flags=rng.choice((0, SEEN)),
        outcome_at=min(now, at + 3600) if outcome else 0.0,
    )


def _pause(policy: Policy, rng: random.Random, now: float) -> tuple[int, int, float]:
    cause = rng.choice(policy.contact.pauses).id
    return stable_id(rng.choice(policy.actions).id), stable_id(cause), now + (rng.random() - 0.3) * 30 * DAY
