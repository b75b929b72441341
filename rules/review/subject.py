"""What is reviewed: a policy that loaded, what it was checked against, and where findings go."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from documents.node import Source
from documents.problem import Place, Problem
from rules.catalogue import Catalogue
from rules.checked_tree import Call, Ident, Node, walk
from rules.compiled import CompiledPolicy
from rules.condition import Condition, ConditionCompiler, place_within
from rules.facts import FactSchema, declare
from rules.policy import Expression, Policy, Scope
from rules.review.domains import Domains, declared, present, priced, unknowable
from rules.review.finding import Finding, Severity

_NEVER_FAILS = frozenset(
    {"_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_", "_&&_", "_||_", "!_", "@in", "_?_:_", "startsWith", "endsWith"}
    | {"contains", "size", "double", "-_"}
)
_ARITHMETIC = frozenset({"_+_", "_-_", "_*_", "_/_"})


@dataclass(frozen=True, slots=True)
class Subject:
    """`now` (s) tells what is over. `wide` are the declared domains; those of present actions come by scope. `flawed`
    are the places of conditions that were found wanting as they stand, so that what follows from it is not told too."""

    policy: Policy
    facts: FactSchema
    source: Source
    now: float
    catalogue: Catalogue
    conditions: ConditionCompiler
    wide: Domains
    findings: list[Finding] = field(default_factory=list)
    flawed: set[Place] = field(default_factory=set)
    _present: dict[int, Domains] = field(default_factory=dict)

    @staticmethod
    def of(compiled: CompiledPolicy, facts: FactSchema, source: Source, now: float) -> Subject:
        policy = compiled.policy
        variables = declare(facts, policy.context, policy.attributes)
        conditions = ConditionCompiler(variables, lambda *_: None)
        return Subject(policy, facts, source, now, compiled.catalogue, conditions, declared(policy, facts))

    def error(self, code: str, place: Place, message: str, hint: str = "") -> None:
        self._note(Severity.ERROR, self.source.problem(code, place, message, hint))

    def warn(self, code: str, place: Place, message: str, hint: str = "") -> None:
        self._note(Severity.WARNING, self.source.problem(code, place, message, hint))

    def told(self, place: Place, codes: Collection[str]) -> bool:
        """Whether any of these was found at a place already."""
        return any(one.problem.place == place and one.problem.code in codes for one in self.findings)

    def condition(self, expression: Expression) -> Condition | None:
        """The checked condition; None only where it does not hold, which loading told."""
        return self.conditions.condition(expression)

    def scope(self, scope: Scope) -> int:
        return self.catalogue.mask(scope)

    def present(self, scope: int) -> Domains:
        """The domains left to what there is now, and to the actions of a scope."""
        if scope not in self._present:
            self._present[scope] = present(self.wide, self.policy, self.catalogue, scope)
        return self._present[scope]

    def unknowable(self, reads: Iterable[str], scope: int) -> frozenset[str]:
        """The variables that may have no value, for actions of a scope."""
        return unknowable(reads, self.conditions.variables, priced(self.catalogue, scope))

    def _note(self, severity: Severity, problem: Problem) -> None:
        self.findings.append(Finding(severity, problem))


def may_fail(condition: Condition) -> bool:
    """Whether CEL may fail to evaluate it, though everything that it reads is known."""
    return any(not _safe(condition, node) for node in walk(condition.tree.root))


def _safe(condition: Condition, node: Node) -> bool:
    if not isinstance(node, Call) or node.function in _NEVER_FAILS:
        return True
    return node.function in _ARITHMETIC and condition.tree.type_of(node) == "double"


def place_of(condition: Condition, node: Node) -> Place:
    """Where a part of a condition begins in the file."""
    positions = condition.tree.positions
    starts = (positions[each.id] - _before(each) for each in walk(node) if each.id in positions)
    return place_within(condition.expression, condition.origin[max(min(starts, default=0), 0)])


def _before(node: Node) -> int:
    """How far before its position a part begins: CEL points at the dot before a variable's last part."""
    return max(node.name.rfind("."), 0) if isinstance(node, Ident) else 0
