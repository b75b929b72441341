"""`procedures`: what is done, by whom and in what time, when a customer comes with a certain need."""

from __future__ import annotations

from documents.problem import Place
from documents.strict_yaml import Node
from rules.procedure import Procedure, ProcedureStep
from rules.reading.section import Section
from rules.terms import Direction

_KEYS = ("id", "intent", "intents", "channels", "owner", "steps")
_REQUIRED = ("id", "owner", "steps")
_STEP_KEYS = ("id", "text", "within", "team")
_STEP_REQUIRED = ("id", "text", "team")


def read_procedures(section: Section, node: Node, intents: tuple[str, ...]) -> tuple[Procedure, ...]:
    """The procedures; `intents` are those that the policy declares (none = any)."""
    found = tuple(_read_procedure(section, child, intents) for child in section.reader.items(node))
    _check_one_each(section, found)
    return found


def _read_procedure(section: Section, node: Node, intents: tuple[str, ...]) -> Procedure:
    reader = section.reader
    entries = reader.mapping(node, _KEYS, _REQUIRED)
    if isinstance(node.value, dict) and ("intent" in entries) == ("intents" in entries):
        message = "a procedure names the intent that it is for"
        reader.report(node, "missing-key", message, "add intent: ... or intents: [...]")
    named = entries.get("intent", entries.get("intents"))
    steps = tuple(_read_step(section, child) for child in reader.items(entries["steps"])) if "steps" in entries else ()
    if "steps" in entries and entries["steps"].value == ():
        reader.report(entries["steps"], "empty-list", "the procedure has no step", "write at least one")
    _check_ids(section, node, steps)
    return Procedure(
        id=reader.optional(entries, "id", section.rule_id, ""),
        intents=() if named is None else _read_intents(section, named, intents),
        channels=reader.optional(entries, "channels", section.channels, ()),
        owner=reader.optional(entries, "owner", section.filled, ""),
        steps=steps,
        place=node.place,
    )


def _read_intents(section: Section, node: Node, intents: tuple[str, ...]) -> tuple[str, ...]:
    if intents:
        return section.refer_all(node, intents, "intent")
    return section.reader.texts(node)


def _read_step(section: Section, node: Node) -> ProcedureStep:
    reader = section.reader
    entries = reader.mapping(node, _STEP_KEYS, _STEP_REQUIRED)
    return ProcedureStep(
        id=reader.optional(entries, "id", section.label, ""),
        text=reader.optional(entries, "text", section.filled, ""),
        within=reader.optional(entries, "within", reader.duration, 0.0),
        team=reader.optional(entries, "team", section.filled, ""),
    )


def _check_ids(section: Section, node: Node, steps: tuple[ProcedureStep, ...]) -> None:
    names = [one.id for one in steps if one.id]
    for name in sorted({name for name in names if names.count(name) > 1}):
        section.reader.report(node, "duplicate-id", f"two steps are called {name!r}", "rename one")


def _check_one_each(section: Section, procedures: tuple[Procedure, ...]) -> None:
    """One call has one procedure: an intent has at most one in each channel."""
    taken: dict[tuple[str, str], Place] = {}
    inbound = [name for name, way in section.names.channels.items() if way != Direction.OUTBOUND]
    for one in procedures:
        for key in [(intent, channel) for intent in one.intents for channel in one.channels or inbound]:
            if key in taken:
                message = f"{key[0]!r} has a procedure in {key[1]!r} already, at line {taken[key].line}"
                section.reader.report(one.place, "two-procedures", message, "leave one, or give each its channels")
                break
            taken[key] = one.place
