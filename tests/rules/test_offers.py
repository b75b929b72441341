"""Offers made stay honoured, on every inbound channel, until they lapse, are rejected or taken."""

import pytest

from rules.contact import read_history
from rules.ledger import OUTCOMES, SEEN
from rules.policy import ContactPolicy, Direction, Kind
from rules.situation import Moment, Standing
from tests.rules.shop import DAY, NOON, cap, compiled, contact_screened, contacts, names, offer

ACTIONS = (
    offer("a", valid_for=7 * DAY),
    offer("b", valid_for=2 * DAY),
    offer("never"),
    offer("message", kind=Kind.MESSAGE, valid_for=7 * DAY),
)
WEB, PUSH = Moment(NOON, "web"), Moment(NOON, "push")
READY = compiled(ACTIONS)


def outcome(name, at):
    return {"outcome": OUTCOMES.index(name), "outcome_at": at}


SHOWN = {"flags": SEEN}


def open_offers(ledger, moment=WEB):
    history = read_history(READY, Standing(ledger), moment)
    return {READY.catalogue.ids[index]: until for index, until in history.offers.until.items()}


def test_an_offer_of_any_channel_is_open_until_it_lapses():
    made = contacts(
        (NOON - 6 * DAY, "a", "push"), (NOON - 3 * DAY, "b", "web", SHOWN), (NOON - 1, "never", "web", SHOWN)
    )
    assert open_offers(made) == {"a": NOON + DAY}
    assert open_offers(contacts((NOON - 7 * DAY, "a", "push"))) == {}


def test_what_an_inbound_channel_asked_for_and_nobody_was_shown_is_no_promise():
    assert open_offers(contacts((NOON - DAY, "a", "web"), (NOON - DAY, "b", "call_centre"))) == {}
    unseen_first = contacts((NOON - 5 * DAY, "a", "web"), (NOON - DAY, "a", "web", SHOWN))
    assert open_offers(unseen_first) == {"a": NOON + 6 * DAY}


def test_silence_alone_does_not_say_that_an_offer_was_shown():
    assert open_offers(contacts((NOON - DAY, "a", "web", outcome("NO_RESPONSE", NOON - 1)))) == {}


def test_only_offers_are_promises():
    assert open_offers(contacts((NOON - 1, "message", "push"))) == {}


@pytest.mark.parametrize("said", ["ACCEPTED", "REJECTED", "CONVERSION"])
def test_an_offer_rejected_or_taken_is_no_longer_open(said):
    assert open_offers(contacts((NOON - DAY, "a", "web", outcome(said, NOON - 1)))) == {}


@pytest.mark.parametrize("said", ["IMPRESSION", "CLICKED", "NO_RESPONSE"])
def test_an_offer_looked_at_stays_open(said):
    assert open_offers(contacts((NOON - DAY, "a", "web", outcome(said, NOON - 1) | {"flags": SEEN}))) == {
        "a": NOON + 6 * DAY
    }


def test_a_rejection_closes_every_earlier_showing():
    closed_first = contacts(
        (NOON - 3 * DAY, "a", "web", outcome("REJECTED", NOON - DAY)), (NOON - 2 * DAY, "a", "call_centre", SHOWN)
    )
    assert open_offers(closed_first) == {}
    assert open_offers(
        contacts((NOON - 2 * DAY, "a", "web", outcome("REJECTED", NOON - DAY)), (NOON - 1, "a", "push"))
    ) == {"a": NOON - 1 + 7 * DAY}


def test_showing_an_open_offer_again_inbound_does_not_prolong_it():
    again = contacts((NOON - 5 * DAY, "a", "push"), (NOON - DAY, "a", "web", SHOWN))
    assert open_offers(again) == {"a": NOON + 2 * DAY}


def test_making_an_open_offer_again_outbound_prolongs_it():
    again = contacts((NOON - 5 * DAY, "a", "web", SHOWN), (NOON - DAY, "a", "push"))
    assert open_offers(again) == {"a": NOON + 6 * DAY}


def test_an_offer_made_again_after_it_lapsed_is_a_new_promise():
    again = contacts((NOON - 9 * DAY, "a", "web", SHOWN), (NOON - DAY, "a", "web", SHOWN))
    assert open_offers(again) == {"a": NOON + 6 * DAY}


def test_open_offers_are_exempt_from_caps_inbound_and_not_outbound():
    limits = ContactPolicy(caps=(cap("one", 1, directions=frozenset(Direction)),))
    ready = compiled(ACTIONS, contact=limits)
    standing = Standing(contacts((NOON - DAY, "a", "push"), (NOON - DAY, "never", "push")))
    inbound = contact_screened(ready, standing, WEB)
    assert names(ready, inbound.honoured) == {"a"}
    assert names(ready, inbound.allowed) == {"a", "b", "message"}
    assert inbound.valid_until[ready.catalogue.index["a"]] == NOON + 6 * DAY
    outbound = contact_screened(ready, standing, PUSH)
    assert outbound.honoured == 0
    assert names(ready, outbound.allowed) == {"b", "message"}


def test_nothing_is_open_while_the_ledger_cannot_be_read():
    standing = Standing(contacts((NOON - DAY, "a", "push")), contacts_known=False)
    assert read_history(READY, standing, WEB).offers.mask == 0
