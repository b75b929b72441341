"""Conditions about actions as columns: held to CEL, evaluated action by action."""

import math

import numpy as np
import pytest
from cel_expr_python import cel as engine
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules.action_columns import action_columns
from rules.columns import compile_columns
from rules.condition import ConditionCompiler
from rules.facts import declare
from rules.fused import FusedConditions, Slots
from rules.policy import Kind, Partner
from tests.rules.shop import ATTRIBUTES, CONTEXT, FACTS, HERE, cel, offer

VARIABLES = declare(FACTS, CONTEXT, ATTRIBUTES)
ACTIONS = (
    offer("phone_a", attributes={"price": 499.0, "rating": 4.5, "family": "phone", "digital": False}, cost=1.5),
    offer("phone_b", attributes={"price": 99.0, "rating": 0.0, "family": "phone", "digital": True}),
    offer("tariff_a", attributes={"price": 30.0, "family": "tariff"}, price_sensitive=True, group="plans"),
    offer("tip", kind=Kind.MESSAGE, issue="service", attributes={"digital": True}, partner=Partner("Film", "ads")),
    offer("élan", attributes={"price": -5.0, "rating": 2.0, "digital": False}, cost=cel("customer.age * 1.0")),
)
COLUMNS = action_columns(ACTIONS, ATTRIBUTES)
CUSTOMER = {"customer.age": 30.0, "customer.spend": 99.0, "customer.os": "phone", "known.age": True}


def compile_one(source, *, amount=False):
    problems = []
    compiler = ConditionCompiler(VARIABLES, lambda *problem: problems.append(problem))
    condition = compiler.amount(cel(source)) if amount else compiler.condition(cel(source))
    slots = Slots()
    program = compile_columns(compiler, condition, COLUMNS, slots) if condition else None
    return program, FusedConditions(slots, compiler.env, VARIABLES), problems, condition


def by_columns(source, customer, *, amount=False):
    """The value for each action; None where it is unknown."""
    program, fused, problems, _ = compile_one(source, amount=amount)
    assert program is not None, problems
    found = program.values(fused.evaluate(customer).values)
    if found is None:
        return [None] * len(ACTIONS)
    known = np.ones(len(ACTIONS), dtype=bool) if program.known is None else program.known
    return [value.item() if trusted else None for value, trusted in zip(found, known, strict=True)]


def by_cel(source, customer, *, amount=False):
    """The same, asking CEL about one action after another."""
    _, _, _, condition = compile_one(source, amount=amount)
    return [_one_by_cel(condition, {**customer, **_attributes(action)}) for action in range(len(ACTIONS))]


def _attributes(action):
    return {
        name: column.words[column.values[action]] if column.words else column.values[action].item()
        for name, column in COLUMNS.items()
        if column.known is None or column.known[action]
    }


def _one_by_cel(condition, values):
    if any(name not in values for name in condition.reads):
        return None
    found = condition.program.eval(data={name: values[name] for name in condition.reads})
    return None if found.type() == engine.Type.ERROR else found.value()


def same(one, other):
    both = one is not None and other is not None
    return one == other or (both and math.isnan(one) and math.isnan(other))


def check_against_cel(source, customer, *, amount=False):
    ours, theirs = by_columns(source, customer, amount=amount), by_cel(source, customer, amount=amount)
    assert all(same(one, other) for one, other in zip(ours, theirs, strict=True)), (source, ours, theirs)


@pytest.mark.parametrize(
    "source",
    [
        "action.price < 60",
        "action.price > customer.spend || action.digital",
        "action.price * 2 - 1 >= customer.spend / 2 + action.cost",
        "-action.price < customer.age && !action.price_sensitive",
        "action.price / 0 > 1",
        "action.price / action.price != 1",
        "action.rating > 3",
        "action.family == customer.os",
        "action.family != 'phone'",
        "'phone' == action.family",
        "action.family < 'q'",
        "customer.os <= action.family",
        "action.family in ['tariff', customer.os]",
        "customer.os in [action.family, action.kind]",
        "action.price in [30, 99, customer.spend]",
        "action.family in []",
        "action.id.startsWith('phone')",
        "action.id.startsWith(customer.os)",
        "customer.os.contains(action.family)",
        "action.id.endsWith('_a') && action.id.contains('n')",
        "action.id == action.family || action.kind == 'MESSAGE'",
        "size(action.id) > 5",
        "double(size(action.id)) > customer.age / 6",
        "size(action.id) > size(customer.os)",
        "(customer.age > 18 ? action.price : action.cost) > 20",
        "(action.digital ? 1 : 2) > customer.age / 20",
        "customer.age > 18 ? true : action.digital",
        "action.digital == known.age",
        "action.partner || action.group == 'plans' || action.issue == 'service'",
        "!(action.digital && action.price > 1) == (customer.os == 'phone')",
    ],
)
def test_columns_say_what_cel_says_of_each_action(source):
    check_against_cel(source, CUSTOMER)


