"""Whole numbers become doubles where a double meets them, and nowhere else."""

import pytest
from cel_expr_python import cel
from hypothesis import given
from hypothesis import strategies as st

from rules.promotion import compile_promoted

ENV = cel.NewEnv(
    variables={"customer.age": cel.Type.DOUBLE, "customer.os": cel.Type.STRING, "customer.vip": cel.Type.BOOL}
)


@pytest.mark.parametrize(
    ("written", "promoted"),
    [
        ("customer.age > 18", "customer.age > 18.0"),
        ("18 < customer.age", "18.0 < customer.age"),
        ("customer.age >= -18", "customer.age >= -18.0"),
        ("customer.age >= -  18", "customer.age >= -18.0"),
        ("customer.age > 0x10", "customer.age > 16.0"),
        ("customer.age + 1 > 3 * 2", "customer.age + 1.0 > 3.0 * 2.0"),
        ("customer.age in [1, 2]", "customer.age in [1.0, 2.0]"),
        ("customer.age > (customer.vip ? 1 : 2)", "customer.age > (customer.vip ? 1.0 : 2.0)"),
        ("{'ios': 1}[customer.os] > customer.age", "{'ios': 1.0}[customer.os] > customer.age"),
        ("[1, 2].exists(x, x > customer.age)", "[1.0, 2.0].exists(x, x > customer.age)"),
        ("customer.age > 18.5", "customer.age > 18.5"),
        ("size(customer.os) > 2", "size(customer.os) > 2"),
        ("size(customer.os) > 2 && customer.age > 2", "size(customer.os) > 2 && customer.age > 2.0"),
    ],
)
def test_a_whole_number_beside_a_double_becomes_one(written, promoted):
    found = compile_promoted(ENV, written)
    assert found.complaints == ()
    assert found.text == promoted
    assert found.expression is not None


def test_an_amount_of_whole_numbers_is_a_double_as_a_whole():
    assert compile_promoted(ENV, "customer.vip ? 5 / 2 : 0", whole=True).text == "customer.vip ? 5.0 / 2.0 : 0.0"
    assert compile_promoted(ENV, "size(customer.os) * 2", whole=True).text == "size(customer.os) * 2"


def test_a_count_beside_a_double_stays_a_mistake_at_its_operator():
    found = compile_promoted(ENV, "customer.age > size(customer.os)")
    assert found.expression is None
    assert [complaint.offset for complaint in found.complaints] == [13]


def test_places_stay_those_of_the_author_after_promotion():
    written = "customer.age > 18 && customer.age < 99 &&\n  customer.age > 'old'"
    complaint = compile_promoted(ENV, written).complaints[0]
    assert written[complaint.offset :].startswith("> 'old'")


def test_every_character_remembers_where_it_came_from():
    found = compile_promoted(ENV, "customer.age > 18 || customer.vip")
    assert len(found.origin) == len(found.text) + 1
    assert found.origin[found.text.index("||")] == "customer.age > 18 || customer.vip".index("||")


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=6), st.floats(-1e13, 1e13))
def test_promoted_comparisons_say_what_arithmetic_says(numbers, age):
    source = " || ".join(f"customer.age == {number}" for number in numbers)
    found = compile_promoted(ENV, source)
    assert found.expression.eval(data={"customer.age": age}).value() == (age in numbers)
    for number in numbers:
        assert found.expression.eval(data={"customer.age": float(number)}).value() is True
