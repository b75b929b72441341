"""Caps: counted as a naive counter counts, and claimed as they are counted."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.contact import claims_for
from rules.ledger import SEEN, short_id
from rules.policy import ContactPolicy, CountedTogether, Direction, Kind, Scope
from rules.situation import Moment, Standing
from rules.wording.code import Code
from tests.rules.shop import DAY, NOON, cap, compiled, contact_screened, contacts, names, offer

PUSH, WEB = Moment(NOON, "push"), Moment(NOON, "web")
ANY = frozenset(Direction)
ACTIONS = (
    offer("a", group="phones"),
    offer("b", group="phones", tags=frozenset({"hot"})),
    offer("c", tags=frozenset({"hot"})),
    offer("d", issue="care", kind=Kind.MESSAGE),
    offer("route", kind=Kind.CHANNEL_ROUTE, issue="care"),
)


def shop(*caps):
    return compiled(ACTIONS, contact=ContactPolicy(caps=caps))


def capped(ready, ledger, moment=PUSH, zone=""):
    verdict = contact_screened(ready, Standing(ledger, time_zone=zone), moment)
    return {removal.rule_id: names(ready, removal.mask) for removal in verdict.removals if removal.code == Code.CAPPED}


TWICE = contacts((NOON - DAY, "a", "push"), (NOON - 2 * DAY, "a", "push"))


@pytest.mark.parametrize(
    ("per", "removed"),
    [
        (CountedTogether.ACTION, {"a"}),
        (CountedTogether.GROUP, {"a", "b"}),
        (CountedTogether.ISSUE, {"a", "b", "c"}),
        (CountedTogether.SCOPE, {"a", "b", "c", "d"}),
    ],
)
def test_a_reached_cap_removes_what_it_counts_together(per, removed):
    assert capped(shop(cap("two", 2, per=per)), TWICE) == {"two": removed}
    assert capped(shop(cap("three", 3, per=per)), TWICE) == {}


def test_only_contacts_of_the_scope_count_and_only_the_scope_is_removed():
    hot = shop(cap("hot", 1, scope=Scope(tags=("hot",)), per=CountedTogether.SCOPE))
    assert capped(hot, TWICE) == {}
    assert capped(hot, contacts((NOON - 1, "b", "push"))) == {"hot": {"b", "c"}}


def test_a_cap_counts_and_binds_its_channels_and_directions():
    both = contacts((NOON - 1, "a", "web"), (NOON - 2, "a", "push"))
    assert capped(shop(cap("out", 2)), both) == {}
    assert capped(shop(cap("out", 1)), both, WEB) == {}
    assert capped(shop(cap("any", 2, directions=ANY)), both, WEB) == {"any": {"a"}}
    assert capped(shop(cap("push", 2, directions=ANY, channels=("push",))), both) == {}
    assert capped(shop(cap("both", 2, directions=ANY, channels=("push", "web"))), both) == {"both": {"a"}}


def test_a_rolling_window_is_closed_at_its_start():
    rolling = shop(cap("day", 1, within=DAY))
    assert capped(rolling, contacts((NOON - DAY, "a", "push"))) == {"day": {"a"}}
    assert capped(rolling, contacts((NOON - DAY - 1, "a", "push"))) == {}


def test_a_calendar_day_is_that_of_the_customer():
    daily = shop(cap("day", 1, within=0.0, calendar="day"))
    nine_hours_ago = contacts((NOON - 9 * 3600, "a", "push"))
    assert capped(daily, nine_hours_ago) == {"day": {"a"}}
    assert capped(daily, nine_hours_ago, zone="America/New_York") == {}


def test_a_claim_that_nobody_saw_is_released():
    seen = shop(cap("seen", 1, counts="IMPRESSION", release_after=7200.0))
    assert capped(seen, contacts((NOON - 7200, "a", "push"))) == {"seen": {"a"}}
    assert capped(seen, contacts((NOON - 7201, "a", "push"))) == {}
    assert capped(seen, contacts((NOON - 7201, "a", "push", {"flags": SEEN}))) == {"seen": {"a"}}


def test_contacts_of_actions_that_are_gone_count_only_where_everything_does():
    gone = contacts((NOON - 1, "gone", "push"))
    assert capped(shop(cap("all", 1, per=CountedTogether.SCOPE)), gone) == {"all": {"a", "b", "c", "d"}}
    assert capped(shop(cap("group", 1, per=CountedTogether.GROUP)), gone) == {}


def test_a_claim_names_what_the_store_must_count():
    limit = cap("p", 2, per=CountedTogether.GROUP, channels=("push",), directions=ANY)
    ready = shop(limit)
    (claim,) = claims_for(ready, ready.catalogue.index["a"], PUSH, Standing(contacts()))
    assert claim.cap_id == "p"
    assert (claim.limit, claim.since, claim.release_before) == (2, NOON - 7 * DAY, NOON - 7 * DAY)
    assert (claim.directions, claim.channels) == (3, (short_id("push"),))
    assert set(claim.actions) == {action.stable_id for action in ACTIONS[:2]}


def test_a_claim_on_everything_names_no_actions():
    ready = shop(cap("all", 2, per=CountedTogether.SCOPE))
    assert claims_for(ready, 0, PUSH, Standing(contacts()))[0].actions == ()


def test_a_channel_without_caps_claims_nothing():
    assert claims_for(shop(cap("out", 1)), 0, WEB, Standing(contacts())) == ()


ZONES = ["", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu"]
SUMMER_TIME_ENDS = 1_792_890_000.0
rows = st.lists(
    st.tuples(
        st.integers(0, 16 * 24).map(lambda hours: hours * 3600.0),
        st.sampled_from(["a", "b", "c", "d", "gone"]),
        st.sampled_from(["push", "web", "call_centre"]),
        st.sampled_from([0, SEEN]),
    ),
    max_size=14,
)
scopes = st.sampled_from([Scope(), Scope(tags=("hot",)), Scope(kinds=(Kind.OFFER,)), Scope(actions=("a", "d"))])
limits = st.builds(
    lambda limit, scope, per, when, channels, directions, counts: cap(
        "one",
        limit,
        scope=scope,
        per=per,
        within=0.0 if isinstance(when, str) else when,
        calendar=when if isinstance(when, str) else "",
        channels=channels,
        directions=directions,
        counts=counts,
        release_after=5 * 3600.0 if counts == "IMPRESSION" else 0.0,
    ),
    st.integers(1, 3),
    scopes,
    st.sampled_from(list(CountedTogether)),
    st.sampled_from(["day", "week", "month", DAY, 6.5 * DAY]),
    st.sampled_from([(), ("push",), ("push", "web")]),
    st.sampled_from([ANY, frozenset({Direction.OUTBOUND})]),
    st.sampled_from(["DECISION", "IMPRESSION"]),
)


def same_window(limit, then, now, zone):
    if not limit.calendar:
        return then >= now - limit.within
    one, other = datetime.fromtimestamp(then, zone), datetime.fromtimestamp(now, zone)
    same = {
        "day": one.date() == other.date(),
        "week": one.isocalendar()[:2] == other.isocalendar()[:2],
        "month": (one.year, one.month) == (other.year, other.month),
    }
    return same[limit.calendar]


def in_scope(scope, action):
    found = not scope.tags or bool(action.tags & set(scope.tags))
    found = found and (not scope.kinds or action.kind in scope.kinds)
    return found and (not scope.actions or action.id in scope.actions)


def together(limit, one, other):
    return {
        "action": one.id == other.id,
        "group": one.group == other.group,
        "issue": one.issue == other.issue,
        "scope": True,
    }[limit.per]


def naive_count(limit, action, ledger_rows, now, zone):
    """How many contacts count against a new contact with the action, read row by row."""
    by_id = {each.id: each for each in ACTIONS}
    count = 0
    for then, name, channel, flags in ledger_rows:
        direction = Direction.OUTBOUND if channel == "push" else Direction.INBOUND
        everything = limit.per == CountedTogether.SCOPE and limit.scope == Scope()
        known = by_id.get(name)
        about = known is not None and in_scope(limit.scope, known) and together(limit, known, action)
        counts = limit.counts == "DECISION" or flags == SEEN or then >= now - limit.release_after
        count += (
            (about or everything)
            and (not limit.channels or channel in limit.channels)
            and direction in limit.directions
            and same_window(limit, then, now, zone)
            and counts
        )
    return count


@settings(max_examples=120)
@given(limits, rows, st.sampled_from(ZONES), st.integers(0, 40))
def test_caps_remove_exactly_what_a_naive_counter_says(limit, ago, zone_name, hours):
    now = SUMMER_TIME_ENDS + hours * 3600.0
    ledger_rows = sorted((now - age, name, channel, flags) for age, name, channel, flags in ago)
    ready = shop(limit)
    ledger = contacts(*((at, name, channel, {"flags": flags}) for at, name, channel, flags in ledger_rows))
    moment = Moment(now, "push")
    found = capped(ready, ledger, moment, zone_name).get("one", set())
    zone = ZoneInfo(zone_name or "Europe/Berlin")
    reached = {
        action.id
        for action in ACTIONS[:4]
        if in_scope(limit.scope, action) and naive_count(limit, action, ledger_rows, now, zone) >= limit.limit
    }
    assert found == reached
    for action in ACTIONS[:4]:
        claims = claims_for(ready, ready.catalogue.index[action.id], moment, Standing(ledger, time_zone=zone_name))
        assert all(claimable(claim, ledger) for claim in claims) == (action.id not in reached)


def claimable(claim, ledger):
    """What the store does with a claim."""
    matching = [
        row
        for row in ledger.contacts
        if row["at"] >= claim.since
        and (row["flags"] & SEEN or row["at"] >= claim.release_before)
        and claim.directions >> int(row["direction"]) & 1
        and (not claim.channels or row["channel"] in claim.channels)
        and (not claim.actions or row["action"] in claim.actions)
    ]
    return len(matching) < claim.limit


@given(
    st.lists(st.sampled_from([1.0, 3600.0, 7 * 3600.0, DAY]), max_size=30), st.integers(1, 3), st.sampled_from(ZONES)
)
def test_no_sequence_of_contacts_ever_exceeds_a_cap(waits, limit, zone_name):
    ready = shop(cap("day", limit, within=0.0, calendar="day", per=CountedTogether.SCOPE), cap("w", 4, within=2 * DAY))
    made, now, zone = [], SUMMER_TIME_ENDS, ZoneInfo(zone_name or "Europe/Berlin")
    for wait in waits:
        now += wait
        standing = Standing(contacts(*((at, "a", "push") for at in made)), time_zone=zone_name)
        if contact_screened(ready, standing, Moment(now, "push")).allowed & 1:
            made.append(now)
    for at in made:
        day = datetime.fromtimestamp(at, zone).date()
        assert sum(datetime.fromtimestamp(each, zone).date() == day for each in made) <= limit
        assert sum(at - 2 * DAY <= each <= at for each in made) <= 4