def test_amounts_are_columns_too():
    check_against_cel("action.price * 0.2 + customer.age", CUSTOMER, amount=True)
    check_against_cel("action.family == 'phone' ? action.price : 0", CUSTOMER, amount=True)


def test_a_missing_attribute_is_unknown_for_that_action_only():
    assert by_columns("action.rating < 3", CUSTOMER) == [False, True, None, None, True]


def test_a_cost_that_is_an_expression_is_unknown():
    assert by_columns("action.cost < 1", CUSTOMER) == [False, True, True, True, None]


def test_an_unknown_fact_makes_every_action_unknown():
    assert by_columns("action.price > customer.age", {}) == [None] * len(ACTIONS)


def test_an_error_beside_actions_makes_every_action_unknown():
    assert by_columns("action.price > {'ios': 1.0}[customer.os]", CUSTOMER) == [None] * len(ACTIONS)


def test_what_is_the_same_for_all_is_left_to_the_one_evaluation():
    program, fused, _, _ = compile_one("action.price > customer.spend * 2 && customer.age > 18")
    assert (len(fused), program.static) == (2, False)


def test_what_reads_only_actions_is_settled_at_load():
    program, fused, _, _ = compile_one("action.price > 60 && action.family in ['phone', 'tariff']")
    assert (len(fused), program.static) == (0, True)


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ("action.id.matches('a.*')", 18),
        ("int(action.price) % 2 == 0", 4),
        ("[1.0, action.price].exists(x, x > 5.0)", 27),
        ("[1, 2].exists(x, x > action.price)", 14),
        ("[1, 2].exists(x, x > customer.age) || action.price > 0", 14),
        ("{'phone': 1.0}[action.family] > 0.5", 1),
        ("action.family + 'x' == 'phonex'", 15),
        ("(customer.age > 1 ? action.family : 'x') == 'x'", 19),
        ("action.family in (customer.age > 1 ? ['x'] : ['y'])", 15),
    ],
)
def test_what_cannot_be_a_column_is_refused_at_its_place(source, column):
    program, _, problems, _ = compile_one(source)
    assert program is None
    place, code, message, hint = problems[0]
    assert (code, place.line, place.column) == ("not-per-action", HERE.line, HERE.column + column - 1)
    assert message
    assert hint


numbers = st.sampled_from(
    ["action.price", "action.cost", "action.rating", "customer.age", "customer.spend", "0.0", "1", "30", "2.5"]
)
texts = st.sampled_from(["action.family", "action.id", "action.group", "customer.os", "'phone'", "''", "'phone_a'"])
flags = st.sampled_from(["action.digital", "action.price_sensitive", "known.age", "true", "false"])


def sums(terms):
    binary = st.builds("({} {} {})".format, terms, st.sampled_from("+-*/"), terms)
    return st.one_of(binary, st.builds("(-{})".format, terms))


def combined(terms):
    binary = st.builds("({} {} {})".format, terms, st.sampled_from(["&&", "||", "==", "!="]), terms)
    return st.one_of(binary, st.builds("(!{})".format, terms), st.builds("({} ? {} : {})".format, terms, terms, terms))


amounts = st.recursive(numbers, sums, max_leaves=4)
comparisons = st.one_of(
    st.builds("({} {} {})".format, amounts, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), amounts),
    st.builds("({} {} {})".format, texts, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), texts),
    st.builds("({} in [{}, {}])".format, texts, texts, texts),
    st.builds("({} in [{}, {}])".format, amounts, numbers, numbers),
    st.builds("{}.{}({})".format, texts, st.sampled_from(["startsWith", "endsWith", "contains"]), texts),
    st.builds("(size({}) > {})".format, texts, st.integers(-1, 8)),
)
conditions = st.recursive(st.one_of(flags, comparisons), combined, max_leaves=5)
customers = st.fixed_dictionaries(
    {"known.age": st.booleans(), "customer.os": st.sampled_from(["phone", "tariff", "", "p"])},
    optional={"customer.age": st.sampled_from([0.0, 30.0, 99.0]), "customer.spend": st.floats(-1e6, 1e6)},
)


@settings(max_examples=150)
@given(conditions, customers)
def test_any_condition_about_actions_says_what_cel_says(source, customer):
    _, _, problems, condition = compile_one(source)
    assume(condition is not None and condition.per_action)
    assert not problems, (source, problems)
    check_against_cel(source, customer)
