"""Encoding a decision in pieces gives the message that the generated code builds."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from befit.v1 import action_pb2, decide_pb2
from engine.decision import (
    Audience,
    Cause,
    CustomerView,
    Decision,
    Degraded,
    Dropped,
    Factors,
    Filled,
    RankedAction,
    RecentContact,
    Why,
)
from engine.explaining.told import Change, ChangeKind, Contribution, Counterfactual
from engine.wire.bytes import double_tags, varint
from engine.wire.decision import DecisionEncoder
from engine.wire.explain import contribution_message, counterfactual_message
from engine.wire.view import stamp, view_for_customers, view_message
from rules.policy import Content, Kind

TEXT = st.text(max_size=12)
NUMBER = st.floats(allow_nan=False)
TIME = st.floats(0, 4e9)
FACTORS = st.builds(Factors, *[NUMBER] * 9)
WHYS = st.builds(Why, TEXT, TEXT)
CONTENT = st.builds(Content, *[TEXT] * 7)
VALUES = st.none() | NUMBER | TEXT | st.booleans()
CHANGES = st.builds(Change, st.sampled_from(ChangeKind), TEXT, VALUES, VALUES, TEXT)
COUNTERFACTUALS = st.none() | st.builds(Counterfactual, st.lists(CHANGES, max_size=2).map(tuple), TEXT)
CONTRIBUTIONS = st.builds(Contribution, TEXT, TEXT, VALUES, NUMBER, TEXT)
ACTIONS = st.builds(
    RankedAction,
    rank=st.integers(1, 300),
    action=TEXT,
    kind=st.sampled_from(Kind),
    issue=TEXT,
    group=TEXT,
    treatment=TEXT,
    content=CONTENT,
    reject_reasons=st.lists(TEXT, max_size=3).map(tuple),
    valid_until=st.none() | TIME,
    factors=FACTORS,
    probability=st.none() | st.floats(0, 1),
    explored=st.booleans(),
    honoured=st.booleans(),
    reasons=st.lists(WHYS, max_size=2).map(tuple),
    counterfactual=COUNTERFACTUALS,
    contributions=st.lists(CONTRIBUTIONS, max_size=2).map(tuple),
)
DROPPED = st.builds(Dropped, TEXT, TEXT, TEXT, WHYS, st.none() | FACTORS, TEXT, TEXT, COUNTERFACTUALS)
PLACEMENTS = st.builds(
    Filled,
    placement=TEXT,
    actions=st.lists(ACTIONS, max_size=3).map(tuple),
    cause=st.sampled_from(Cause),
    send_at=st.none() | TIME,
    expires_at=st.none() | TIME,
    blocked_by=TEXT,
)
VIEWS = st.builds(
    CustomerView,
    recent=st.lists(st.builds(RecentContact, TIME, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    open_offers=st.lists(st.tuples(TEXT, TIME), max_size=2).map(tuple),
    features=st.dictionaries(TEXT, NUMBER | st.booleans() | TEXT, max_size=3),
    pauses=st.lists(st.tuples(TEXT, TIME, TEXT), max_size=2).map(tuple),
)
DECISIONS = st.builds(
    Decision,
    decision_id=TEXT,
    procedure=st.none(),
    placements=st.lists(PLACEMENTS, max_size=3).map(tuple),
    tier=TEXT,
    tier_why=TEXT,
    policy_revision=TEXT,
    model_revision=TEXT,
    degraded=st.lists(st.sampled_from(Degraded), max_size=3).map(tuple),
    features_age_seconds=st.none() | NUMBER,
    server_micros=st.integers(0, 2**63),
    experiment_group=TEXT,
    dropped=st.lists(DROPPED, max_size=2).map(tuple),
    view=st.none() | VIEWS,
    repeated=st.booleans(),
)


def _reason(why: Why) -> action_pb2.Reason:
    return action_pb2.Reason(code=why.code, sentence=why.sentence)


def _action(action: RankedAction, audience: Audience) -> action_pb2.RankedAction:
    names = ("title", "body", "say", "if_objected", "accept", "reject", "link")
    wire = action_pb2.RankedAction(
        rank=action.rank,
        action_id=action.action,
        kind=f"ACTION_KIND_{action.kind}",
        issue=action.issue,
        group=action.group,
        treatment_id=action.treatment,
        content=action_pb2.Content(**{name: getattr(action.content, name) for name in names}),
        reject_reasons=action.reject_reasons,
        honoured=action.honoured,
        reasons=[_reason(why) for why in action.reasons],
    )
    if action.valid_until is not None:
        wire.valid_until.CopyFrom(stamp(action.valid_until))
    if audience is not Audience.CUSTOMER:
        wire.factors.CopyFrom(_factors(action.factors))
        wire.explored = action.explored
        if action.probability is not None:
            wire.probability = action.probability
        if action.counterfactual is not None:
            wire.counterfactual.CopyFrom(counterfactual_message(action.counterfactual))
        wire.contributions.extend(map(contribution_message, action.contributions))
    return wire


def _factors(factors: Factors) -> action_pb2.Factors:
    return action_pb2.Factors(**{name: getattr(factors, name) for name in Factors.__struct_fields__})


def _dropped(dropped: Dropped, audience: Audience) -> action_pb2.DroppedAction:
    wire = action_pb2.DroppedAction(action_id=dropped.action, stage=dropped.stage, reason=_reason(dropped.why))
    if audience is not Audience.CUSTOMER:
        wire.rule_id, wire.observed, wire.required = dropped.rule, dropped.observed, dropped.required
        if dropped.factors is not None:
            wire.factors.CopyFrom(_factors(dropped.factors))
        if dropped.counterfactual is not None:
            wire.counterfactual.CopyFrom(counterfactual_message(dropped.counterfactual))
    return wire


def _placement(filled: Filled, audience: Audience) -> decide_pb2.FilledPlacement:
    return decide_pb2.FilledPlacement(
        placement=filled.placement,
        actions=[_action(action, audience) for action in filled.actions],
        cause=f"CAUSE_{filled.cause or 'UNSPECIFIED'}",
        send_at=None if filled.send_at is None else stamp(filled.send_at),
        expires_at=None if filled.expires_at is None else stamp(filled.expires_at),
        blocked_by="" if audience is Audience.CUSTOMER else filled.blocked_by,
    )


def _built(d: Decision, audience: Audience) -> Message:
    shown = audience is not Audience.CUSTOMER
    view = d.view if d.view is None or shown else view_for_customers(d.view)
    return decide_pb2.DecideResponse(
        decision_id=d.decision_id,
        placements=[_placement(filled, audience) for filled in d.placements],
        tier=d.tier if shown else "",
        tier_why=d.tier_why,
        policy_revision=d.policy_revision,
        model_revision=d.model_revision,
        degraded=[f"DEGRADED_{code}" for code in d.degraded],
        features_age_seconds=d.features_age_seconds,
        server_micros=d.server_micros,
        experiment_group=d.experiment_group if shown else "",
        dropped=[_dropped(dropped, audience) for dropped in d.dropped],
        view=None if view is None else view_message(view),
        repeat=d.repeated,
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(DECISIONS, min_size=1, max_size=2), st.sampled_from(Audience))
def test_pieces_joined_parse_to_the_generated_message(decisions: list[Decision], audience: Audience):
    encoder = DecisionEncoder()
    for decision in (*decisions, *decisions):
        parsed = decide_pb2.DecideResponse.FromString(encoder.encode(decision, audience))
        assert parsed == _built(decision, audience)


def test_customers_get_no_factors():
    factors = Factors(0.1, 0.0, 120.0, 1.0, 0.0, 1.0, 1.0, 0.0, 11.0)
    action = RankedAction(1, "a", Kind.OFFER, "i", "g", "t", Content(), (), None, factors, 1.0)
    decision = Decision("", (Filled("offer", (action,)),), "", "", "", "")
    encoder = DecisionEncoder()
    for audience, shown in ((Audience.CUSTOMER, False), (Audience.AGENT, True)):
        parsed = decide_pb2.DecideResponse.FromString(encoder.encode(decision, audience))
        assert parsed.placements[0].actions[0].HasField("factors") is shown


def test_what_is_kept_stays_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.wire.decision.MOST_KEPT", 3)
    encoder = DecisionEncoder()
    for tier in "abcdefgh":
        answer = encoder.encode(Decision("", (), tier, "", "", ""), Audience.AGENT)
        assert decide_pb2.DecideResponse.FromString(answer).tier == tier
    assert len(encoder._heads) <= 3


@pytest.mark.parametrize(("number", "encoded"), [(0, "00"), (127, "7f"), (128, "8001"), (300, "ac02")])
def test_numbers_are_written_seven_bits_a_byte(number: int, encoded: str):
    assert varint(number).hex() == encoded


def test_only_messages_of_doubles_can_be_packed_as_doubles():
    with pytest.raises(ValueError, match="Content"):
        double_tags(action_pb2.Content)


@pytest.mark.parametrize("at", [0.0, 1_763_000_000.123456, 1_763_000_000.9999999])
def test_times_are_kept_to_the_microsecond(at: float):
    wire = stamp(at)
    assert 0 <= wire.nanos < 1_000_000_000
    assert wire.seconds + wire.nanos / 1e9 == pytest.approx(at, abs=1e-6)
