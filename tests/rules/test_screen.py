"""Screening: stages in order, each action removed once and by name, the unknown closed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.policy import Kind, Scope, Stage
from rules.screen import Candidates, screen
from rules.situation import Moment
from rules.wording.code import Code
from tests.rules.shop import DAY, NOON, compiled, judged, names, offer, rule

WEB = Moment(NOON, "web")


def screened(ready, customer=None, moment=WEB, candidates=None):
    verdicts = judged(ready, moment, customer or {})
    return screen(ready, verdicts, moment, candidates or Candidates(ready.catalogue.all))


def told(ready, found):
    return [(removal.stage, removal.rule_id, removal.code, names(ready, removal.mask)) for removal in found.removals]


def test_what_is_stopped_out_of_date_or_not_for_the_channel_is_not_available():
    only_push = dict(offer("x").treatments)
    del only_push["web"]
    actions = [
        offer("stopped"),
        offer("over", valid_to=NOON),
        offer("to_come", valid_from=NOON + 1),
        offer("running", valid_from=NOON, valid_to=NOON + 1),
        offer("push_only", treatments=only_push),
    ]
    ready = compiled(actions)
    stopped = 1 << ready.catalogue.index["stopped"]
    found = screened(ready, candidates=Candidates(ready.catalogue.all, stopped))
    assert names(ready, found.allowed) == {"running"}
    assert told(ready, found) == [
        (Stage.AVAILABILITY, "", Code.STOPPED, {"stopped"}),
        (Stage.AVAILABILITY, "", Code.NOT_VALID, {"over", "to_come"}),
        (Stage.AVAILABILITY, "", Code.NO_TREATMENT, {"push_only"}),
    ]


def test_kinds_that_no_placement_takes_are_not_available():
    ready = compiled([offer("a"), offer("route", kind=Kind.CHANNEL_ROUTE, treatments={})])
    ready.placeable["web"] = ready.catalogue.kinds[Kind.OFFER]
    assert told(ready, screened(ready)) == [(Stage.AVAILABILITY, "", Code.NOT_TAKEN_HERE, {"route"})]


def test_an_honoured_offer_outlives_the_dates_of_its_action():
    ready = compiled([offer("over", valid_to=NOON - DAY)])
    assert screened(ready, candidates=Candidates(1, honoured=1)).allowed == 1
    assert screened(ready).allowed == 0


def test_an_action_is_removed_once_by_the_first_rule_of_the_first_stage():
    rules = (
        rule("suits", block="customer.spend > 5", stage=Stage.SUITABILITY),
        rule("fits", block="customer.spend > 5", stage=Stage.APPLICABILITY, groups=("phones",)),
        rule("may", block="customer.spend > 5", actions=("a",)),
        rule("may_not_either", block="customer.spend > 4", actions=("a", "b")),
    )
    ready = compiled([offer("a"), offer("b"), offer("c", group="phones"), offer("d")], rules=rules)
    assert told(ready, screened(ready, {"spend": 9.0})) == [
        (Stage.ELIGIBILITY, "may", Code.NOT_ELIGIBLE, {"a"}),
        (Stage.ELIGIBILITY, "may_not_either", Code.NOT_ELIGIBLE, {"b"}),
        (Stage.APPLICABILITY, "fits", Code.NOT_APPLICABLE, {"c"}),
        (Stage.SUITABILITY, "suits", Code.NOT_SUITABLE, {"d"}),
    ]


@pytest.mark.parametrize("how", ["allow", "block"])
def test_a_permission_and_an_exclusion_are_mirror_images_of_what_is_known(how):
    ready = compiled([offer("a")], rules=(rule("adult", **{how: "customer.age >= 18"}),))
    assert bool(screened(ready, {"age": 30.0}).allowed) == (how == "allow")
    assert bool(screened(ready, {"age": 10.0}).allowed) == (how == "block")


@pytest.mark.parametrize("how", ["allow", "block"])
def test_an_unknown_fact_removes_and_says_so(how):
    ready = compiled([offer("a")], rules=(rule("adult", **{how: "customer.age >= 18"}),))
    assert told(ready, screened(ready)) == [(Stage.ELIGIBILITY, "adult", Code.UNKNOWN_FACT, {"a"})]


@pytest.mark.parametrize("how", ["allow", "block"])
def test_a_failing_condition_removes_and_says_so(how):
    ready = compiled([offer("a")], rules=(rule("odd", **{how: "{'ios': true}[customer.os]"}), rule("ok", allow="true")))
    assert told(ready, screened(ready, {"os": "android"})) == [(Stage.ELIGIBILITY, "odd", Code.CONDITION_ERROR, {"a"})]
    verdicts = judged(ready, WEB, {"os": "android"})
    assert [error.condition for error in verdicts.errors] == ["{'ios': true}[customer.os]"]


def test_asking_whether_a_fact_is_known_is_never_unknown():
    ready = compiled([offer("a")], rules=(rule("asked", allow="known.age"),))
    assert screened(ready, {"age": 1.0}).allowed == 1
    assert told(ready, screened(ready)) == [(Stage.ELIGIBILITY, "asked", Code.NOT_ELIGIBLE, {"a"})]


def test_rules_about_actions_remove_some_of_their_scope_and_fail_closed_on_missing_attributes():
    actions = [offer("cheap", attributes={"rating": 5.0}), offer("dear", attributes={"rating": 1.0}), offer("unrated")]
    ready = compiled(actions, rules=(rule("liked", allow="action.rating > customer.spend"),))
    assert told(ready, screened(ready, {"spend": 3.0})) == [
        (Stage.ELIGIBILITY, "liked", Code.NOT_ELIGIBLE, {"dear"}),
        (Stage.ELIGIBILITY, "liked", Code.UNKNOWN_FACT, {"unrated"}),
    ]


def test_rules_may_read_tier_moment_and_context():
    source = "tier.name == 'everyone' && moment.channel == 'web' && moment.hour == 12 && context.page == 'basket'"
    ready = compiled([offer("a")], rules=(rule("here", allow=source),))
    assert screened(ready, moment=Moment(NOON, "web", context={"page": "basket"})).allowed == 1
    assert screened(ready, moment=Moment(NOON, "web", context={"page": "home"})).allowed == 0


def test_evaluations_do_not_grow_with_the_number_of_actions():
    def evaluations(count):
        actions = [offer(f"a{i:04d}", group=f"g{i % 7}", attributes={"price": float(i)}) for i in range(count)]
        rules = [rule(f"r{i}", allow=f"customer.spend > {i}", groups=(f"g{i % 7}",)) for i in range(20)]
        rules.append(rule("per_action", block="action.price > customer.spend + 20"))
        ready = compiled(actions, rules=tuple(rules))
        before = ready.evaluations
        screened(ready, {"spend": 15.0})
        return ready.evaluations - before

    assert evaluations(50) == evaluations(2_500) == 2


SOURCES = {
    "customer.age >= 18": lambda customer, action: customer["age"] >= 18,
    "customer.spend < 50": lambda customer, action: customer["spend"] < 50,
    "customer.complaint": lambda customer, action: customer["complaint"],
    "action.price <= customer.spend": lambda customer, action: action.attributes["price"] <= customer["spend"],
    "action.rating > 2": lambda customer, action: action.attributes["rating"] > 2,
    "action.digital == customer.complaint": lambda customer, action: (
        action.attributes["digital"] == customer["complaint"]
    ),
}
attributes = st.fixed_dictionaries(
    {"price": st.sampled_from([0.0, 40.0, 90.0])},
    optional={"rating": st.sampled_from([1.0, 3.0]), "digital": st.booleans()},
)
scopes = st.fixed_dictionaries(
    {},
    optional={
        "groups": st.sampled_from([("g0",), ("g0", "g1")]),
        "tags": st.just(("hot",)),
        "issues": st.just(("i1",)),
    },
)
rules_of = st.lists(
    st.tuples(
        st.sampled_from(sorted(SOURCES)), st.sampled_from(["allow", "block"]), st.sampled_from(list(Stage)[1:4]), scopes
    ),
    max_size=5,
)
customers = st.fixed_dictionaries(
    {"spend": st.sampled_from([0.0, 45.0, 100.0])},
    optional={"age": st.sampled_from([10.0, 18.0]), "complaint": st.booleans()},
)


def naive_scope(action, scope):
    given = Scope(**scope)
    return (
        (not given.groups or action.group in given.groups)
        and (not given.tags or bool(action.tags & set(given.tags)))
        and (not given.issues or action.issue in given.issues)
    )


def naively_allowed(action, customer, rules):
    """One candidate at a time, as a person would read the rules."""
    for source, how, _, scope in rules:
        try:
            said = SOURCES[source](customer, action)
        except KeyError:
            said = None
        if naive_scope(action, scope) and said is not (how == "allow"):
            return False
    return True


@given(st.lists(st.tuples(attributes, st.booleans()), min_size=1, max_size=9), rules_of, customers)
def test_screening_says_what_reading_the_rules_one_by_one_says(cells, written, customer):
    actions = [
        offer(f"a{i}", attributes=cell, group=f"g{i % 3}", issue=f"i{i % 2}", tags=frozenset({"hot"} if hot else ()))
        for i, (cell, hot) in enumerate(cells)
    ]
    rules = tuple(
        rule(f"r{i}", stage=stage, **{how: source}, **scope) for i, (source, how, stage, scope) in enumerate(written)
    )
    ready = compiled(actions, rules=rules)
    found = screened(ready, customer)
    assert names(ready, found.allowed) == {one.id for one in actions if naively_allowed(one, customer, written)}
    masks = [removal.mask for removal in found.removals]
    assert sum(masks) + found.allowed == ready.catalogue.all
