"""`befit policy test`: try the policy on the company's own cases, written as suites."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.exits import GATE, UsageMistaken
from engine.cli.flags import flags
from engine.cli.tables import print_json, screen, table
from engine.project import load_snapshot
from engine.suites.coverage import Coverage
from engine.suites.junit import junit
from engine.suites.read_suite import PATTERN, read_suites, suites_in
from engine.suites.report import coverage_summary, summary, told_failures
from engine.suites.run import Run, Runner
from engine.suites.suite import Suite
from engine.suites.terms import Terms


class Report(StrEnum):
    """What `-o` takes here."""

    TABLE = "table"
    JSON = "json"
    JUNIT = "junit"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteFlags:
    """What `befit policy test` may be told."""

    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILES]...", help=f"Suites; without any, the project's {PATTERN}.")
    ] = None
    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml.")] = Path()
    bundle: Annotated[Path | None, typer.Option(help="Model bundle; without one, starting chances.")] = None
    chosen: Annotated[str, typer.Option("--filter", help="Only cases whose suite or name contains this text.")] = ""
    coverage: Annotated[bool, typer.Option("--coverage", help="Tell what no case touches.")] = False
    output: Annotated[Report, typer.Option("-o", "--output", help="How to print: table, json or junit.")] = Report.TABLE


@flags
def test(told: SuiteFlags) -> None:
    """Try the policy on the company's own cases, without a server and without leaving a trace.

    Ends with 3 where policy, features or a suite do not compile, with 4 where a case fails.
    """
    snapshot = load_snapshot(told.project, told.bundle)
    files = tuple(told.files or suites_in(told.project))
    if not files:
        raise UsageMistaken(f"{told.project} has no {PATTERN}; write one, or name the files")
    suites = _chosen(read_suites(files, Terms.of(snapshot.policy.policy, snapshot.schema)), told.chosen)
    runner = Runner(snapshot, Coverage.of(snapshot.policy), time.perf_counter_ns)
    run = asyncio.run(runner.run(suites))
    _show(run, told)
    if run.failed:
        raise typer.Exit(GATE)


def _chosen(suites: tuple[Suite, ...], text: str) -> tuple[Suite, ...]:
    """The cases whose suite or name contains the text; suites without any are left out. Raises UsageMistaken."""
    wanted = text.casefold()
    found = []
    for suite in suites:
        cases = tuple(one for one in suite.cases if wanted in f"{suite.title} {suite.file} {one.name}".casefold())
        if cases:
            found.append(replace(suite, cases=cases))
    if not found:
        raise UsageMistaken(f"no case contains {text!r}")
    return tuple(found)


def _show(run: Run, told: SuiteFlags) -> None:
    if told.output is Report.JUNIT:
        typer.echo(junit(run), nl=False)
    elif told.output is Report.JSON:
        print_json(summary(run) | ({"coverage": coverage_summary(run.coverage)} if told.coverage else {}))
    else:
        _tell(run, told.coverage)


def _tell(run: Run, coverage: bool) -> None:
    console = screen()
    for line in _failures(run):
        console.print(line, soft_wrap=True, markup=False)
    rows = [(one.suite.title, Path(one.suite.file).name, str(len(one.results)), str(one.failed)) for one in run.suites]
    console.print(table("", ("suite", "file", "cases ", "failed "), rows))
    if coverage:
        console.print(table("What the cases touch", ("part", "touched ", "of ", "untouched"), _coverage(run.coverage)))
    told = f"{run.failed} of {run.cases} cases failed" if run.failed else f"all {run.cases} cases hold"
    console.print(told, style="red" if run.failed else "green")


def _failures(run: Run) -> Iterator[str]:
    for suite in run.suites:
        for result in suite.results:
            if not result.passed:
                yield from told_failures(result)
                yield ""


def _coverage(coverage: Coverage) -> Iterator[tuple[str, ...]]:
    for part, touched, declared in coverage.counts():
        yield part, str(touched), str(declared), ", ".join(coverage.missed(part)) or "none"
