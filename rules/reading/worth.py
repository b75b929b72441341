"""What an action is worth: its value for each goal, what the contact costs, and where a young action starts."""

from __future__ import annotations

from documents.reader import Reader
from documents.strict_yaml import Node
from rules.policy import Amount
from rules.reading.section import Section

_STARTING_KEYS = ("propensity", "evidence")
_MOST_EVIDENCE = 1e9


def read_worth(section: Section, node: Node) -> dict[str, Amount]:
    """Amounts by goal."""
    reader = section.reader
    amounts = {}
    for goal, child in reader.entries(node).items():
        if goal not in section.names.goals:
            hint = reader.hint(goal, section.names.goals)
            reader.report(node.key_places[goal], "unknown-goal", f"there is no goal {goal[:80]!r}", hint)
        elif (amount := section.amount(child)) is not None:
            amounts[goal] = amount
    return amounts


def read_cost(section: Section, node: Node) -> Amount:
    """Money per contact, at least 0, or CEL that gives it."""
    cost = section.expression(node) if isinstance(node.value, str) else section.reader.number(node, 0.0)
    return 0.0 if cost is None else cost


def read_starting(reader: Reader, node: Node) -> tuple[float, float] | None:
    """(propensity, evidence): the chance of success assumed at first, and how many closed contacts it weighs."""
    entries = reader.mapping(node, _STARTING_KEYS, _STARTING_KEYS)
    propensity = reader.optional(entries, "propensity", lambda child: reader.number(child, 0.0, 1.0), None)
    evidence = reader.optional(entries, "evidence", lambda child: reader.number(child, 1.0, _MOST_EVIDENCE), None)
    return None if propensity is None or evidence is None else (propensity, evidence)
