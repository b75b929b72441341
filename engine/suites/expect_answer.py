"""What is expected of an answer as a whole: the tier, and what it had to do without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from documents.problem import Place
from engine.decision import Audience, Degraded
from engine.suites.answer import Answer
from engine.suites.expectation import NOBODY, Failure
from engine.suites.why import told, variables


@dataclass(frozen=True, slots=True)
class TierIs:
    tier: str
    place: Place

    @property
    def audiences(self) -> frozenset[Audience]:
        return NOBODY

    def judge(self, answer: Answer) -> Iterator[Failure]:
        if answer.decision.tier != self.tier:
            yield Failure(self.place, f"tier {self.tier}", f"tier {answer.decision.tier}", self._why(answer))

    def _why(self, answer: Answer) -> str:
        """What the condition of the expected tier reads, and of those before it that took the customer."""
        policy, values = answer.snapshot.policy, variables(answer)
        parts = []
        for name in dict.fromkeys((self.tier, answer.decision.tier)):
            reads = policy.reads.get(f"tier:{name}", ())
            seen = ", ".join(f"{one} is {told(values.get(one))}" for one in reads)
            parts.append(f"{name} reads: {seen}" if seen else f"{name} is for everyone who is left")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class DegradedIs:
    """Exactly these codes; MODEL_MISSING counts only where it is among them."""

    codes: frozenset[Degraded]
    place: Place

    @property
    def audiences(self) -> frozenset[Audience]:
        return NOBODY

    def judge(self, answer: Answer) -> Iterator[Failure]:
        found = frozenset(answer.decision.degraded)
        if Degraded.MODEL_MISSING not in self.codes:
            found -= {Degraded.MODEL_MISSING}
        if found != self.codes:
            yield Failure(self.place, f"answered without: {_named(self.codes)}", _named(found))


@dataclass(frozen=True, slots=True)
class ConditionsHold:
    """No condition failed to evaluate: expected of every answer, unless its case names the code."""

    place: Place

    @property
    def audiences(self) -> frozenset[Audience]:
        return NOBODY

    def judge(self, answer: Answer) -> Iterator[Failure]:
        if Degraded.CONDITION_ERROR in answer.decision.degraded:
            failed = [one for one in answer.decision.dropped if one.why.code == Degraded.CONDITION_ERROR]
            rules = ", ".join(dict.fromkeys(one.rule for one in failed)) or "one that stopped nothing"
            yield Failure(self.place, "every condition can be evaluated", f"a condition failed: {rules}")


def _named(codes: frozenset[Degraded]) -> str:
    return ", ".join(sorted(code.value for code in codes)) or "nothing missing"
