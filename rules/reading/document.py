"""Reads the whole of `policy.yaml`: its structure and every reference in it; conditions stay as written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar
from zoneinfo import ZoneInfo

from documents.reader import Reader
from documents.strict_yaml import Node, Source
from rules.facts import FactSchema
from rules.policy import Action, Channel, ContactPolicy, ContextField, Exploration, Levers, Policy
from rules.reading.actions import ActionReader
from rules.reading.alerts import read_alerts, read_duty
from rules.reading.approval import read_approval
from rules.reading.channels import read_channels
from rules.reading.company import Company, read_company
from rules.reading.contact import read_contact_policy
from rules.reading.engagement import read_rules
from rules.reading.events import read_events
from rules.reading.experiments import read_control_groups, read_exploration
from rules.reading.fallbacks import check_fallbacks
from rules.reading.fields import read_attributes, read_context
from rules.reading.influencers import read_influencers
from rules.reading.limits import read_limits
from rules.reading.names import gather_names
from rules.reading.procedures import read_procedures
from rules.reading.proposable import check_ledger_names, check_outcome_names, check_proposable
from rules.reading.section import Section
from rules.reading.tables import read_tables
from rules.reading.tiers import Ladder, read_goals, read_tiers
from rules.reading.triggers import Told, read_triggers
from rules.reading.weights import read_context_weights, read_levers, read_thresholds

T = TypeVar("T")
D = TypeVar("D")
_REQUIRED = ("version", "company", "currency", "time_zone", "channels", "goals", "tiers", "actions")
_KEYS = (
    *_REQUIRED, "salt", "approval", "language", "vocabulary", "intents", "context", "attributes", "outcomes", "rules",
    "tables", "contact_policy", "limits", "levers", "context_weights", "influencers", "thresholds", "exploration",
    "control_groups", "events", "alerts", "triggers", "procedures",
)  # fmt: skip
_REVISION_DIGITS = 12


def read_policy(source: Source, facts: FactSchema) -> tuple[Policy | None, Reader]:
    """The policy as written, conditions unchecked, and the reader with every problem found.

    The policy holds together even where problems were found; it is None where a main section is absent.
    """
    reader = Reader(source)
    entries = reader.mapping(source.root, _KEYS, _REQUIRED)
    document = _Document(Section(reader, gather_names(source.root, facts)), entries)
    parts = _read_parts(document)
    policy = _assemble(document, parts, source.digest[:_REVISION_DIGITS])
    if not (policy.channels and policy.tiers and policy.actions):
        return None, reader
    tables = document.read("tables", lambda section, node: read_tables(section, node, policy), ())
    ladder = [tier.name for tier in policy.tiers]
    limits = document.read("limits", lambda section, node: read_limits(section, node, ladder), ())
    approval = document.read("approval", read_approval, policy.approval)
    whole = replace(policy, tables=tables, limits=limits, approval=approval, language=parts.company.language)
    return _with_events(document, whole), reader


def _with_events(document: _Document, policy: Policy) -> Policy:
    """The policy with what happens beside decisions: events, who is alerted, procedures."""
    tiers = [tier.name for tier in policy.tiers]
    events = document.read("events", read_events, policy.events)
    told = Told(policy.channels, events, policy.intents)
    return replace(
        policy,
        events=events,
        alerts=document.read("alerts", read_alerts, {}),
        duty=document.read("alerts", lambda section, node: read_duty(section, node, tiers), policy.duty),
        triggers=document.read("triggers", lambda section, node: read_triggers(section, node, told), ()),
        procedures=document.read("procedures", lambda s, node: read_procedures(s, node, policy.intents), ()),
    )


@dataclass(frozen=True, slots=True)
class _Document:
    """The sections of one policy."""

    section: Section
    entries: Mapping[str, Node]

    def read(self, key: str, reading: Callable[[Section, Node], T], absent: D) -> T | D:
        return reading(self.section, self.entries[key]) if key in self.entries else absent


@dataclass(frozen=True, slots=True)
class _Parts:
    """What other sections depend on."""

    company: Company
    channels: Mapping[str, Channel]
    attributes: Mapping[str, ContextField]
    actions: Mapping[str, Action]
    ladder: Ladder


def _read_parts(document: _Document) -> _Parts:
    section, entries = document.section, document.entries
    company = read_company(section, entries)
    earlier = len(section.reader.problems)
    channels: Mapping[str, Channel] = document.read("channels", read_channels, {})
    channels_hold = len(section.reader.problems) == earlier
    attributes: Mapping[str, ContextField] = document.read("attributes", read_attributes, {})
    actions: Mapping[str, Action] = {}
    if "actions" in entries:
        actions = ActionReader(section, attributes, ZoneInfo(company.time_zone)).read(entries["actions"])
        if channels_hold:
            check_proposable(section, entries["actions"], channels, actions)
        check_ledger_names(section, channels.values(), actions.values())
    if "outcomes" in entries:
        check_outcome_names(section, entries["outcomes"])
    if "channels" in entries:
        check_fallbacks(section, entries["channels"], channels, actions)
    return _Parts(company, channels, attributes, actions, document.read("tiers", read_tiers, Ladder()))


def _assemble(document: _Document, parts: _Parts, revision: str) -> Policy:
    company = parts.company
    return Policy(
        revision=revision,
        company=company.name,
        currency=company.currency,
        time_zone=company.time_zone,
        vocabulary=company.vocabulary,
        channels=parts.channels,
        intents=company.intents,
        context=document.read("context", read_context, {}),
        **parts.ladder._asdict(),
        goals=document.read("goals", read_goals, {}),
        attributes=parts.attributes,
        outcomes=company.outcomes,
        actions=tuple(sorted(parts.actions.values(), key=lambda action: (action.issue, action.group, action.id))),
        rules=document.read("rules", read_rules, ()),
        contact=document.read("contact_policy", read_contact_policy, ContactPolicy()),
        levers=document.read("levers", read_levers, Levers()),
        context_weights=document.read("context_weights", read_context_weights, ()),
        thresholds=document.read("thresholds", read_thresholds, ()),
        exploration=document.read("exploration", read_exploration, Exploration()),
        control_groups=document.read("control_groups", read_control_groups, ()),
        salt=company.salt,
        influencers=document.read("influencers", read_influencers, ()),
    )
