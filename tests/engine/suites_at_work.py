"""Suites about the corner shop: cases between a cast that is always the same."""

from __future__ import annotations

import asyncio
from pathlib import Path
from textwrap import dedent, indent

import pytest

from documents.problem import DocumentInvalid
from engine.snapshot import Snapshot
from engine.suites.coverage import Coverage
from engine.suites.expectation import Failure
from engine.suites.read_suite import read_suites
from engine.suites.run import Run, Runner
from engine.suites.suite import Suite
from engine.suites.terms import Terms
from tests.engine.company import corner_shop

CAST = """\
version: 1
suite: The corner shop
now: 2026-09-24T12:00:00+02:00
customers:
  anna:
    features: {age: 40, tenure_months: 30, value_12m: 950, value_prior_12m: 950, orders_12m: 5, data_used_share: 0.95}
    consent: {push: [marketing]}
  complaining: {like: anna, features: {open_complaints: 1}}
  stranger: {}
moments:
  call: {channel: call_centre, context: {queue_minutes: 4}}
  leaving: {like: call, intent: cancel}
  web: {channel: web}
  push: {channel: push}
cases:
"""


def written(folder: Path, cases: str, cast: str = CAST, name: str = "shop_test.yaml") -> Path:
    """A suite with these cases, in YAML as it stands in a list."""
    path = folder / name
    path.write_text(cast + indent(dedent(cases).strip("\n"), "  ") + "\n", encoding="utf-8")
    return path


def read(*files: Path, snapshot: Snapshot | None = None) -> tuple[Suite, ...]:
    snapshot = snapshot or corner_shop()
    return read_suites(files, Terms.of(snapshot.policy.policy, snapshot.schema))


def tried(*files: Path, snapshot: Snapshot | None = None) -> Run:
    snapshot = snapshot or corner_shop()
    runner = Runner(snapshot, Coverage.of(snapshot.policy), lambda: 0)
    return asyncio.run(runner.run(read(*files, snapshot=snapshot)))


def failures(run: Run) -> list[Failure]:
    return [one.failure for suite in run.suites for result in suite.results for one in result.failures]


def asked(folder: Path, expect: str, customer: str = "anna", moment: str = "call", **more: str) -> list[Failure]:
    """The failures of one case with these expectations; `more` are further keys of it."""
    said = "".join(f"  {key}: {value}\n" for key, value in more.items())
    case = f"- name: one\n  customer: {customer}\n  moment: {moment}\n{said}  expect: {expect}\n"
    return failures(tried(written(folder, case)))


def mistakes(folder: Path, cases: str, cast: str = CAST) -> list[tuple[int, int, str]]:
    """(line counted from the first case, column, code) of every mistake; the suite must not hold."""
    first = cast.count("\n")
    with pytest.raises(DocumentInvalid) as refused:
        read(written(folder, cases, cast))
    return [(one.place.line - first, one.place.column, one.code) for one in refused.value.problems]
