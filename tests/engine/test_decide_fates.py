"""Whatever is asked of whomever: every action's fate is told once, and equal questions have equal answers."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.commit import Proposal, commit_request
from engine.decide import resolve
from engine.decision import Cause, Request, Trace
from engine.present import present
from engine.profile import know
from engine.resolution import Question
from engine.store import Profile
from models.codec import encode
from rules.policy import CONTACT_KINDS, ControlGroup, Exploration
from rules.situation import Moment
from rules.wording.code import Code
from tests.engine.company import ANNA, DAY, NOW, Company, changed, contact, corner_shop, proposed, telco

SHOP = corner_shop()
ARMS = ("", "random", "nothing", "propensity_only", "no_levers", "eligibility_only")
COMPARED = {
    arm: changed(SHOP, exploration=Exploration(0.5), control_groups=(ControlGroup("g", 1.0, arm),) if arm else ())
    for arm in ARMS
}
FEATURES = st.fixed_dictionaries(
    {},
    optional={
        "age": st.integers(10, 80),
        "tenure_months": st.integers(0, 60),
        "value_12m": st.floats(0, 2000),
        "orders_12m": st.integers(0, 9),
        "open_complaints": st.integers(0, 1),
        "data_used_share": st.floats(0, 1.2),
    },
)
ACTIONS = [one.id for one in SHOP.policy.policy.actions]
PAST = st.lists(
    st.tuples(
        st.sampled_from(ACTIONS),
        st.floats(0.01, 40),
        st.sampled_from(["web", "push", "call_centre"]),
        st.integers(0, 8),
    ),
    max_size=8,
)
ASKED = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["web", "call_centre", "push"]),
        "intent": st.sampled_from(["", "cancel"]),
        "exclude": st.lists(st.sampled_from(ACTIONS), max_size=3).map(tuple),
        "max_actions": st.integers(0, 2),
        "part": st.booleans(),
    }
)


def question(features, past, asked, consent=b'{"consent":{"push:marketing":true}}') -> Question:
    asked = dict(asked)
    declared = tuple(SHOP.policy.policy.channels[asked["channel"]].placements)
    part = declared[:1] if asked.pop("part") else ()
    rows = sorted(
        (contact(one, NOW - days * DAY, where, outcome=how) for one, days, where, how in past), key=lambda c: c.at
    )
    profile = Profile(
        vector=encode(SHOP.schema, features, ANNA, NOW) if features else None,
        contacts=b"".join(row.pack() for row in rows) or None,
        consent=consent,
    )
    request = Request(ANNA, placements=part, trace=Trace.FULL, view=True, **asked)
    return Question(request, know(SHOP, ANNA, profile, NOW), Moment(NOW, request.channel, request.intent))


@given(FEATURES, PAST, ASKED, st.sampled_from(ARMS))
@settings(max_examples=80)
def test_every_action_is_proposed_or_dropped_exactly_once(features, past, asked, arm):
    shop = COMPARED[arm]
    resolution = resolve(shop, question(features, past, asked))
    decision = present(shop, resolution, "x")
    shown = [one.action for placement in decision.placements for one in placement.actions]
    gone = [one.action for one in decision.dropped]
    assert sorted(shown + gone) == sorted(ACTIONS)
    assert all(one.stage and one.why.code and one.why.sentence for one in decision.dropped)
    assert all(one.stage != "arbitration" or one.factors is not None for one in decision.dropped)


@given(FEATURES, PAST, ASKED)
@settings(max_examples=40)
def test_the_same_question_has_the_same_answer_to_the_byte(features, past, asked):
    shop = COMPARED[""]
    written = []
    for _ in range(2):
        resolution = resolve(shop, question(features, past, asked))
        decision = present(shop, resolution, "0001-0123456789ab-0123456789")
        written.append((decision, commit_request(Proposal(shop, resolution, decision), (), take=False)))
    assert written[0] == written[1]


@given(FEATURES, PAST, ASKED)
@settings(max_examples=40)
def test_what_is_shown_is_worth_it_allowed_here_and_shown_once(features, past, asked):
    decision = present(COMPARED[""], resolve(COMPARED[""], question(features, past, asked)), "x")
    shown = [one for placement in decision.placements for one in placement.actions]
    assert len({one.action for one in shown}) == len(shown)
    assert not {one.action for one in shown} & set(asked["exclude"]) - {"route_general", "standard_service"}
    for one in shown:
        assert one.factors.priority >= 0.0
        assert one.kind not in CONTACT_KINDS or one.treatment.endswith(asked["channel"])


async def test_the_whole_telco_catalogue_is_accounted_for():
    company = Company(telco())
    for channel in telco().policy.policy.channels:
        company.know(ANNA, {"tenure_months": 30, "relationship_type": "postpaid", "value_12m": 700.0})
        decision = await company.decide(channel=channel, trace=Trace.FULL)
        gone = [one.action for one in decision.dropped]
        assert sorted(gone + proposed(decision)) == sorted(one.id for one in telco().policy.policy.actions)


def test_who_is_shown_nothing_to_learn_is_told_so_and_not_that_silence_is_best():
    shop = changed(SHOP, exploration=Exploration(1.0))
    asked = {"channel": "web", "intent": "", "exclude": (), "max_actions": 0, "part": False}
    found = []
    for day in range(60):
        one = question({"orders_12m": 1, "tenure_months": 20}, [], asked)
        at = NOW + day * DAY
        resolution = resolve(shop, replace(one, moment=replace(one.moment, now=at)))
        found.append(present(shop, resolution, "x"))
    drawn = [one for one in found if any(filled.cause is Cause.NOTHING_DRAWN for filled in one.placements)]
    assert 0 < len(drawn) < len(found)
    for decision in drawn:
        whys = [one.why for one in decision.dropped if one.why.code == Code.NOTHING_DRAWN]
        assert whys
        assert all("to learn" in why.sentence and "fits better" not in why.sentence for why in whys)
