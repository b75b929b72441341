"""Reasons in the company's own words, for customer, agent and analyst."""

from __future__ import annotations

from documents.reader import Reader
from documents.strict_yaml import Node
from rules.policy import Reason

_KEYS = ("customer", "agent", "analyst")


def read_reason(reader: Reader, node: Node) -> Reason:
    """Three texts; a single text is the agent's."""
    if isinstance(node.value, str):
        return Reason(agent=node.value)
    entries = reader.mapping(node, _KEYS)
    return Reason(**{key: reader.text(child) or "" for key, child in entries.items()})
