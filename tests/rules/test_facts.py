"""Facts: which variables conditions may read, and the values that a customer and a moment give them."""

from zoneinfo import ZoneInfo

from rules.facts import Binding, declare
from rules.situation import Moment
from tests.rules.shop import ATTRIBUTES, CONTEXT, FACTS, NOON, policy

VARIABLES = declare(FACTS, CONTEXT, ATTRIBUTES)
CHANNELS = policy(()).channels
BERLIN = ZoneInfo("Europe/Berlin")


def bound(*names: str, customer=None, moment=None, zone=BERLIN):
    binding = Binding([VARIABLES[name] for name in names], CHANNELS)
    return binding.bind(customer or {}, moment or Moment(NOON, "push"), zone)


def test_every_fact_can_be_read_and_asked_whether_it_is_known():
    assert {"customer.age", "known.age", "context.page", "moment.hour", "tier.name", "action.price", "action.id"} <= (
        VARIABLES.keys()
    )


def test_a_missing_fact_takes_its_default():
    assert bound("customer.spend", "customer.os") == {"customer.spend": 0.0, "customer.os": "android"}


def test_a_missing_fact_without_a_default_has_no_value():
    assert bound("customer.age") == {}
    assert bound("customer.age", customer={"age": None}) == {}


def test_known_tells_a_default_from_a_fact():
    assert bound("known.spend") == {"known.spend": False}
    assert bound("known.spend", customer={"spend": 0.0}) == {"known.spend": True}


def test_only_what_conditions_read_is_bound():
    assert bound("customer.age", customer={"age": 30.0, "spend": 5.0}) == {"customer.age": 30.0}


def test_context_takes_its_default_and_may_be_unknown():
    assert bound("context.page", "context.queue") == {"context.queue": 0.0}
    sent = Moment(NOON, "push", context={"page": "basket", "queue": 4.0})
    assert bound("context.page", "context.queue", moment=sent) == {"context.page": "basket", "context.queue": 4.0}


def test_the_moment_knows_channel_direction_intent_and_locale():
    moment = Moment(NOON, "push", intent="cancel", locale="de-DE")
    names = ("moment.channel", "moment.direction", "moment.intent", "moment.locale")
    assert tuple(bound(*names, moment=moment)[name] for name in names) == ("push", "outbound", "cancel", "de-DE")


def test_hour_and_weekday_are_those_of_the_customers_zone():
    assert bound("moment.hour", "moment.weekday") == {"moment.hour": 12.0, "moment.weekday": 4.0}
    sydney = bound(
        "moment.hour", "moment.weekday", moment=Moment(NOON + 6 * 3600, "web"), zone=ZoneInfo("Australia/Sydney")
    )
    assert sydney == {"moment.hour": 2.0, "moment.weekday": 5.0}
