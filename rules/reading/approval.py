"""`approval`: how many people it takes to change what is in force."""

from __future__ import annotations

from documents.strict_yaml import Node
from rules.approval import Approval
from rules.reading.section import Section

_MOST = 2


def read_approval(section: Section, node: Node) -> Approval:
    """One person, or two: the author and somebody else."""
    reader = section.reader
    entries = reader.mapping(node, ("people",), ("people",))
    people = reader.optional(entries, "people", lambda child: reader.integer(child, 1, _MOST), 1)
    return Approval(people)
