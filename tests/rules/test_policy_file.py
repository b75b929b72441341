from __future__ import annotations

from pathlib import Path

import pytest

from documents.problem import DocumentInvalid
from rules.facts import FactSchema
from rules.policy_file import load_policy


def test_a_policy_that_holds_is_loaded_compiled(corner_shop_path: Path, facts: FactSchema) -> None:
    compiled = load_policy(corner_shop_path, facts)
    assert compiled.policy.company == "Corner Shop"
    assert len(compiled.catalogue) == len(compiled.policy.actions)


def test_mistakes_of_structure_and_of_conditions_are_told_together(
    corner_shop_path: Path, facts: FactSchema, tmp_path: Path
) -> None:
    text = corner_shop_path.read_text(encoding="utf-8")
    spoiled = tmp_path / "policy.yaml"
    spoiled.write_text(
        text.replace("success: CLICKED", "success: CLIKED").replace("customer.age < 18", "customer.agee < 18"),
        encoding="utf-8",
    )
    with pytest.raises(DocumentInvalid) as caught:
        load_policy(spoiled, facts)
    assert [problem.code for problem in caught.value.problems] == ["unknown-outcome", "unknown-name"]
    told = str(caught.value)
    assert "did you mean 'CLICKED'?" in told
    assert f"{spoiled}:168:17" in told


def test_a_feature_that_is_no_longer_declared_refuses_the_policy(corner_shop_path: Path, facts: FactSchema) -> None:
    fewer = FactSchema({name: facts[name] for name in facts.names if name != "tenure_months"})
    with pytest.raises(DocumentInvalid) as caught:
        load_policy(corner_shop_path, fewer)
    assert {problem.code for problem in caught.value.problems} == {"unknown-name", "unknown-placeholder"}
    assert len(caught.value.problems) == 3


def test_a_policy_that_is_not_there_is_a_problem_at_its_path(tmp_path: Path, facts: FactSchema) -> None:
    with pytest.raises(DocumentInvalid, match=r"policy\.yaml:1:1: cannot be read"):
        load_policy(tmp_path / "policy.yaml", facts)


def test_an_empty_policy_names_every_section_it_lacks(tmp_path: Path, facts: FactSchema) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("version: 1\n", encoding="utf-8")
    with pytest.raises(DocumentInvalid) as caught:
        load_policy(path, facts)
    assert len(caught.value.problems) == 7
    assert {problem.code for problem in caught.value.problems} == {"missing-key"}
