"""Pauses: what rests after an outcome, counted over what, and until when."""

import pytest

from rules.ledger import OUTCOMES, own_outcome, short_id, stable_id
from rules.pauses import pauses_after
from rules.policy import ContactPolicy, Kind, PauseRule, Scope
from tests.rules.shop import DAY, HERE, NOON, compiled, offer

ACTIONS = (
    offer("a", group="phones", attributes={"family": "phone"}),
    offer("b", group="phones", tags=frozenset({"hot"})),
    offer("c", attributes={"family": "phone"}),
    offer("note", kind=Kind.MESSAGE, group="phones", issue="care"),
    offer("route", kind=Kind.CHANNEL_ROUTE, group="phones"),
)


def pause(name, **fields):
    given = {
        "outcomes": frozenset({"REJECTED"}),
        "reason_codes": frozenset(),
        "times": 1,
        "window": 30 * DAY,
        "paused": "action",
        "duration": 90 * DAY,
        "scope": Scope(),
    }
    return PauseRule(id=name, place=HERE, **(given | fields))


def after(rule, action="a", outcome="REJECTED", reason="too_dear"):
    ready = compiled(ACTIONS, contact=ContactPolicy(pauses=(rule,)))
    return pauses_after(ready, ready.catalogue.index[action], outcome, reason, NOON)


def named(stable):
    return {action.id for action in ACTIONS if action.stable_id in stable}


def test_a_pause_says_what_the_store_must_count_and_until_when():
    (found,) = after(pause("dear", times=2, reason_codes=frozenset({"too_dear"})))
    assert (found.cause, found.times, found.since, found.until) == (
        stable_id("dear"),
        2,
        NOON - 30 * DAY,
        NOON + 90 * DAY,
    )
    assert (found.outcomes, found.reasons) == (1 << OUTCOMES.index("REJECTED"), (short_id("too_dear"),))
    assert named(found.counted) == named(found.paused) == {"a"}


@pytest.mark.parametrize(
    ("paused", "rests"),
    [
        ("action", {"a"}),
        ("group", {"a", "b", "note"}),
        ("issue", {"a", "b", "c"}),
        ("scope", {"a", "b", "c", "note"}),
        ("family", {"a", "c"}),
    ],
)
def test_what_is_paused_rests_together(paused, rests):
    (found,) = after(pause("p", paused=paused))
    assert named(found.paused) == rests


def test_an_action_without_the_attribute_rests_alone():
    (found,) = after(pause("p", paused="family"), action="b")
    assert named(found.paused) == {"b"}


def test_outcomes_of_the_scope_count_and_pause_beyond_it():
    hot = pause("hot", paused="group", scope=Scope(tags=("hot",)))
    assert after(hot, action="a") == ()
    (found,) = after(hot, action="b")
    assert named(found.counted) == {"b"}
    assert named(found.paused) == {"a", "b", "note"}


def test_other_outcomes_and_other_reasons_pause_nothing():
    dear = pause("dear", reason_codes=frozenset({"too_dear"}))
    assert after(dear, outcome="ACCEPTED") == ()
    assert after(dear, reason="not_now") == ()
    assert after(dear, reason="") == ()


def test_the_policys_own_outcomes_pause_by_their_own_names():
    (found,) = after(pause("p", outcomes=frozenset({"CALLBACK", "NO_RESPONSE"})), outcome="CALLBACK", reason="")
    assert (found.outcomes, found.own) == (1 << OUTCOMES.index("NO_RESPONSE"), (own_outcome("CALLBACK"),))


@pytest.mark.parametrize("duration", [0.0, 0.5, 90 * DAY])
def test_every_pause_ends_and_none_ends_before_it_began(duration):
    (found,) = after(pause("p", duration=duration))
    assert NOON < found.until <= NOON + 90 * DAY
