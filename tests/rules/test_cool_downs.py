"""Cool-downs: after a contact the company keeps quiet for a while, and says when asking again may help."""

from dataclasses import replace

import pytest

from rules.caps import EARLIER_ONLY
from rules.contact import claims_for
from rules.ledger import Ledger, short_id, stable_id
from rules.policy import ContactPolicy, CoolDown, Direction, Kind, QuietHours, Scope
from rules.situation import Moment, Standing
from tests.rules.shop import HERE, NOON, compiled, contact_screened, contacts, names, offer

HOUR = 3600.0
ACTIONS = (offer("a"), offer("b", group="phones"), offer("tip", kind=Kind.MESSAGE, issue="service"))


def cool_down(**fields):
    """Four hours without an outbound contact after any contact."""
    given = {
        "duration": 4 * HOUR,
        "begun_by": Scope(),
        "begun_over": (),
        "begun_in": frozenset(Direction),
        "scope": Scope(),
        "channels": (),
        "directions": frozenset({Direction.OUTBOUND}),
    }
    return CoolDown(id="rest", place=HERE, **(given | fields))


def shop(*cool_downs, **contact):
    return compiled(ACTIONS, contact=ContactPolicy(cool_downs=cool_downs, **contact))


def screened(ready, *rows, channel="push", now=NOON):
    return contact_screened(ready, Standing(contacts(*rows)), Moment(now, channel))


@pytest.mark.parametrize(
    ("ago", "left"), [(0.5, set()), (3.9, set()), (4.0, {"a", "b", "tip"}), (5.0, {"a", "b", "tip"})]
)
def test_nobody_is_contacted_before_the_cool_down_is_over(ago, left):
    ready = shop(cool_down())
    assert names(ready, screened(ready, (NOON - ago * HOUR, "a", "web")).allowed) == left


def test_the_answer_names_the_rule_and_when_asking_again_helps():
    ready = shop(cool_down())
    verdict = screened(ready, (NOON - HOUR, "a", "web"), (NOON - 2 * HOUR, "b", "push"))
    assert (verdict.blocked_by, verdict.ask_again_at) == ("rest", NOON + 3 * HOUR)
    asked_again = screened(ready, (NOON - HOUR, "a", "web"), now=NOON + 3 * HOUR)
    assert asked_again.allowed == ready.catalogue.all
    assert asked_again.ask_again_at is None


def test_asking_again_is_put_off_to_the_end_of_the_quiet_hours():
    night = QuietHours(start=15 * 60, end=20 * 60, channels=("push",), applies_inbound=False)
    ready = shop(cool_down(), quiet_hours=(night,))
    assert screened(ready, (NOON - 0.5 * HOUR, "a", "web")).ask_again_at == NOON + 8 * HOUR


def test_inbound_contacts_wait_only_where_the_policy_says_so():
    ready = shop(cool_down())
    assert screened(ready, (NOON - HOUR, "a", "push"), channel="web").allowed == ready.catalogue.all
    anywhere = shop(cool_down(directions=frozenset(Direction)))
    verdict = screened(anywhere, (NOON - HOUR, "a", "push"), channel="web")
    assert (verdict.allowed, verdict.ask_again_at) == (0, None)


def test_an_open_offer_is_honoured_inbound_whatever_cools_down():
    actions = (replace(ACTIONS[0], valid_for=86400.0), *ACTIONS[1:])
    ready = compiled(actions, contact=ContactPolicy(cool_downs=(cool_down(directions=frozenset(Direction)),)))
    verdict = screened(ready, (NOON - HOUR, "a", "push"), channel="web")
    assert names(ready, verdict.allowed) == {"a"}


@pytest.mark.parametrize(
    ("fields", "row", "left"),
    [
        ({"begun_over": ("push",)}, (NOON - HOUR, "a", "web"), {"a", "b", "tip"}),
        ({"begun_in": frozenset({Direction.OUTBOUND})}, (NOON - HOUR, "a", "web"), {"a", "b", "tip"}),
        ({"begun_by": Scope(groups=("phones",))}, (NOON - HOUR, "a", "web"), {"a", "b", "tip"}),
        ({"begun_by": Scope(groups=("phones",))}, (NOON - HOUR, "b", "web"), set()),
        ({"scope": Scope(kinds=(Kind.OFFER,))}, (NOON - HOUR, "a", "web"), {"tip"}),
        ({"channels": ("web",)}, (NOON - HOUR, "a", "web"), {"a", "b", "tip"}),
        ({}, (NOON - HOUR, "gone since", "fax"), set()),
    ],
)
def test_channels_directions_and_scopes_say_what_begins_it_and_what_waits(fields, row, left):
    ready = shop(cool_down(**fields))
    assert names(ready, screened(ready, row).allowed) == left


def test_a_new_contact_claims_that_no_other_decision_began_one():
    ready = shop(cool_down(begun_by=Scope(groups=("phones",)), begun_over=("push", "web")))
    (claim,) = claims_for(ready, ready.catalogue.index["a"], Moment(NOON, "push"), Standing(Ledger()))
    assert (claim.cap_id, claim.limit, claim.directions) == ("rest", 1, 3 | EARLIER_ONLY)
    assert claim.since == pytest.approx(NOON - 4 * HOUR, abs=0.01)
    assert (claim.channels, claim.actions) == ((short_id("push"), short_id("web")), (stable_id("b"),))


def test_where_contacts_cannot_be_read_what_must_wait_is_not_proposed():
    ready = shop(cool_down(scope=Scope(kinds=(Kind.MESSAGE,))))
    verdict = contact_screened(ready, Standing(Ledger(), contacts_known=False), Moment(NOON, "push"))
    assert verdict.allowed == 0
