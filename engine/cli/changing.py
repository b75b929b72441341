"""What the commands share that change what is in force: who asks, what is sent, how the answer is told."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.exits import GATE, NOT_COMPILED, UsageMistaken
from engine.cli.output import Output
from engine.cli.tables import print_json, screen
from engine.wire.json import plain

SECONDS = 180.0
"""Longest wait for a change: the server compiles, runs suites and waits for its workers."""

MOST_FILES = 200
AuthorOption = Annotated[str | None, typer.Option(help="Who wants it; else the name of this system's user.")]
NoteOption = Annotated[str, typer.Option(help="Why, for those who look back.")]
_REVISION = re.compile(r"[0-9a-f]{12}")


def person(named: str | None) -> str:
    """The name that was given, else that of the system's user; "" where it has none."""
    if named is not None:
        return named
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


def is_revision(target: str) -> bool:
    return bool(_REVISION.fullmatch(target)) and not Path(target).exists()


def project_files(folder: Path) -> Mapping[str, bytes]:
    """The YAML files of a project by name, with what lies one folder deeper. Raises UsageMistaken."""
    if not (folder / "policy.yaml").is_file():
        raise UsageMistaken(f"{folder} is neither a project with a policy.yaml nor a revision of 12 hex digits")
    paths = [path for path in (*folder.glob("*.yaml"), *folder.glob("[!.]*/*.yaml")) if path.is_file()]
    if len(paths) > MOST_FILES:
        raise UsageMistaken(f"{folder} has more than {MOST_FILES} YAML files")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(paths)}


def tell_change(answer: Any, output: Output, *, tried: bool = False) -> None:
    """Say what became of it; ends with 3 where files do not hold, with 4 where cases fail or workers refuse."""
    if output is Output.JSON:
        print_json(plain(answer))
    else:
        console = screen()
        for line in told(answer, tried):
            console.print(line, soft_wrap=True, markup=False)
    if answer.problems or answer.bundle_refused:
        raise typer.Exit(NOT_COMPILED)
    if answer.failed_cases or answer.fault:
        raise typer.Exit(GATE)


def told(answer: Any, tried: bool) -> list[str]:
    """The answer, line by line."""
    lines = [told_problem(problem) for problem in answer.problems]
    lines += [case.told for case in answer.failed_cases]
    lines += [text for text in (answer.bundle_refused, answer.fault) if text]
    stays = f"policy {answer.policy_revision} stays in force"
    if lines:
        return [*lines, stays]
    held = f"{answer.cases} cases hold" if answer.cases else "no cases were run"
    if answer.pending:
        approve = f"befit policy approve {answer.revision} --approver NAME"
        return [f"{answer.revision} holds ({held}) and waits for another person: {approve}", stays]
    if tried:
        return [f"{answer.revision} holds: {held}", stays]
    model = f"model {answer.model_revision}" if answer.model_revision else "no model"
    line = f"policy {answer.policy_revision}, {model} in force since {at(answer.at)} (change {answer.epoch})"
    late = [f"not yet: worker {name}" for name in answer.late_workers]
    switched = "1 worker" if answer.workers == 1 else f"{answer.workers} workers"
    return [f"{line}: {switched} switched, {held}" if answer.workers else line, *late]


def told_problem(problem: Any) -> str:
    """A mistake in a file, with its place."""
    hint = f"\n  hint: {problem.hint}" if problem.hint else ""
    return f"{problem.file}:{problem.line}:{problem.column}: {problem.message} [{problem.code}]{hint}"


def at(stamp: Any) -> str:
    """A moment as people read it."""
    return f"{stamp.ToDatetime():%Y-%m-%d %H:%M:%S} UTC"
