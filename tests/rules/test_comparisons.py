"""Why a tier is what it is, comparison by comparison, as people read it."""

import pytest

from rules.comparisons import Comparison, TierComparisons
from rules.condition import ConditionCompiler
from rules.facts import declare
from rules.policy import Expression
from rules.spelling import spelled
from tests.rules.shop import FACTS, HERE, cel, offer, policy, tier


def judged(condition, **customer):
    written = policy([offer("a")], tiers=(tier("x", condition), tier("y")))
    values = {f"customer.{name}": value for name, value in customer.items()}
    values |= {f"known.{name}": True for name in customer}
    return TierComparisons(written, FACTS).judge(written.tiers[0].when, values)


@pytest.mark.parametrize(
    ("condition", "customer", "found"),
    [
        ("customer.spend >= 900", {"spend": 740.0}, ("customer.spend >= 900", "740", ">= 900", False)),
        ("900 <= customer.spend", {"spend": 950.0}, ("900 <= customer.spend", "950", ">= 900", True)),
        ("customer.age > 17.5", {}, ("customer.age > 17.5", "", "> 17.5", None)),
        ("customer.os in ['ios']", {"os": "android"}, ('customer.os in ["ios"]', "android", 'in ["ios"]', False)),
        ("customer.os == 'ios'", {"os": "ios"}, ('customer.os == "ios"', "ios", '== "ios"', True)),
        ("customer.complaint", {"complaint": False}, ("customer.complaint", "no", "yes", False)),
        ("!customer.complaint", {"complaint": False}, ("!customer.complaint", "no", "no", True)),
        (
            "customer.spend >= customer.spend_before * 1.5",
            {"spend": 100.0, "spend_before": 100.0},
            ("customer.spend >= customer.spend_before * 1.5", "100", ">= 150", False),
        ),
        (
            "!(customer.spend < 10)",
            {"spend": 12.0},
            ("!(customer.spend < 10)", "12", ">= 10", True),
        ),
        (
            "customer.spend - customer.spend_before > 5",
            {"spend": 12.0, "spend_before": 4.0},
            ("customer.spend - customer.spend_before > 5", "8", "> 5", True),
        ),
        (
            "customer.os.startsWith('an')",
            {"os": "android"},
            ('customer.os.startsWith("an")', "android", 'customer.os.startsWith("an")', True),
        ),
    ],
)
def test_a_comparison_tells_what_was_found_and_what_is_required(condition, customer, found):
    assert judged(condition, **customer) == (Comparison(*found),)


def test_every_comparison_of_a_condition_is_told_in_its_order():
    found = judged("customer.spend >= 900 && (customer.age >= 18 || known.age)", spend=950.0)
    assert [one.comparison for one in found] == ["customer.spend >= 900", "customer.age >= 18", "known.age"]


def test_what_has_no_source_of_its_own_is_left_out():
    assert judged("['ios'].exists(os, os == customer.os) && customer.spend > 1", spend=2.0)[0].observed == "2"


@pytest.mark.parametrize(
    "source",
    [
        "customer.spend * 2 + 1 > 5",
        "(customer.spend + 1) * 2 > 5",
        "customer.spend - (customer.spend_before - 1) > 5",
        "-customer.spend < 3",
        "size(customer.os) > 3",
        "!(customer.complaint || known.age)",
        'customer.os in ["ios", "android"]',
    ],
)
def test_a_condition_is_spelled_as_its_author_could_have(source):
    compiler = ConditionCompiler(declare(FACTS, {}, {}), lambda *problem: pytest.fail(str(problem)))
    condition = compiler.condition(cel(source))
    text = spelled(condition.tree.root)
    assert text == source
    assert compiler.condition(Expression(text, HERE)) is not None
