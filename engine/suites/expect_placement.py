"""What is expected of one placement: who stands there, in which order, when it is sent, and why it is as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from documents.problem import Place
from engine.decision import Audience, Cause, Filled
from engine.suites.answer import Answer
from engine.suites.expectation import NOBODY, Failure
from engine.suites.why import CLOCK, listed, stopped, whereabouts

AT_ONCE = "at once"


@dataclass(frozen=True, slots=True)
class _OfPlacement:
    """Where an expectation stands, and which placement it is about."""

    placement: str
    place: Place

    @property
    def audiences(self) -> frozenset[Audience]:
        return NOBODY

    def failure(self, expected: str, filled: Filled, why: str = "") -> Failure:
        return Failure(self.place, f"{self.placement}: {expected}", listed(filled), why)


@dataclass(frozen=True, slots=True)
class First(_OfPlacement):
    action: str

    def judge(self, answer: Answer) -> Iterator[Failure]:
        filled = answer.filled(self.placement)
        if not filled.actions or filled.actions[0].action != self.action:
            yield self.failure(f"{self.action} first", filled, whereabouts(answer, self.action))


@dataclass(frozen=True, slots=True)
class Exactly(_OfPlacement):
    """All that stands there, by rank; empty = nothing."""

    actions: tuple[str, ...]

    def judge(self, answer: Answer) -> Iterator[Failure]:
        filled = answer.filled(self.placement)
        found = tuple(one.action for one in filled.actions)
        if found != self.actions:
            odd = [
                *(one for one in self.actions if one not in found),
                *(one for one in found if one not in self.actions),
            ]
            why = "; ".join(whereabouts(answer, one) for one in odd) or "the same actions in another order"
            yield self.failure(", then ".join(self.actions) or "nothing", filled, why)


@dataclass(frozen=True, slots=True)
class InOrder(_OfPlacement):
    """They stand there in this order; others may stand between."""

    actions: tuple[str, ...]

    def judge(self, answer: Answer) -> Iterator[Failure]:
        filled = answer.filled(self.placement)
        found = [one.action for one in filled.actions if one.action in self.actions]
        if found != list(self.actions):
            missing = [one for one in self.actions if one not in found]
            why = "; ".join(whereabouts(answer, one) for one in missing or self.actions)
            yield self.failure(" before ".join(self.actions), filled, why)


@dataclass(frozen=True, slots=True)
class Includes(_OfPlacement):
    actions: tuple[str, ...]

    def judge(self, answer: Answer) -> Iterator[Failure]:
        filled = answer.filled(self.placement)
        found = {one.action for one in filled.actions}
        missing = [one for one in self.actions if one not in found]
        if missing:
            why = "; ".join(whereabouts(answer, one) for one in missing)
            yield self.failure(f"{' and '.join(missing)} among them", filled, why)


@dataclass(frozen=True, slots=True)
class CauseIs(_OfPlacement):
    cause: Cause

    def judge(self, answer: Answer) -> Iterator[Failure]:
        filled = answer.filled(self.placement)
        if filled.cause is not self.cause:
            found = f"cause {filled.cause.value or 'none'}: {listed(filled)}"
            yield Failure(self.place, f"{self.placement}: cause {self.cause.value or 'none'}", found)


@dataclass(frozen=True, slots=True)
class SentAt(_OfPlacement):
    """When an outbound contact may be made, on the customer's clock: a time of day, a date and time, or AT_ONCE."""

    when: str

    def judge(self, answer: Answer) -> Iterator[Failure]:
        filled = answer.filled(self.placement)
        if filled.send_at is None:
            yield self.failure(f"sent at {self.when}", filled)
            return
        shown = answer.clock(filled.send_at).strftime(CLOCK)
        at_once = filled.send_at <= answer.moment.now
        if not (at_once if self.when == AT_ONCE else shown.endswith(self.when)):
            zone = answer.snapshot.policy.zone(answer.known.standing.time_zone)
            found = f"{shown}{', which is at once' if at_once else ''} ({zone.key})"
            yield Failure(self.place, f"{self.placement}: sent at {self.when}", found)


@dataclass(frozen=True, slots=True)
class BlockedBy(_OfPlacement):
    """The rule, or the code, that removed the last action of an outbound placement."""

    rule: str

    def judge(self, answer: Answer) -> Iterator[Failure]:
        filled = answer.filled(self.placement)
        if filled.blocked_by != self.rule:
            by_rule = (stopped(answer, one) for one in answer.decision.dropped if one.rule == self.rule)
            yield self.failure(f"held back by {self.rule}", filled, next(by_rule, f"{self.rule} stopped nothing"))
