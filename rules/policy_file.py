"""Loads `policy.yaml`: structure, references and conditions, all mistakes at once."""

from __future__ import annotations

from pathlib import Path

from documents.node import Source
from documents.problem import DocumentInvalid
from documents.strict_yaml import load
from rules.compiled import CompiledPolicy, compile_policy
from rules.facts import FactSchema
from rules.reading.document import read_policy

__all__ = ["compile_source", "load_policy", "read_policy"]


def load_policy(path: Path, facts: FactSchema) -> CompiledPolicy:
    """The policy at `path`, compiled against the declared facts.

    Raises DocumentInvalid with every mistake found, those within conditions included.
    """
    return compile_source(load(path), facts)


def compile_source(source: Source, facts: FactSchema) -> CompiledPolicy:
    """The policy of a parsed document, as `load_policy` has it."""
    policy, reader = read_policy(source, facts)
    compiled = None if policy is None else compile_policy(policy, facts, reader.report)
    if compiled is None or reader.problems:
        raise DocumentInvalid(reader.problems)
    return compiled
