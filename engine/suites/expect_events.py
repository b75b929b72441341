"""What is expected beside the decision itself: the procedure that it carries, and the alerts that are open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from documents.problem import Place
from engine.decision import Audience
from engine.suites.answer import Answer
from engine.suites.expectation import NOBODY, Failure


@dataclass(frozen=True, slots=True)
class ProcedureIs:
    """The procedure of this id; "" = none."""

    procedure: str
    place: Place

    @property
    def audiences(self) -> frozenset[Audience]:
        return NOBODY

    def judge(self, answer: Answer) -> Iterator[Failure]:
        carried = answer.decision.procedure
        found = carried.id if carried else ""
        if found != self.procedure:
            yield Failure(self.place, f"procedure {self.procedure or 'none'}", f"procedure {found or 'none'}")


@dataclass(frozen=True, slots=True)
class AlertsAre:
    """Exactly these kinds of alerts are open, however many of each."""

    kinds: frozenset[str]
    place: Place

    @property
    def audiences(self) -> frozenset[Audience]:
        return NOBODY

    def judge(self, answer: Answer) -> Iterator[Failure]:
        if frozenset(answer.alerts) != self.kinds:
            yield Failure(self.place, f"alerts: {_named(self.kinds)}", _named(frozenset(answer.alerts)))


def _named(kinds: frozenset[str]) -> str:
    return ", ".join(sorted(kinds)) or "none"
