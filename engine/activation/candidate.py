"""What is to be tried before it may be in force, and what trying it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from documents.problem import Problem
from engine.activation.in_force import FailedCase
from engine.revisions.kept import ProjectText


@dataclass(frozen=True, slots=True)
class Candidate:
    """A policy's text, a bundle's files (None = no model), and suites: the folder that has them, or their files by
    name; None = run none. It must be able to answer all that the policy answers for which it stands in. A bundle that
    is `proved`, as it was in force, is only asked whether the features can feed it."""

    text: ProjectText
    bundle: Mapping[str, bytes] | None
    suites: Path | Mapping[str, bytes] | None
    stands_in_for: ProjectText | None = None
    proved: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong with a candidate; nothing where all is empty. `cases` were run in `seconds`; `fault` is why it does
    not decide although it compiles. `cut_off`: its process was ended from outside, which says nothing of it."""

    problems: tuple[Problem, ...] = ()
    bundle_refused: str = ""
    cases: int = 0
    failed: tuple[FailedCase, ...] = ()
    fault: str = ""
    seconds: float = 0.0
    cut_off: bool = False

    @property
    def holds(self) -> bool:
        return not (self.problems or self.bundle_refused or self.failed or self.fault)

    def told(self) -> str:
        """All of it for people, line by line."""
        lines = [problem.render() for problem in self.problems]
        lines += [one.told for one in self.failed]
        return "\n".join([*lines, *filter(None, (self.bundle_refused, self.fault))])


@dataclass(frozen=True, slots=True)
class Order:
    """What a trial's process is to try: the folder with the candidate's files, the one with its suites ("" = run none),
    the one with a bundle ("" = no model), the one with the policy for which it stands in ("" = none)."""

    folder: str
    suites: str
    bundle: str
    stands_in_for: str = ""
    proved: bool = False
