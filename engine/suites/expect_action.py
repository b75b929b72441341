"""What is expected of one action: that it is proposed, where and in which words; that it is not, and by what; or that
it is allowed, whatever outranks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from documents.problem import Place
from engine.decision import Audience, Why
from engine.fates import ARBITRATION
from engine.stage_words import STAGES
from engine.suites.answer import Answer
from engine.suites.expectation import NOBODY, Failure
from engine.suites.why import placed, stopped, whereabouts

Texts = Mapping[Audience, str]


@dataclass(frozen=True, slots=True)
class Proposed:
    """Somewhere in the answer; in `placement`, at `rank` and for the reason `because` where these are given. `told` has
    what each audience's reason contains, `content` what a text of the content contains."""

    action: str
    place: Place
    placement: str = ""
    rank: int = 0
    because: str = ""
    told: Texts = field(default_factory=dict)
    content: Mapping[str, str] = field(default_factory=dict)

    @property
    def audiences(self) -> frozenset[Audience]:
        return frozenset(self.told)

    def judge(self, answer: Answer) -> Iterator[Failure]:
        seat = answer.seat(self.action)
        if seat is None:
            yield Failure(self.place, self._expected(), "not proposed", whereabouts(answer, self.action))
            return
        filled, one = seat
        here = not self.placement or filled.placement == self.placement
        if not (here and self.rank in {0, one.rank} and self.because in {"", one.why}):
            yield Failure(self.place, self._expected(), placed(filled, one))
        yield from self._texts(answer)

    def _texts(self, answer: Answer) -> Iterator[Failure]:
        for audience, text in self.told.items():
            seat = answer.seat(self.action, audience)
            yield from _misses(
                self.place, f"the {audience.lower()}'s reason", text, _sentences(seat[1].reasons) if seat else ""
            )
        seat = answer.seat(self.action)
        for name, text in self.content.items():
            yield from _misses(self.place, f"its {name}", text, getattr(seat[1].content, name) if seat else "")

    def _expected(self) -> str:
        where = f" in {self.placement}" if self.placement else ""
        rank = f" at rank {self.rank}" if self.rank else ""
        return f"{self.action} proposed{where}{rank}{f' because {self.because}' if self.because else ''}"


@dataclass(frozen=True, slots=True)
class NotProposed:
    """Nowhere in the answer; stopped at `stage`, by `rule`, for the reason `because` where these are given."""

    action: str
    place: Place
    stage: str = ""
    rule: str = ""
    because: str = ""
    told: Texts = field(default_factory=dict)

    @property
    def audiences(self) -> frozenset[Audience]:
        return frozenset(self.told)

    def judge(self, answer: Answer) -> Iterator[Failure]:
        seat = answer.seat(self.action)
        if seat is not None:
            yield Failure(self.place, self._expected(), f"proposed in {placed(*seat)}", self._why(answer))
            return
        dropped = answer.dropped(self.action)
        if dropped is None:
            if self.stage or self.rule or self.because:
                yield Failure(self.place, self._expected(), whereabouts(answer, self.action))
            return
        as_expected = (
            self.stage in {"", dropped.stage}
            and self.rule in {"", dropped.rule}
            and self.because in {"", dropped.why.code}
        )
        if not as_expected:
            yield Failure(self.place, self._expected(), stopped(answer, dropped), self._why(answer))
        yield from self._texts(answer)

    def _texts(self, answer: Answer) -> Iterator[Failure]:
        for audience, text in self.told.items():
            dropped = answer.dropped(self.action, audience)
            found = dropped.why.sentence if dropped else ""
            yield from _misses(self.place, f"the {audience.lower()}'s reason", text, found)

    def _expected(self) -> str:
        stage = f' stopped at "{STAGES.get(self.stage, self.stage)}"' if self.stage else ""
        rule = f" by {self.rule}" if self.rule else ""
        return f"{self.action} not proposed{stage}{rule}{f' because {self.because}' if self.because else ''}"

    def _why(self, answer: Answer) -> str:
        """What the rule did instead."""
        if not self.rule:
            return ""
        others = [one.action for one in answer.decision.dropped if one.rule == self.rule]
        return f"{self.rule} stopped {', '.join(others)}" if others else f"{self.rule} stopped nothing here"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Passed every check: proposed, or only outranked by something else."""

    action: str
    place: Place

    @property
    def audiences(self) -> frozenset[Audience]:
        return NOBODY

    def judge(self, answer: Answer) -> Iterator[Failure]:
        dropped = answer.dropped(self.action)
        outranked = dropped is not None and dropped.stage == ARBITRATION
        if not outranked and answer.seat(self.action) is None:
            yield Failure(self.place, f"{self.action} allowed", "not allowed", whereabouts(answer, self.action))


def _sentences(reasons: tuple[Why, ...]) -> str:
    return " ".join(one.sentence for one in reasons)


def _misses(place: Place, what: str, expected: str, found: str) -> Iterator[Failure]:
    """A failure where a text does not contain another, letters' case and line breaks aside."""
    if " ".join(expected.split()).casefold() not in " ".join(found.split()).casefold():
        yield Failure(place, f'{what} contains "{expected}"', f'"{found}"')
