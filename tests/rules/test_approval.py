"""How many people it takes to change what is in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.problem import DocumentInvalid
from documents.strict_yaml import parse, read
from engine.snapshot import facts_of
from models.feature_file import read_features
from rules.approval import Approval
from rules.policy import Policy
from rules.policy_file import compile_source

POLICIES = Path(__file__).parent / "policies"
FACTS = facts_of(read_features(read((POLICIES / "features.yaml").read_bytes(), "features.yaml")))


def policy_with(line: str) -> Policy:
    text = (POLICIES / "corner_shop.yaml").read_text()
    return compile_source(parse(text + line, "policy.yaml"), FACTS).policy


def test_one_person_is_enough_unless_the_policy_says_otherwise():
    assert policy_with("").approval == Approval(1)
    assert not policy_with("").approval.by_another


def test_the_policy_may_ask_for_two_people():
    assert policy_with("\napproval: {people: 2}\n").approval.by_another


@pytest.mark.parametrize(
    ("written", "code"),
    [("{people: 3}", "out-of-range"), ("{}", "missing-key"), ("{persons: 2}", "unknown-key"), ("2", "wrong-type")],
)
def test_what_is_no_number_of_people_is_told(written: str, code: str):
    with pytest.raises(DocumentInvalid) as invalid:
        policy_with(f"\napproval: {written}\n")
    assert code in {problem.code for problem in invalid.value.problems}
