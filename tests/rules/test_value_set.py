"""Sets of values: what is in both, in either, in neither, asked of single values."""

import math

from hypothesis import given
from hypothesis import strategies as st

from rules.value_set import ANY_TEXT, FINITE, FLAGS, WHOLE, Members, Numbers, compared, exactly, meet

numbers = st.sampled_from([-2.0, -1.0, -0.0, 0.0, 0.5, 1.0, 2.0, math.nextafter(1.0, 2.0)])
half_lines = st.builds(compared, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers)
number_sets = st.recursive(
    half_lines, lambda inner: st.builds(Numbers.meet, inner, inner) | st.builds(Numbers.join, inner, inner)
)
text_sets = st.builds(Members, st.frozensets(st.sampled_from("abc")), st.booleans())


@given(one=number_sets, other=number_sets, number=numbers)
def test_numbers_are_in_both_in_either_or_in_neither(one, other, number):
    assert (number in one.meet(other)) == (number in one and number in other)
    assert (number in one.join(other)) == (number in one or number in other)
    assert (number in one.rest()) == (number not in one)


@given(one=text_sets, other=text_sets, text=st.sampled_from("abcd"))
def test_texts_are_in_both_in_either_or_in_neither(one, other, text):
    assert (text in one.meet(other)) == (text in one and text in other)
    assert (text in one.join(other)) == (text in one or text in other)
    assert (text in one.rest()) == (text not in one)


def test_a_comparison_holds_for_the_doubles_it_says():
    assert math.nextafter(5.0, 6.0) in compared(">", 5.0)
    assert 5.0 not in compared(">", 5.0)
    assert not compared(">", math.inf)
    assert not compared("<", -math.inf)
    nothing = math.inf - math.inf
    assert nothing not in compared("!=", 5.0)


def test_whole_numbers_leave_nothing_between_two_neighbours():
    between = compared(">", 1.0).meet(compared("<", 2.0))
    assert between.meet(FINITE)
    assert not between.meet(WHOLE)
    assert 1.0 in WHOLE
    assert 1.5 not in WHOLE


def test_sets_of_different_kinds_have_nothing_in_common():
    assert not meet(exactly([1.0]), exactly(["1"]))
    assert meet(ANY_TEXT, exactly(["a"])) == exactly(["a"])
    assert exactly([True]) == Members(frozenset({True}))
    assert exactly([True, False]) == FLAGS


def test_the_only_member_is_told():
    assert exactly([3]).single == 3.0
    assert exactly([3, 4]).single is None
    assert exactly(["a"]).single == "a"
    assert ANY_TEXT.single is None
