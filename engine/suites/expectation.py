"""What is expected of an answer, and how a broken expectation is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from documents.problem import Place
from engine.decision import Audience
from engine.suites.answer import Answer


@dataclass(frozen=True, slots=True)
class Failure:
    """One broken expectation as a person explains it: what was expected, what came, and why (may be "")."""

    place: Place
    expected: str
    got: str
    why: str = ""


class Expectation(Protocol):
    """Something expected of one answer. `audiences`: besides analysts, who has to be told for judging it."""

    @property
    def audiences(self) -> frozenset[Audience]: ...

    def judge(self, answer: Answer) -> Iterator[Failure]: ...


NOBODY: frozenset[Audience] = frozenset()
