"""The contact policy: consent, quiet hours, pauses and stops, and what happens when something cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.ledger import OUTCOMES, OWN_SHIFT, Pause, own_outcome
from rules.policy import ConsentRule, ContactPolicy, Direction, Kind, QuietHours, Scope
from rules.situation import Moment, Standing
from rules.wording.code import Code
from tests.rules.shop import DAY, NOON, cap, compiled, contact_screened, contacts, names, offer, stop

ACTIONS = (
    offer("a"),
    offer("b", group="phones"),
    offer("note", kind=Kind.MESSAGE, issue="care"),
    offer("route", kind=Kind.CHANNEL_ROUTE, issue="care", treatments={}),
)
WEB, PUSH = Moment(NOON, "web"), Moment(NOON, "push")
NOTHING = contacts()
NIGHT = QuietHours(21 * 60, 8 * 60, (), applies_inbound=False)


def shop(**contact):
    return compiled(ACTIONS, contact=ContactPolicy(**contact))


def removed(ready, standing, moment=PUSH, customer=None):
    verdict = contact_screened(ready, standing, moment, customer)
    return [(removal.rule_id, removal.code, names(ready, removal.mask)) for removal in verdict.removals]


def test_without_a_contact_policy_nothing_is_removed():
    assert contact_screened(shop(), Standing(NOTHING), PUSH).removals == ()


@pytest.mark.parametrize(
    "consent", [None, {}, {"push:marketing": False}, {"web:marketing": True}, {"push:service": True}]
)
def test_consent_not_given_for_this_channel_and_purpose_is_no(consent):
    ready = shop(consent=(ConsentRule(("push",), "marketing", Scope(kinds=(Kind.OFFER,))),))
    assert removed(ready, Standing(NOTHING, consent=consent)) == [("marketing", Code.NO_CONSENT, {"a", "b"})]
    assert removed(ready, Standing(NOTHING, consent=consent), WEB) == []


def test_consent_given_lets_through():
    ready = shop(consent=(ConsentRule((), "marketing", Scope()),))
    assert removed(ready, Standing(NOTHING, consent={"push:marketing": True})) == []
    assert removed(ready, Standing(NOTHING, consent={}), WEB) == [("marketing", Code.NO_CONSENT, {"a", "b", "note"})]


def test_an_outbound_contact_in_quiet_hours_waits_for_their_end():
    ready = shop(quiet_hours=(NIGHT,))
    verdict = contact_screened(ready, Standing(NOTHING), Moment(NOON + 10 * 3600, "push"))
    assert (verdict.send_at, verdict.allowed) == (NOON + 20 * 3600, ready.catalogue.all)
    assert contact_screened(ready, Standing(NOTHING), PUSH).send_at is None


def test_quiet_hours_are_those_of_the_customers_zone():
    ready = shop(quiet_hours=(NIGHT,))
    assert contact_screened(ready, Standing(NOTHING, time_zone="America/New_York"), PUSH).send_at == NOON + 2 * 3600


def test_quiet_hours_bind_inbound_only_when_the_policy_says_so():
    late = Moment(NOON + 10 * 3600, "web")
    assert removed(shop(quiet_hours=(NIGHT,)), Standing(NOTHING), late) == []
    everywhere = QuietHours(21 * 60, 8 * 60, (), applies_inbound=True)
    verdict = contact_screened(shop(quiet_hours=(everywhere,)), Standing(NOTHING), late)
    assert (names(shop(), verdict.allowed), verdict.send_at) == ({"route"}, None)


def test_quiet_hours_name_their_channels():
    ready = shop(quiet_hours=(QuietHours(21 * 60, 8 * 60, ("web",), applies_inbound=False),))
    assert contact_screened(ready, Standing(NOTHING), Moment(NOON + 10 * 3600, "push")).send_at is None


def test_a_pause_rests_its_action_until_it_ends():
    pauses = (
        Pause(ACTIONS[0].stable_id, NOON + 1, "too_dear"),
        Pause(ACTIONS[1].stable_id, NOON, "over"),
        Pause(7, NOON + 9, "gone"),
    )
    assert removed(shop(), Standing(NOTHING, pauses), WEB) == [("too_dear", Code.PAUSED, {"a"})]


@pytest.mark.parametrize(
    ("customer", "told"),
    [
        ({"complaint": True}, [("open", Code.SELLING_STOPPED, {"a", "b"})]),
        ({"complaint": False}, []),
        ({}, [("open", Code.UNKNOWN_FACT, {"a", "b"})]),
    ],
)
def test_a_stop_holds_while_its_condition_does_or_is_unknown(customer, told):
    ready = shop(stops=(stop("open", when="customer.complaint", kinds=(Kind.OFFER,)),))
    assert removed(ready, Standing(NOTHING), WEB, customer) == told


def test_a_stop_about_actions_stops_some_of_them():
    ready = shop(stops=(stop("phones", when="action.group == 'phones' && customer.spend < 1", issues=("sales",)),))
    assert removed(ready, Standing(NOTHING), WEB) == [("phones", Code.SELLING_STOPPED, {"b"})]


@pytest.mark.parametrize(("ago", "told"), [(DAY, [("bought", Code.SELLING_STOPPED, {"a", "b"})]), (DAY + 1, [])])
def test_a_stop_lasts_for_a_time_after_an_outcome(ago, told):
    ready = shop(stops=(stop("bought", after=("ACCEPTED", "CALLBACK"), within=DAY, issues=("sales",)),))
    bought = contacts(
        (NOON - 9 * DAY, "note", "web", {"outcome": OUTCOMES.index("ACCEPTED"), "outcome_at": NOON - ago})
    )
    assert removed(ready, Standing(bought), WEB) == told
    for name, stops in (("CALLBACK", told), ("VISIT", [])):
        fields = {"outcome": OUTCOMES.index("OTHER"), "flags": own_outcome(name) << OWN_SHIFT, "outcome_at": NOON - ago}
        own = contacts((NOON - 9 * DAY, "note", "web", fields))
        assert removed(ready, Standing(own), WEB) == stops


def test_an_action_is_removed_once_by_the_first_reason():
    ready = shop(
        stops=(stop("open", when="customer.spend == 0", groups=("phones",)),),
        consent=(ConsentRule((), "ads", Scope(kinds=(Kind.OFFER,))),),
    )
    standing = Standing(NOTHING, (Pause(ACTIONS[0].stable_id, NOON + 1, "rest"),))
    assert removed(ready, standing) == [("open", Code.SELLING_STOPPED, {"b"}), ("ads", Code.NO_CONSENT, {"a"})]


def test_without_the_ledger_nothing_is_sold_and_nothing_capped_is_sent():
    ready = shop(caps=(cap("notes", 1, scope=Scope(kinds=(Kind.MESSAGE,))),))
    unread = Standing(NOTHING, contacts_known=False)
    assert removed(ready, unread, WEB) == [("", Code.CONTACTS_UNKNOWN, {"a", "b"})]
    assert removed(ready, unread, PUSH) == [("", Code.CONTACTS_UNKNOWN, {"a", "b", "note"})]


def test_an_outbound_contact_says_what_blocked_it():
    ready = shop(caps=(cap("week", 1, scope=Scope(kinds=(Kind.OFFER,))),))
    twice = contacts((NOON - 1, "a", "push"), (NOON - 1, "b", "push"))
    assert contact_screened(ready, Standing(twice), PUSH).blocked_by == ""
    stopped = shop(stops=(stop("never", when="true"),))
    assert contact_screened(stopped, Standing(NOTHING), PUSH).blocked_by == "never"
    assert contact_screened(stopped, Standing(NOTHING), WEB).blocked_by == ""


pauses = st.lists(
    st.builds(
        lambda i, until: Pause(ACTIONS[i].stable_id, NOON + until, "rest"),
        st.integers(0, 3),
        st.sampled_from([-1.0, 1.0]),
    )
)
consents = st.one_of(st.none(), st.dictionaries(st.sampled_from(["push:ads", "web:ads"]), st.booleans()))
complaints = st.sampled_from([{}, {"complaint": True}, {"complaint": False}])


@given(pauses, consents, complaints, st.booleans(), st.sampled_from(["push", "web"]))
def test_nothing_passes_that_any_part_of_the_contact_policy_forbids(resting, consent, customer, known, channel):
    ready = shop(
        consent=(ConsentRule(("push",), "ads", Scope(kinds=(Kind.OFFER,))),),
        stops=(stop("open", when="customer.complaint", groups=("phones",)),),
        caps=(cap("none", 1, directions=frozenset(Direction), scope=Scope(actions=("a",))),),
    )
    ledger = contacts((NOON - 5, "a", "web"))
    standing = Standing(ledger, tuple(resting), consent, contacts_known=known)
    allowed = names(ready, contact_screened(ready, standing, Moment(NOON, channel), customer).allowed)
    forbidden = {
        ready.catalogue.ids[ready.catalogue.by_stable[pause.action]] for pause in resting if pause.until > NOON
    }
    forbidden |= {"a"} | (set() if customer.get("complaint") is False else {"b"}) | (set() if known else {"a", "b"})
    if channel == "push" and not (consent or {}).get("push:ads"):
        forbidden |= {"a", "b"}
    assert allowed == set(ready.catalogue.ids) - forbidden
