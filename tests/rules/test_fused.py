"""All conditions are one evaluation; what is unknown or fails is so for its own condition only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.condition import ConditionCompiler
from rules.facts import declare
from rules.fused import FusedConditions, Slots
from tests.rules.shop import ATTRIBUTES, CONTEXT, FACTS, cel

VARIABLES = declare(FACTS, CONTEXT, ATTRIBUTES)


def fuse(*sources):
    compiler = ConditionCompiler(VARIABLES, lambda *problem: pytest.fail(str(problem)))
    slots = Slots()
    for source in sources:
        slots.add(compiler.condition(cel(source)))
    return FusedConditions(slots, compiler.env, VARIABLES)


def test_one_evaluation_answers_all_conditions():
    fused = fuse("customer.age > 18", "customer.age > 65", "customer.os == 'ios'")
    verdicts = fused.evaluate({"customer.age": 30.0, "customer.os": "ios"})
    assert list(verdicts.values) == [True, False, True]
    assert fused.evaluations == 1


def test_equal_conditions_share_a_slot():
    assert len(fuse("customer.age > 18", "customer.age > 18")) == 1


def test_a_comment_at_the_end_of_a_condition_hides_nothing():
    fused = fuse("customer.age > 18 // grown up", "customer.age > 65")
    assert list(fused.evaluate({"customer.age": 70.0}).values) == [True, True]


def test_a_condition_is_unknown_when_a_variable_it_reads_is():
    fused = fuse("customer.age > 18", "customer.os == 'ios'", "known.age", "known.age && customer.age > 18")
    verdicts = fused.evaluate({"customer.os": "ios", "known.age": False})
    assert list(verdicts.values) == [None, True, False, None]
    assert verdicts.errors == ()
    assert fused.evaluations == 1


def test_a_failing_condition_is_unknown_and_told_and_spoils_no_other():
    fused = fuse("customer.age > 18", "{'ios': true}[customer.os]", "customer.spend > 0")
    verdicts = fused.evaluate({"customer.age": 30.0, "customer.os": "android", "customer.spend": 1.0})
    assert list(verdicts.values) == [True, None, True]
    assert [(error.slot, error.condition) for error in verdicts.errors] == [(1, "{'ios': true}[customer.os]")]
    assert "android" in verdicts.errors[0].message
    assert fused.evaluations == 1 + 1


def test_a_condition_that_fails_only_on_its_dummy_is_unknown_not_failed():
    verdicts = fuse("{'ios': true}[customer.os]", "known.age").evaluate({"known.age": True})
    assert list(verdicts.values) == [None, True]
    assert verdicts.errors == ()


def test_a_value_of_another_type_makes_its_conditions_fail_closed():
    verdicts = fuse("customer.age > 18", "known.age").evaluate({"customer.age": "thirty", "known.age": True})
    assert list(verdicts.values) == [None, True]
    assert len(verdicts.errors) == 1


def test_nothing_to_evaluate_asks_nothing():
    fused = fuse()
    assert (list(fused.evaluate({}).values), fused.evaluations) == ([], 0)


def test_conditions_beyond_the_size_of_one_expression_are_split_and_keep_their_slots():
    sources = [f"customer.age > {number}.0 || customer.os == '{'x' * 1000}'" for number in range(200)]
    sources.insert(150, "{'ios': true}[customer.os]")
    fused = fuse(*sources)
    verdicts = fused.evaluate({"customer.age": 99.5, "customer.os": "android"})
    assert [verdicts.values[slot] for slot in (0, 99, 100, 149, 150, 151)] == [True, True, False, False, None, False]
    assert [error.slot for error in verdicts.errors] == [150]
    assert len(fuse(*sources[:150])) == 150


ages = st.one_of(st.none(), st.floats(0, 120))


@given(st.lists(st.tuples(st.sampled_from(["age", "spend"]), st.integers(0, 120)), max_size=8), ages, ages)
def test_fused_verdicts_are_those_of_each_condition_alone(tests, age, spend):
    known = {name: value for name, value in (("age", age), ("spend", spend)) if value is not None}
    fused = fuse(*dict.fromkeys(f"customer.{name} > {limit}" for name, limit in tests))
    verdicts = fused.evaluate({f"customer.{name}": value for name, value in known.items()})
    expected = [known[name] > limit if name in known else None for name, limit in dict.fromkeys(tests)]
    assert list(verdicts.values) == expected
