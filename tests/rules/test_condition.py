"""Conditions are checked when the policy loads, and every mistake is told at its exact place."""

import pytest

from documents.problem import Place
from rules.condition import ConditionCompiler
from rules.facts import declare
from rules.policy import Expression
from tests.rules.shop import ATTRIBUTES, CONTEXT, FACTS, HERE

VARIABLES = declare(FACTS, CONTEXT, ATTRIBUTES)


def check(source, *, amount=False, place=HERE, forbidden=()):
    problems = []
    compiler = ConditionCompiler(VARIABLES, lambda *problem: problems.append(problem))
    expression = Expression(source, place)
    found = compiler.amount(expression) if amount else compiler.condition(expression, forbidden)
    assert (found is None) == bool(problems)
    return found, problems


def only_problem(source, **how):
    _, problems = check(source, **how)
    assert len(problems) == 1, problems
    return problems[0]


def test_a_sound_condition_knows_what_it_reads():
    condition, _ = check("customer.age >= 18 && known.spend && context.page != 'basket'")
    assert condition.reads == ("context.page", "customer.age", "known.spend")
    assert not condition.per_action


def test_a_condition_that_reads_actions_says_so():
    assert check("action.price < customer.spend")[0].per_action


@pytest.mark.parametrize(
    ("source", "column", "code", "hint"),
    [
        ("customer.aeg > 18", 1, "unknown-name", "did you mean 'customer.age'?"),
        ("known.spend && customer.spent > 1", 16, "unknown-name", "did you mean 'customer.spend'?"),
        ("age > 18", 1, "unknown-name", "did you mean 'customer.age'?"),
        ("customer.os.beginsWith('i')", 13, "unknown-name", "did you mean 'endsWith'?"),
        ("customer.age > 'old'", 14, "wrong-type", "compare a number with a number; text stands in quotes"),
        ("customer.age == null", 14, "wrong-type", "a value is never null; ask `known.<feature>`"),
        ("customer.age % 2 == 0", 14, "wrong-type", "the remainder is one of whole numbers: write int(..) % 2"),
        ("customer.age > size(customer.os)", 14, "wrong-type", "write double(..) around the whole number"),
        ("customer.age = 18", 14, "cel-syntax", "equality is written =="),
        ("known.age and known.spend", 11, "cel-syntax", "write && for and, || for or, ! for not"),
        ("customer.age >", 15, "cel-syntax", "write a condition such as customer.age >= 18"),
        ("customer.age", 1, "wrong-result", "compare it with something, such as > 0"),
    ],
)
def test_a_mistake_is_told_at_its_column_with_a_hint(source, column, code, hint):
    place, found_code, _, found_hint = only_problem(source)
    assert place == Place("policy.yaml", HERE.line, HERE.column + column - 1)
    assert found_code == code
    assert hint in found_hint


def test_every_mistake_of_one_condition_is_told():
    _, problems = check("customer.aeg > 1 || customer.sepnd > 2")
    assert [place.column for place, *_ in problems] == [HERE.column, HERE.column + 20]


def test_a_mistake_on_a_later_line_is_told_on_that_line():
    place, *_ = only_problem("customer.age > 18 &&\n      customer.aeg < 99")
    assert place == Place("policy.yaml", HERE.line + 1, 7)


def test_an_amount_must_be_a_number():
    assert check("customer.age * 2", amount=True)[0] is not None
    assert check("size(customer.os)", amount=True)[0] is not None
    assert only_problem("customer.os", amount=True)[1] == "wrong-result"
    assert only_problem("customer.age > 1", amount=True)[1] == "wrong-result"


def test_variables_of_a_forbidden_room_are_told_at_their_place():
    place, code, *_ = only_problem("customer.age > 1 && tier.name == 'gold'", forbidden=("tier", "action"))
    assert (code, place.column) == ("not-known-here", HERE.column + 20)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("customer.os == '" + "x" * 4000 + "'", "too-long"),
        (" && ".join(["known.age"] * 300), "too-large"),
        ("(" * 32 + "known.age" + ")" * 32, "too-nested"),
        ("(" * 40 + "known.age" + ")" * 40, "too-nested"),
        (" + ".join(["customer.age"] * 60) + " > 1", "too-nested"),
    ],
)
def test_what_is_too_large_is_refused(source, code):
    assert only_problem(source)[1] == code


def test_equal_texts_are_compiled_once_and_told_at_each_place():
    problems = []
    compiler = ConditionCompiler(VARIABLES, lambda *problem: problems.append(problem))
    for line in (1, 2):
        compiler.condition(Expression("customer.aeg > 1", Place("policy.yaml", line, 1)))
    assert [place.line for place, *_ in problems] == [1, 2]
