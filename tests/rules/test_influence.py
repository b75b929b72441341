"""Influencers: what an earlier outcome adds to the context weight fades in a straight line, and ends."""

import pytest

from rules.influence import influences
from rules.influencer import Influencer
from rules.ledger import OUTCOMES, short_id
from rules.policy import Scope
from rules.situation import Moment
from rules.weights import weigh
from tests.rules.shop import DAY, HERE, NOON, compiled, contacts, offer

SELL = offer("sell")
HELP = offer("help", issue="support", group="care")


def influencer(name, outcomes, start, **fields):
    given = {"reasons": frozenset(), "about": Scope(), "end": 0.0, "over": 30 * DAY, "scope": Scope()}
    return Influencer(id=name, outcomes=frozenset(outcomes), start=start, place=HERE, **(given | fields))


COMPLAINT = influencer("complained", ["COMPLAINT"], -80.0, scope=Scope(issues=("sales",)))
PURCHASE = influencer("bought", ["ACCEPTED", "CONVERSION"], 40.0, over=10 * DAY, scope=Scope(issues=("support",)))


def outcome(name, days, action="sell", reason=""):
    told = {"outcome": OUTCOMES.index(name), "outcome_at": NOON - days * DAY, "reason": short_id(reason)}
    return (NOON - (days + 1) * DAY, action, "web", told)


def at_work(ready, *rows, pushing=True):
    ledger = contacts(*sorted(rows, key=lambda row: row[0]))
    found = influences(ready.influencers, ready.contact.reader.read(ledger), NOON, pushing)
    return {one.id: one.percent for one in found}


@pytest.mark.parametrize(
    ("days", "percent"), [(0, -80.0), (3, -72.0), (15, -40.0), (29.99, -0.027), (30, None), (400, None)]
)
def test_a_complaint_weighs_less_day_by_day_and_is_forgotten_in_the_end(days, percent):
    found = at_work(compiled([SELL, HELP], influencers=(COMPLAINT,)), outcome("COMPLAINT", days))
    assert found == ({} if percent is None else {"complained": pytest.approx(percent, abs=1e-3)})


def test_a_complaint_holds_sales_back_and_a_purchase_lifts_support():
    ready = compiled([SELL, HELP], influencers=(COMPLAINT, PURCHASE))
    ledger = contacts(outcome("COMPLAINT", 15), outcome("ACCEPTED", 5))
    found = influences(ready.influencers, ready.contact.reader.read(ledger), NOON)
    values = ready.bind({}, Moment(NOON, "web"))
    tier = ready.place(values)
    context = weigh(ready, ready.judge(values, tier), tier, found).context
    assert dict(zip(ready.catalogue.ids, context.tolist(), strict=True)) == {"sell": 0.6, "help": 1.2}


def test_it_may_fade_to_something_else_than_nothing_but_still_ends():
    rising = influencer("warm", ["CLICKED"], 10.0, end=50.0, over=4 * DAY)
    ready = compiled([SELL], influencers=(rising,))
    assert at_work(ready, outcome("CLICKED", 1)) == {"warm": 20.0}
    assert at_work(ready, outcome("CLICKED", 3)) == {"warm": 40.0}
    assert at_work(ready, outcome("CLICKED", 4)) == {}


def test_the_latest_outcome_counts_and_outcomes_do_not_add_up():
    ready = compiled([SELL, HELP], influencers=(COMPLAINT,))
    assert at_work(ready, outcome("COMPLAINT", 15), outcome("COMPLAINT", 3, "help")) == {"complained": -72.0}


def test_only_outcomes_of_its_actions_for_its_reasons_count():
    later = influencer("later", ["REJECTED"], -50.0, reasons=frozenset({"not_now"}), about=Scope(actions=("sell",)))
    ready = compiled([SELL, HELP], influencers=(later,))
    assert at_work(ready, outcome("REJECTED", 0, reason="not_now")) == {"later": -50.0}
    assert at_work(ready, outcome("REJECTED", 0, reason="too_expensive")) == {}
    assert at_work(ready, outcome("REJECTED", 0, "help", "not_now")) == {}
    assert at_work(ready, outcome("REJECTED", 0, "gone since", "not_now")) == {}


def test_of_a_customer_who_opted_out_only_what_holds_back_still_counts():
    ready = compiled([SELL, HELP], influencers=(COMPLAINT, PURCHASE))
    rows = (outcome("COMPLAINT", 0), outcome("ACCEPTED", 0))
    assert at_work(ready, *rows, pushing=False) == {"complained": -80.0}


def test_without_contacts_nothing_is_at_work():
    assert at_work(compiled([SELL], influencers=(COMPLAINT,))) == {}
