"""A policy made ready to decide by: everything that can be computed before a customer comes is computed here.

A decision evaluates CEL twice: the tiers' conditions, then all others in one list. Nothing here changes
afterwards but the counters of evaluations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from documents.problem import Place
from rules.catalogue import Catalogue
from rules.columns import ColumnProgram
from rules.condition import ConditionCompiler, Report
from rules.contact_rules import ContactRules, compile_contact_rules
from rules.declared_use import check_declared_use
from rules.engagement import CompiledRule, MetRule, Validity, by_stage, compile_rules, met_in
from rules.facts import Binding, FactSchema, Variable, declare
from rules.fused import FusedConditions, Slots, Verdicts, with_live
from rules.influence import CompiledInfluencer, compile_influencers
from rules.live import LiveColumn, LiveFacts, Posted
from rules.local_time import zone_of
from rules.policy import Policy
from rules.rationing import Rationing, compile_limits
from rules.scoped import ScopedCompiler
from rules.situation import Moment, Value
from rules.table_rules import compile_tables
from rules.thresholds import Minimums, compile_thresholds
from rules.tier import HeldTier, TierLadder, TierVerdict, compile_ladder
from rules.triggers import Triggers, compile_triggers
from rules.worth import Worth, compile_worth


@dataclass(frozen=True)
class CompiledPolicy:
    """One policy, ready. `placeable` has, by channel, the actions whose kind some placement takes; `thresholds`
    the minimums by channel; `programs` are the conditions and amounts evaluated as columns. `reads` has the variables
    that each rule's condition reads, by its id (a tier's is "tier:<name>")."""

    policy: Policy
    catalogue: Catalogue
    binding: Binding
    tiers: TierLadder
    conditions: FusedConditions
    rules: tuple[CompiledRule, ...]
    validity: Validity
    placeable: Mapping[str, int]
    contact: ContactRules
    worth: Worth
    thresholds: Mapping[str, Minimums]
    programs: tuple[ColumnProgram, ...]
    reads: Mapping[str, tuple[str, ...]]
    influencers: tuple[CompiledInfluencer, ...]
    rationing: Rationing
    triggers: Triggers

    def zone(self, name: str) -> ZoneInfo:
        """A customer's time zone; the company's where the name is empty or unknown."""
        return zone_of(name, self.policy.time_zone)

    def bind(self, customer: Mapping[str, Value], moment: Moment, time_zone: str = "") -> dict[str, Value]:
        """The values of all variables that this policy reads, but for `tier.*`. `customer` has known features only."""
        return self.binding.bind(customer, moment, self.zone(time_zone))

    def place(self, values: Mapping[str, Value], held: HeldTier | None = None) -> TierVerdict:
        """The customer's tier, given the one held so far: the first evaluation."""
        return self.tiers.place(values, held)

    @cached_property
    def met(self) -> Mapping[str, tuple[MetRule, ...]]:
        """The rules that can matter in each channel."""
        return {channel: met_in(self.rules, placeable) for channel, placeable in self.placeable.items()}

    @cached_property
    def unposted(self) -> LiveFacts:
        """The live facts of actions where nothing was posted."""
        return LiveFacts.of(self.catalogue.actions, tuple(self.policy.attributes.values()))

    def with_posted(self, posted: Posted, revision: int = 0) -> LiveFacts:
        """The live facts of this policy's actions, as they were posted."""
        return self.unposted.with_posted(posted, revision)

    def judge(
        self, values: Mapping[str, Value], tier: TierVerdict, live: tuple[LiveColumn, ...] | None = None
    ) -> Verdicts:
        """What every other condition and amount says: the second evaluation. `live` None = no live fact was posted."""
        said = {**values, "tier.name": tier.tier.name, "tier.direction": tier.direction}
        found = self.conditions.evaluate(said)
        columns = self.unposted.at(0.0) if live is None else live
        return with_live(found, columns) if columns else found

    @property
    def evaluations(self) -> int:
        """How often conditions were evaluated so far: calls of CEL, and columns."""
        fused = self.tiers.conditions.evaluations + self.conditions.evaluations
        return fused + sum(program.evaluations for program in self.programs)


def compile_policy(policy: Policy, facts: FactSchema, report: Report) -> CompiledPolicy | None:
    """The policy ready to decide by; None where any condition does not hold, with every problem reported.

    `report` takes the exact place, a stable code, what is wrong, and how to mend it.
    """
    reports = _Counted(report)
    conditions = ConditionCompiler(declare(facts, policy.context, policy.attributes), reports)
    compiler = ScopedCompiler(conditions, Catalogue(policy), Slots(), [])
    tiers = compile_ladder(conditions, policy)
    parts = _Parts(
        rules=by_stage((*compile_rules(compiler, policy.rules), *compile_tables(compiler, policy.tables))),
        contact=compile_contact_rules(compiler, policy),
        worth=compile_worth(compiler, policy, facts),
        rationing=compile_limits(compiler, policy, facts),
        triggers=compile_triggers(policy, facts, reports),
    )
    check_declared_use(conditions, policy, reports)
    return None if reports.count or tiers is None else _ready(compiler, policy, tiers, parts)


class _Parts(NamedTuple):
    """What shares one evaluation, and what has its own."""

    rules: tuple[CompiledRule, ...]
    contact: ContactRules
    worth: Worth
    rationing: Rationing
    triggers: Triggers


def _ready(compiler: ScopedCompiler, policy: Policy, tiers: TierLadder, parts: _Parts) -> CompiledPolicy:
    conditions, catalogue = compiler.conditions, compiler.catalogue
    fused = FusedConditions(compiler.slots, conditions.env, conditions.variables)
    return CompiledPolicy(
        policy=policy,
        catalogue=catalogue,
        binding=Binding(_read(conditions.variables, tiers, fused), policy.channels),
        tiers=tiers,
        conditions=fused,
        validity=Validity(catalogue),
        placeable=_placeable(policy, catalogue),
        thresholds=compile_thresholds(catalogue, policy.thresholds, policy.channels),
        programs=tuple(compiler.programs),
        reads=dict(_reads(conditions, policy)),
        influencers=compile_influencers(catalogue, policy.influencers),
        **parts._asdict(),
    )


class _Counted:
    """Passes reports on and counts them."""

    def __init__(self, report: Report) -> None:
        self.count = 0
        self._report = report

    def __call__(self, place: Place, code: str, message: str, hint: str) -> None:
        self.count += 1
        self._report(place, code, message, hint)


def _read(variables: Mapping[str, Variable], tiers: TierLadder, fused: FusedConditions) -> list[Variable]:
    return [variables[name] for name in sorted({*tiers.reads, *fused.reads})]


def _reads(conditions: ConditionCompiler, policy: Policy) -> Iterator[tuple[str, tuple[str, ...]]]:
    written = [(rule.id, rule.when) for rule in policy.rules]
    written += [(stop.id, stop.when) for stop in policy.contact.stops if stop.when]
    written += [(f"tier:{tier.name}", tier.when) for tier in policy.tiers if tier.when]
    written += [(row.id, row.when) for table in policy.tables for row in table.rows]
    for rule_id, expression in written:
        condition = conditions.condition(expression)
        yield rule_id, () if condition is None else condition.reads


def _placeable(policy: Policy, catalogue: Catalogue) -> dict[str, int]:
    found = dict.fromkeys(policy.channels, 0)
    for (channel, _), mask in catalogue.placements.items():
        found[channel] |= mask
    return found
