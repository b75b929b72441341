"""What screening costs by the number of rules and of actions: it grows with the former, not with the latter.

The policy of the telco pack with copies of its own actions and rules. Each copy of a rule has a condition of its own,
so that nothing is shared. The few that read `action.*` are computed for all actions at once, in numpy.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from typing import NamedTuple

from documents.problem import BefitError, Place
from engine.bench import Case, cases_of
from engine.profile import know
from engine.rights.bound import bound
from engine.snapshot import Snapshot, facts_of
from rules.compiled import CompiledPolicy, compile_policy
from rules.ledger import stable_id
from rules.policy import Action, EngagementRule
from rules.screen import Candidates, screen
from rules.situation import Moment

RULES = (30, 300, 1000)
ACTIONS = (50, 2500)


class BenchBroken(BefitError):
    """A copy of a rule does not hold; the message is what was reported."""


class ScreeningMeasured(NamedTuple):
    """Medians in microseconds over all decisions: of the conditions and amounts, and of what removes by them."""

    rules: int
    actions: int
    conditions_us: float
    removing_us: float


def screening(snapshot: Snapshot, decisions: int, now: float) -> list[ScreeningMeasured]:
    """Screen so many decisions for each size. Raises BenchBroken."""
    cases = list(itertools.islice(itertools.cycle(cases_of(snapshot, 0, now)), decisions))
    return [_measured(snapshot, grown(snapshot, rules, actions), cases) for rules in RULES for actions in ACTIONS]


def grown(snapshot: Snapshot, rules: int, actions: int) -> CompiledPolicy:
    """The snapshot's policy with so many rules and actions. Raises BenchBroken."""
    policy = snapshot.policy.policy
    many_actions = sorted(_actions(policy.actions, actions), key=lambda one: (one.issue, one.group, one.id))
    wider = replace(policy, actions=tuple(many_actions), rules=tuple(_rules(policy.rules, rules)), tables=())
    compiled = compile_policy(wider, facts_of(snapshot.schema), _broken)
    assert compiled is not None
    return compiled


def _broken(place: Place, code: str, message: str, hint: str) -> None:
    raise BenchBroken(f"{place}: {code}: {message} ({hint})")


def _actions(own: tuple[Action, ...], count: int) -> Iterator[Action]:
    yield from own[:count]
    for number in range(len(own), count):
        name = f"{own[number % len(own)].id}_{number}"
        yield replace(own[number % len(own)], id=name, stable_id=stable_id(name))


def _rules(own: tuple[EngagementRule, ...], count: int) -> Iterator[EngagementRule]:
    """Copies ask the same, and one thing more that is never so."""
    yield from own[:count]
    for number in range(len(own), count):
        like = own[number % len(own)]
        when = replace(like.when, source=f"({like.when.source}\n) || customer.tenure_months < -{number}.0")
        yield replace(like, id=f"{like.id}_{number}", when=when)


def _measured(snapshot: Snapshot, policy: CompiledPolicy, cases: list[Case]) -> ScreeningMeasured:
    times = [_once(snapshot, policy, case) for case in cases]
    conditions, removing = (median(column) for column in zip(*times, strict=True))
    return ScreeningMeasured(len(policy.policy.rules), len(policy.catalogue), conditions, removing)


def _once(snapshot: Snapshot, policy: CompiledPolicy, case: Case) -> tuple[float, float]:
    """Microseconds of the conditions, and of removing."""
    request = case.request
    moment = Moment(case.now, request.channel, request.intent, request.locale, request.context)
    values = bound(snapshot, know(snapshot, request.customer, case.profile, case.now), moment)
    tier = policy.place(values)
    began = time.perf_counter_ns()
    verdicts = policy.judge(values, tier)
    judged = time.perf_counter_ns()
    screen(policy, verdicts, moment, Candidates(policy.catalogue.all))
    return (judged - began) / 1000, (time.perf_counter_ns() - judged) / 1000
