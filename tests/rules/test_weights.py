"""Worth: gains under the tier's weights, costs, levers and context weights, for all actions at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.policy import ContextWeight, Goal, Levers, Partner, Scope
from rules.situation import Moment
from rules.weights import weigh
from tests.rules.shop import HERE, NOON, cel, compile_with_problems, compiled, judged, names, offer, policy, tier

GOALS = {"margin": Goal("margin", 1.0), "loyalty": Goal("loyalty", 2.0)}
TIERS = (tier("gold", "customer.spend > 100", margin=1.0, loyalty=1.5), tier("basic", margin=0.5))


def weighed(actions, customer=None, moment=None, **fields):
    ready = compiled(actions, **({"goals": GOALS, "tiers": TIERS} | fields))
    moment = moment or Moment(NOON, "web")
    tier_found = ready.place(ready.bind(customer or {}, moment))
    return ready, weigh(ready, judged(ready, moment, customer or {}), tier_found)


def leaning(name, when, add, **scope):
    return ContextWeight(name, cel(when), add, Scope(**scope), HERE)


def test_gain_adds_goals_by_unit_value_and_tier_weight():
    actions = [offer("a", value={"margin": 100.0, "loyalty": 10.0}), offer("b", value={"margin": 40.0}), offer("c")]
    assert weighed(actions, {"spend": 200.0})[1].gain.tolist() == [130.0, 40.0, 0.0]
    assert weighed(actions, {"spend": 1.0})[1].gain.tolist() == [50.0, 20.0, 0.0]


def test_a_value_may_depend_on_the_customer_and_on_the_action():
    actions = [
        offer("a", value={"margin": cel("customer.age * 2"), "loyalty": 5.0}, attributes={"price": 10.0}),
        offer("b", value={"margin": cel("action.price * 0.5 + customer.spend")}, attributes={"price": 10.0}),
        offer("c", value={"margin": cel("action.price * 0.5 + customer.spend")}, attributes={"price": 90.0}),
        offer("d", value={"margin": cel("action.price * 3")}, attributes={"price": 7.0}),
    ]
    found = weighed(actions, {"spend": 1.0, "age": 30.0})[1]
    assert found.gain.tolist() == [30.0, 3.0, 23.0, 10.5]
    assert found.undervalued == 0


def test_an_unknown_value_counts_nothing_and_is_told():
    actions = [
        offer("a", value={"margin": cel("customer.age * 2"), "loyalty": 5.0}),
        offer("b", value={"margin": 7.0}),
        offer("c", value={"margin": cel("action.rating * 1.0")}),
        offer("d", value={"margin": cel("1 / (customer.spend * 0)")}),
    ]
    ready, found = weighed(actions, {"spend": 200.0})
    assert found.gain.tolist() == [15.0, 7.0, 0.0, 0.0]
    assert names(ready, found.undervalued) == {"a", "c", "d"}


def test_cost_may_be_an_expression_and_is_never_negative():
    actions = [
        offer("a", cost=0.8),
        offer("b", cost=cel("customer.spend / 10")),
        offer("c", cost=cel("-1 - customer.spend")),
    ]
    _, found = weighed(actions, {"spend": 5.0})
    assert found.cost.tolist() == [0.8, 0.5, 0.0]
    assert found.unpriced == 0


def test_an_action_of_unknown_cost_is_unpriced():
    actions = [
        offer("a", cost=1.0),
        offer("b", cost=cel("customer.age / 10")),
        offer("c", cost=cel("1 / (customer.spend * 0)")),
    ]
    ready, found = weighed(actions)
    assert names(ready, found.unpriced) == {"b", "c"}
    assert np.isfinite(found.cost).all()


def test_levers_add_up_in_percent_and_never_go_below_zero():
    levers = Levers({"a": 10.0, "c": -300.0}, {"sales": 5.0}, {"phones": 40.0})
    _, found = weighed([offer("a", group="phones"), offer("b"), offer("c")], levers=levers)
    assert found.lever.tolist() == pytest.approx([1.55, 1.05, 0.0])


def test_context_weights_add_up_where_their_condition_is_known_to_hold():
    weights = (
        leaning("cancel", "moment.intent == 'cancel'", 50.0, groups=("phones",)),
        leaning("old", "customer.age > 60", 30.0),
        leaning("cheap", "action.price < customer.spend", -200.0),
    )
    actions = [offer("a", group="phones", attributes={"price": 5.0}), offer("b", attributes={"price": 50.0})]
    cancel = Moment(NOON, "web", intent="cancel")
    assert weighed(actions, {"age": 70.0}, cancel, context_weights=weights)[1].context.tolist() == [1.8, 1.3]
    assert weighed(actions, {}, cancel, context_weights=weights)[1].context.tolist() == [1.5, 1.0]
    assert weighed(actions, {"spend": 9.0}, context_weights=weights)[1].context.tolist() == [0.0, 1.0]
    assert weighed(actions, {}, context_weights=weights)[1].context.tolist() == [1.0, 1.0]


def test_equal_amounts_of_many_actions_are_evaluated_once():
    def evaluations(count):
        amount = cel("action.price * 0.2 + customer.spend")
        actions = [offer(f"a{i:04d}", value={"margin": amount}, attributes={"price": float(i)}) for i in range(count)]
        ready = compiled(actions, goals=GOALS, tiers=TIERS)
        verdicts = judged(ready, Moment(NOON, "web"), {"spend": 1.0})
        before = ready.evaluations
        weigh(ready, verdicts, ready.place({"customer.spend": 1.0}))
        return ready.evaluations - before

    assert evaluations(5) == evaluations(500) == 2


def test_shared_arrays_cannot_be_written_to():
    _, found = weighed([offer("a", value={"margin": 1.0})])
    for array in (found.gain, found.cost, found.lever, found.context):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 9.0


def test_a_partners_amount_may_read_only_features_of_its_purpose():
    film = Partner("Film", "marketing")
    written = policy([offer("a", partner=film, value={"margin": cel("customer.spend + customer.credit")})])
    _, problems = compile_with_problems(written)
    assert [(place.column, code) for place, code, *_ in problems] == [(HERE.column + 17, "purpose")]
    own = policy([offer("a", partner=Partner("Bank", "credit"), cost=cel("customer.credit"))])
    assert compile_with_problems(own)[1] == []


amounts = st.one_of(
    st.floats(-100, 100), st.sampled_from(["customer.spend * 2", "action.price + customer.spend", "action.price * 2"])
)


@given(
    st.lists(st.tuples(amounts, amounts, st.floats(0, 50)), min_size=1, max_size=8), st.sampled_from([0.0, 60.0, 200.0])
)
def test_gains_are_those_of_each_action_by_hand(cells, spend):
    actions = [
        offer(
            f"a{i}",
            value={
                goal: cel(one) if isinstance(one, str) else one
                for goal, one in (("margin", margin), ("loyalty", loyalty))
            },
            attributes={"price": price},
        )
        for i, (margin, loyalty, price) in enumerate(cells)
    ]

    def by_hand(amount, price):
        said = {
            "customer.spend * 2": spend * 2,
            "action.price + customer.spend": price + spend,
            "action.price * 2": price * 2,
        }
        return said.get(amount, amount)

    margin, loyalty = (1.0, 1.5) if spend > 100 else (0.5, 0.0)
    expected = [by_hand(one, price) * margin + by_hand(other, price) * loyalty * 2.0 for one, other, price in cells]
    assert weighed(actions, {"spend": spend})[1].gain.tolist() == pytest.approx(expected)
