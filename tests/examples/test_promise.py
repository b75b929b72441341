"""The promise: the same customer with the same need at the same moment is the same customer in every channel.

Each example company is met in all of its channels at once. Every channel is given every place and every action a
treatment in it, so that only the rules can tell one channel from another; what says `channel_specific` is left out.
"""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import orjson
import pytest

from engine.decide import resolve
from engine.decision import Request
from engine.ids import CustomerKey
from engine.profile import know
from engine.resolution import Question
from engine.snapshot import Snapshot, facts_of, snapshot_of
from engine.standing import Consent
from engine.store import Profile
from models.codec import encode
from models.features import FeatureType
from rules.compiled import compile_policy
from rules.ledger import OUTCOMES, Contact, short_id, stable_id
from rules.policy import Kind
from rules.screen import Candidates, screen
from rules.situation import Moment
from tests.examples.packs import NOW, PACKS, Pack

CUSTOMERS = 25
DAY = 86_400.0


@cache
def everywhere(name: str) -> Snapshot:
    """The company with all its places in every channel, and without the rules that say why they differ by channel."""
    pack = Pack(name)
    policy = pack.policy
    placements = {
        name: one for channel in reversed(policy.channels.values()) for name, one in channel.placements.items()
    }
    channels = {name: replace(one, placements=placements) for name, one in policy.channels.items()}
    actions = tuple(replace(one, treatments=_in_all(one.treatments, channels)) for one in policy.actions)
    same = replace(
        policy,
        channels=channels,
        actions=actions,
        rules=tuple(one for one in policy.rules if not one.channel_specific),
        tables=tuple(one for one in policy.tables if not one.channel_specific),
    )
    compiled = compile_policy(same, facts_of(pack.schema), lambda *problem: pytest.fail(str(problem)))
    assert compiled is not None
    return snapshot_of(compiled, pack.schema, None)


def _in_all(treatments, channels):
    if not treatments:
        return {}
    some = next(iter(treatments.values()))
    return {name: treatments.get(name, replace(some, channel=name)) for name in channels}


def drawn_profile(snapshot: Snapshot, key: CustomerKey, draw: random.Random) -> Profile:
    """Anyone: features known or not, contacts with outcomes, a tier held for a while, some consent."""
    policy = snapshot.policy.policy
    known = {one.name: _value(one, draw) for one in snapshot.schema.features if draw.random() < 0.85}
    contacts = sorted((_contact(policy, draw) for _ in range(draw.randrange(6))), key=lambda one: one.at)
    held = {"tier": draw.choice(policy.tiers).name, "since": NOW - draw.uniform(0, 400) * DAY}
    return Profile(
        vector=encode(snapshot.schema, known, key, NOW - DAY),
        contacts=b"".join(one.pack() for one in contacts),
        consent=Consent({f"{name}:marketing": draw.random() < 0.5 for name in policy.channels}).pack(),
        tier=orjson.dumps(held) if draw.random() < 0.7 else None,
    )


def _value(feature, draw):
    match feature.type:
        case FeatureType.FLAG:
            return draw.random() < 0.3
        case FeatureType.CATEGORY:
            return draw.choice(feature.values)
        case FeatureType.INTEGER:
            return draw.choice([0, 1, 2, draw.randrange(40), draw.randrange(400)])
    return draw.choice([0.0, draw.random(), draw.uniform(0, 40), draw.uniform(0, 2000)])


def _contact(policy, draw):
    action, channel = draw.choice(policy.actions).id, draw.choice(list(policy.channels))
    at = NOW - draw.uniform(0, 60) * DAY
    outcome = draw.randrange(len(OUTCOMES))
    told = {"outcome": outcome, "outcome_at": at + 60.0} if outcome else {}
    return Contact(at, stable_id(action), 1, short_id(channel), 0, **told)


def drawn_moment(snapshot: Snapshot, draw: random.Random):
    """A need and what surrounds it; the channel comes later."""
    policy = snapshot.policy.policy
    context = {
        name: draw.choice(one.values) if one.values else draw.uniform(0, 100)
        for name, one in policy.context.items()
        if draw.random() < 0.7 and (one.values or one.type == "number")
    }
    return NOW + draw.uniform(0, 30) * DAY, draw.choice(policy.intents or ("",)), context


def met(snapshot: Snapshot, key: CustomerKey, profile: Profile, moment, channel: str):
    """What one channel makes of the customer: tier, who stays before the contact policy, service, draws."""
    now, intent, context = moment
    question = Question(
        Request(key, channel, intent, context),
        know(snapshot, key, profile, now),
        Moment(now, channel, intent, "", context),
    )
    found = resolve(snapshot, question)
    verdicts = snapshot.policy.judge(found.values, found.tier)
    left = screen(snapshot.policy, verdicts, question.moment, Candidates(snapshot.policy.catalogue.all))
    served = {
        one.placement.name: one.picked.actions for one in found.placed if one.placement.kinds == {Kind.SERVICE_LEVEL}
    }
    draws = {one.placement.name: (one.slot.draw, one.slot.share) for one in found.placed if one.slot.share}
    return found.tier.tier.name, found.tier.direction, left.allowed, served, draws


@pytest.mark.parametrize("name", PACKS)
def test_no_channel_tells_a_customer_from_the_same_one_elsewhere(name):
    snapshot, draw = everywhere(name), random.Random(11)
    tiers, allowed, draws = set(), set(), set()
    for number in range(CUSTOMERS):
        key = CustomerKey("default", f"customer-{number}")
        profile, moment = drawn_profile(snapshot, key, draw), drawn_moment(snapshot, draw)
        found = {channel: met(snapshot, key, profile, moment, channel) for channel in snapshot.policy.policy.channels}
        first = next(iter(found.values()))
        assert set(map(repr, found.values())) == {repr(first)}, (number, found)
        tiers.add(first[0])
        allowed.add(first[2])
        draws |= {drawn for drawn, _ in first[4].values()}
    assert min(len(tiers), len(allowed), len(draws)) > 1


@pytest.mark.parametrize("name", PACKS)
def test_every_rule_that_reads_the_channel_says_why(name):
    compiled = Pack(name).compiled
    reads = {rule.id for rule in compiled.policy.rules if _asks_channel(compiled.reads[rule.id])}
    assert reads == {rule.id for rule in compiled.policy.rules if rule.channel_specific}


def _asks_channel(reads):
    return bool({"moment.channel", "moment.direction"} & set(reads))
