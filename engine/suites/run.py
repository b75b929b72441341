"""Runs cases: each in a world of its own, through the same decider and feedback as live traffic, at its own time.

Chance is off unless a case asks for it, ids count up, and the clock is the case's, so a run repeats exactly.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.snapshot import Snapshot
from engine.suites.coverage import Coverage
from engine.suites.expectation import Failure
from engine.suites.scene import Scene
from engine.suites.suite import Case, Suite
from rules.policy import ControlGroup, Exploration


@dataclass(frozen=True, slots=True)
class StepFailure:
    """A failure with the step it belongs to, from 1; `step` 0 for what was before, and where a case has only one."""

    step: int
    failure: Failure


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case; `seconds` it took."""

    case: Case
    failures: tuple[StepFailure, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.failures


@dataclass(frozen=True, slots=True)
class SuiteResult:
    suite: Suite
    results: tuple[CaseResult, ...]

    @property
    def failed(self) -> int:
        return sum(1 for one in self.results if not one.passed)


@dataclass(frozen=True, slots=True)
class Run:
    """The results of all suites, and what of the policy their cases touched."""

    suites: tuple[SuiteResult, ...]
    coverage: Coverage

    @property
    def cases(self) -> int:
        return sum(len(one.results) for one in self.suites)

    @property
    def failed(self) -> int:
        return sum(one.failed for one in self.suites)


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs cases under one snapshot. `nanos` is a monotonic clock, for telling how long a case took."""

    snapshot: Snapshot
    coverage: Coverage
    nanos: Callable[[], int]

    async def run(self, suites: Sequence[Suite]) -> Run:
        """All cases of all suites, one after the other."""
        found = []
        for suite in suites:
            results = [await self._run_case(case) for case in suite.cases]
            found.append(SuiteResult(suite, tuple(results)))
        return Run(tuple(found), self.coverage)

    async def _run_case(self, case: Case) -> CaseResult:
        began = self.nanos()
        scene = Scene(in_force(self.snapshot, case), case, itertools.count(1))
        failures = [StepFailure(0, failure) for failure in await scene.begin()]
        for number, step in enumerate(case.steps, start=1):
            shown = number if len(case.steps) > 1 else 0
            failures += [StepFailure(shown, failure) for failure in await scene.take(step)]
        for channel, decision in scene.decided:
            self.coverage.note(channel, decision)
        self.coverage.note_triggers(scene.started)
        return CaseResult(case, tuple(failures), (self.nanos() - began) / 1e9)


def in_force(snapshot: Snapshot, case: Case) -> Snapshot:
    """The snapshot as a case sees it: exploration and comparison groups only where it asks for them."""
    policy = snapshot.policy.policy
    groups = tuple(_only(policy.control_groups, case.group))
    if case.explore and not case.group:
        groups = policy.control_groups
    exploration = policy.exploration if case.explore else Exploration()
    chosen = replace(policy, exploration=exploration, control_groups=groups)
    return replace(snapshot, policy=replace(snapshot.policy, policy=chosen)).with_stopped(frozenset(case.stopped))


def _only(groups: Sequence[ControlGroup], wanted: str) -> Iterator[ControlGroup]:
    """The wanted group, with everybody in it."""
    return (replace(group, share=1.0) for group in groups if group.id == wanted)
