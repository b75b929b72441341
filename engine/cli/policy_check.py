"""`befit policy check`: every mistake that loading tells, and beyond it what can never act or never be meant."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from documents.problem import DocumentInvalid
from documents.strict_yaml import load
from engine.cli.exits import NOT_COMPILED
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen
from engine.project import FEATURES_FILE, POLICY_FILE
from engine.snapshot import facts_of
from models.feature_file import load_features
from rules.policy_file import compile_source
from rules.review.finding import Finding, Severity
from rules.review.policy_review import review

_STYLES: Mapping[Severity, str] = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}


def check(
    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml.")] = Path(),
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail too.")] = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Tell everything that is wrong or suspicious in the policy, at its place. Ends with 3 where there is an error."""
    found, loads = findings(project, time.time())
    errors = sum(1 for one in found if one.severity is Severity.ERROR)
    if output is Output.JSON:
        told = {"errors": errors, "warnings": len(found) - errors, "loads": loads}
        print_json(told | {"findings": [plain(one) for one in found]})
    else:
        _show(found, errors, loads)
    if errors or (strict and found):
        raise typer.Exit(NOT_COMPILED)


def findings(project: Path, now: float) -> tuple[tuple[Finding, ...], bool]:
    """All there is to say about a project's files, and whether they load: of files that do not, only that can be told,
    since what cannot be meant is looked for in what loads."""
    try:
        facts = facts_of(load_features(project / FEATURES_FILE))
        source = load(project / POLICY_FILE)
        return review(compile_source(source, facts), facts, source, now), True
    except DocumentInvalid as invalid:
        return tuple(Finding(Severity.ERROR, problem) for problem in invalid.problems), False


def plain(finding: Finding) -> dict[str, Any]:
    """A finding as JSON."""
    problem = finding.problem
    return {
        "severity": finding.severity.value,
        "code": problem.code,
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "message": problem.message,
        "hint": problem.hint,
    }


def _show(found: Sequence[Finding], errors: int, loads: bool) -> None:
    console = screen()
    for one in found:
        label = (f"{one.severity.value} ", _STYLES[one.severity])
        console.print(Text.assemble(label, one.problem.render()), soft_wrap=True)
    warnings = len(found) - errors
    counted = [_counted(errors, "error")] * bool(errors) + [_counted(warnings, "warning")] * bool(warnings)
    console.print(", ".join(counted) if counted else "Nothing is wrong with the policy.")
    if not loads:
        console.print("The files do not load yet: what loads and still cannot be meant is looked for after that.")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
