"""A run as people read it, and as plain values for programs."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from documents.problem import Place
from engine.suites.coverage import Coverage
from engine.suites.run import CaseResult, Run, StepFailure
from engine.suites.suite import Change, Decide, Happen, Push, Resolve, Step, Tell, Wait

_WIDTH = 118
_LABEL = 10


def summary(run: Run) -> dict[str, Any]:
    """Everything that there is to tell."""
    return {
        "cases": run.cases,
        "failed": run.failed,
        "suites": [
            {
                "file": one.suite.file,
                "title": one.suite.title,
                "failed": one.failed,
                "cases": [_case(result) for result in one.results],
            }
            for one in run.suites
        ],
    }


def coverage_summary(coverage: Coverage) -> dict[str, Any]:
    """By part of the policy: how much of it the cases touched, and what they did not."""
    return {
        part: {"touched": touched, "declared": declared, "missed": list(coverage.missed(part))}
        for part, touched, declared in coverage.counts()
    }


def told_failures(result: CaseResult) -> Iterator[str]:
    """The failures of one case, line by line."""
    yield f"{result.case.place}: {result.case.name}"
    for one in result.failures:
        yield from told_failure(result, one)


def told_failure(result: CaseResult, one: StepFailure) -> Iterator[str]:
    """One failure, line by line: in which step, what was expected, what came, why, and where it is written."""
    if one.step:
        yield f"  step {one.step}, {step_told(result.case.steps[one.step - 1])}"
    yield from _labelled("expected", one.failure.expected)
    yield from _labelled("got", one.failure.got)
    if one.failure.why:
        yield from _labelled("why", one.failure.why)
    yield from _labelled("written at", _short(one.failure.place, result.case.place))


def step_told(step: Step) -> str:
    """What happens in a step."""
    match step:
        case Decide(meeting=meeting):
            return f"decide in {meeting.channel}" + (f" for {meeting.intent}" if meeting.intent else "")
        case Tell(outcome=outcome, action=action):
            return f"outcome {outcome}" + (f" of {action}" if action else "")
        case Wait(seconds=seconds):
            return f"wait {seconds / 3600:g} h"
        case Change():
            return "the customer changes"
        case Happen(event=event, action=action, queue=queue):
            return f"event {event}" + (f" of {action or queue}" if action or queue else "")
        case Push(channel=what) | Resolve(kind=what):
            return f"{type(step).__name__.lower()} {what}"


def _labelled(label: str, text: str) -> Iterator[str]:
    margin = " " * (_LABEL + 6)
    lines = wrap(text, _WIDTH - len(margin)) or [""]
    yield f"    {label:<{_LABEL}}  {lines[0]}"
    yield from (f"{margin}{line}" for line in lines[1:])


def _short(place: Place, case: Place) -> str:
    return f"line {place.line}, column {place.column}" if place.file == case.file else str(place)


def _case(result: CaseResult) -> dict[str, Any]:
    return {
        "name": result.case.name,
        "line": result.case.place.line,
        "passed": result.passed,
        "failures": [
            {
                "step": one.step,
                "line": one.failure.place.line,
                "column": one.failure.place.column,
                "expected": one.failure.expected,
                "got": one.failure.got,
                "why": one.failure.why,
            }
            for one in result.failures
        ],
    }
