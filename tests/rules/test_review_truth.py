"""What a review calls always or never true, held to CEL on random facts."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from documents.strict_yaml import parse
from rules.condition import ConditionCompiler
from rules.facts import CATEGORY, FLAG, INTEGER, NUMBER, Fact, FactSchema, declare
from rules.fused import FusedConditions, Slots
from rules.review.constant import always
from rules.review.subject import Subject
from rules.review.tableau import Goal, possible
from tests.rules.shop import CONTEXT, cel, compile_with_problems, offer, policy

FACTS = FactSchema.of(
    Fact("a", NUMBER, default=0.0),
    Fact("b", NUMBER),
    Fact("n", INTEGER, default=0.0),
    Fact("os", CATEGORY, ("ios", "android", "other"), "other"),
    Fact("last_os", CATEGORY, ("ios", "android", "other")),
    Fact("flag", FLAG, default=False),
)
VARIABLES = declare(FACTS, CONTEXT, {})
NUMBERS = ("customer.a", "customer.b", "customer.n", "context.queue", "moment.hour")
TEXTS = ("customer.os", "customer.last_os")
NAN_MAKERS = ("(customer.a - customer.b)", "(customer.a / customer.b)", "(customer.a * customer.n)")

constants = st.integers(-3, 4).map(str) | st.sampled_from(["0.5", "2.5", "1e308", "-0.0"])
numbers = st.recursive(
    st.sampled_from(NUMBERS) | constants | st.sampled_from(NAN_MAKERS),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
    max_leaves=2,
)
tests = st.one_of(
    st.tuples(numbers, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers).map(" ".join),
    st.tuples(st.sampled_from(NUMBERS), st.lists(constants, max_size=3)).map(
        lambda p: f"{p[0]} in [{', '.join(p[1])}]"
    ),
    st.tuples(
        st.sampled_from(TEXTS), st.sampled_from(["==", "!=", "<"]), st.sampled_from([*TEXTS, '"ios"', '"x"'])
    ).map(" ".join),
    st.tuples(
        st.sampled_from(TEXTS), st.sampled_from(["startsWith", "contains"]), st.sampled_from(["i", "o", "z"])
    ).map(lambda p: f'{p[0]}.{p[1]}("{p[2]}")'),
    st.sampled_from(["customer.flag", "known.b", "known.last_os", "customer.flag == true", "true"]),
)
conditions = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        inner.map(lambda one: f"!({one})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} ? {p[1]} : {p[2]})"),
    ),
    max_leaves=5,
)
value = (
    st.integers(-4, 5).map(float)
    | st.sampled_from([0.5, 2.5, math.nextafter(2.0, 3.0), 1e308, -1e308])
    | st.floats(allow_nan=False, allow_infinity=False)
)
facts_of_a_customer = st.fixed_dictionaries(
    {
        "customer.a": value,
        "customer.b": value | st.none(),
        "customer.n": st.integers(-4, 5).map(float),
        "customer.os": st.sampled_from(["ios", "android", "other"]),
        "customer.last_os": st.sampled_from(["ios", "android", "other", None]),
        "customer.flag": st.booleans(),
        "context.queue": value,
        "moment.hour": st.integers(0, 23).map(float),
    }
)


@pytest.fixture(scope="module")
def subject() -> Subject:
    compiled, problems = compile_with_problems(policy([offer("one")], context=CONTEXT, attributes={}), FACTS)
    assert compiled is not None, problems
    return Subject.of(compiled, FACTS, parse("a: 1", "policy.yaml"), 0.0)


def evaluated(sources, customer):
    """What CEL says of each condition; None = unknown or failed."""
    compiler, slots = ConditionCompiler(VARIABLES, lambda *_: None), Slots()
    checked = [compiler.condition(cel(source)) for source in sources]
    assume(None not in checked)
    places = [slots.add(condition) for condition in checked]
    fused = FusedConditions(slots, compiler.env, VARIABLES)
    known = {name: found for name, found in customer.items() if found is not None}
    known |= {f"known.{fact.name}": f"customer.{fact.name}" in known for fact in FACTS}
    verdicts = fused.evaluate(known).values
    return [verdicts[place] for place in places]


@settings(max_examples=300, deadline=None)
@given(source=conditions, customers=st.lists(facts_of_a_customer, min_size=1, max_size=4))
def test_what_never_changes_is_never_contradicted_by_cel(subject, source, customers):
    condition = subject.condition(cel(source))
    assume(condition is not None)
    said = always(subject, condition, subject.wide)
    if said is None:
        return
    for customer in customers:
        (found,) = evaluated([source], customer)
        assert found in (said, None), (source, customer)


@settings(max_examples=300, deadline=None)
@given(sources=st.tuples(conditions, tests), customers=st.lists(facts_of_a_customer, min_size=1, max_size=4))
def test_what_cannot_hold_together_never_does(subject, sources, customers):
    one, other = (subject.condition(cel(source)) for source in sources)
    assume(one is not None and other is not None)
    case = subject.wide.case((*one.reads, *other.reads), subject.conditions.variables)
    if possible((Goal(one.tree, one.tree.root), Goal(other.tree, other.tree.root, False)), case, subject.wide.still):
        return
    for customer in customers:
        assert evaluated(sources, customer) != [True, False], (sources, customer)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("customer.a < 3 && customer.a >= 3", False),
        ("customer.n > 1 && customer.n < 2", False),
        ("customer.a > 1 && customer.a < 2", None),
        ("customer.a == customer.a", True),
        ("customer.a < customer.b && customer.b < customer.a", False),
        ("customer.a >= 10 && customer.a * 2 + 1 < 21", False),
        ("customer.a / customer.b == customer.a / customer.b", None),
        ("customer.a - customer.b > 1 && !(customer.a - customer.b > 1)", False),
        ('customer.os in ["ios", "android"] || customer.os == "other"', True),
        ("!known.b && customer.b > 0", False),
        ("!known.a && customer.a > 0", None),
        ("(customer.flag ? 5.0 : 7.0) > 4", True),
        ("customer.flag ? !customer.flag : customer.flag", False),
        ("[1.0, 2.0].exists(x, x == customer.a)", None),
    ],
)
def test_it_sees_through_numbers_texts_and_flags(subject, source, said):
    condition = subject.condition(cel(source))
    assert condition is not None
    assert always(subject, condition, subject.wide) is said


def test_it_gives_up_rather_than_take_its_time(subject):
    pairs = " && ".join(f"(customer.a == {i} || customer.b == {i})" for i in range(20))
    condition = subject.condition(cel(pairs))
    assert condition is not None
    assert always(subject, condition, subject.wide) in (None, False)
