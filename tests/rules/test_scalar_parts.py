"""A condition as a Python function says what CEL says, whatever the values; what may differ stays with CEL."""

import math

import pytest
from cel_expr_python import cel as celpy
from hypothesis import given
from hypothesis import strategies as st

from rules.condition import ConditionCompiler
from rules.facts import declare
from rules.scalar_parts import all_parts, scalar_part
from tests.rules.shop import ATTRIBUTES, CONTEXT, FACTS, cel

VARIABLES = declare(FACTS, CONTEXT, ATTRIBUTES)
CONDITIONS = (
    "customer.age > 18",
    "18 < customer.age && customer.age <= 65.5",
    "customer.age == 30 || customer.age != customer.spend",
    "customer.age >= customer.spend * 1.15 + 2",
    "!(customer.complaint && customer.os == 'ios') || known.age",
    "customer.complaint == (customer.age < 20)",
    "customer.os in ['ios', 'android'] && !(customer.os in ['x'])",
    "customer.age in [18.0, 30.0, -0.0]",
    "customer.os.startsWith('i') || customer.os.endsWith('id') || context.page.contains(customer.os)",
    "customer.os < 'b' && context.page >= customer.os",
    "(customer.complaint ? customer.age : customer.spend) / context.queue > 1",
    "customer.age / customer.spend == context.queue / context.queue",
    "true && (customer.complaint || false)",
)
AMOUNTS = (
    "customer.age * 0.5",
    "-customer.age * -6.0 - (customer.spend - 19) / 3",
    "customer.spend / customer.age",
    "2 + customer.age * customer.spend * 0.7 + (customer.complaint ? 8.0 : -1.0)",
)
LEFT_TO_CEL = (
    "size(customer.os) > 2",
    "{'ios': true}[customer.os]",
    "[1, 2].exists(x, x > 1)",
    "customer.os.matches('i.*')",
    "double(customer.os) > 2",
    "[customer.age] == [1.0]",
)
numbers = st.one_of(st.floats(), st.sampled_from([0.0, -0.0, 1.0, 18.0, 30.0, 65.5, math.inf, math.nan, 1e308]))
texts = st.sampled_from(["", "ios", "android", "home ios", "ä", "\U0001f600", "\uffff", "x"])
values = st.fixed_dictionaries(
    dict.fromkeys(("customer.age", "customer.spend", "context.queue"), numbers)
    | dict.fromkeys(("customer.complaint", "known.age"), st.booleans())
    | dict.fromkeys(("customer.os", "context.page"), texts)
)


def compiled(source, amount=False):
    compiler = ConditionCompiler(VARIABLES, lambda *problem: pytest.fail(str(problem)))
    return (compiler.amount if amount else compiler.condition)(cel(source))


def said_by_cel(condition, known):
    found = condition.program.eval(data={name: known[name] for name in condition.reads})
    assert found.type() != celpy.Type.ERROR
    return found.plain_value()


COMPILED = [*map(compiled, CONDITIONS), *(compiled(source, amount=True) for source in AMOUNTS)]
PARTS = [scalar_part(condition.tree) for condition in COMPILED]
TOGETHER = all_parts(PARTS)


@given(values)
def test_the_function_says_what_cel_says(known):
    assert None not in PARTS
    for condition, found in zip(COMPILED, TOGETHER(known), strict=True):
        assert repr(found) == repr(said_by_cel(condition, known)), condition.text


def test_what_a_policy_says_becomes_a_constant_or_a_known_operation_never_code():
    sly = compiled("customer.os == '\\') or __import__(\"os\").abort() or (\\''")
    assert all_parts([scalar_part(sly.tree), None])({"customer.os": "ios"}) == [False, None]


@pytest.mark.parametrize("source", LEFT_TO_CEL)
def test_what_may_fail_or_differ_is_left_to_cel(source):
    assert scalar_part(compiled(source).tree) is None
