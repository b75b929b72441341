"""A whole report: all that a log proves and tells, as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from documents.problem import BefitError
from engine.procedures.times import StepTimes, times_by_team
from engine.report.agents import Followed, Overridden, followed, overridden
from engine.report.dealt import BEFIT
from engine.report.gathering import Gathered
from engine.report.groups import Compared, Dealing, Group, compared, dealing, groups
from engine.report.measures import Measure, money_of
from engine.report.parts import Part, parts
from engine.report.rows import span_of
from engine.report.terms import DAY, Terms
from engine.report.trend import Look, trend
from engine.report.units import units
from engine.report.verdict import Pace
from engine.report.voice import Heard, Said, voice
from engine.snapshot import Snapshot
from rules.policy import Policy


class NothingToReport(BefitError):
    """There is no decision to report on."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a log proves and tells. Times in seconds; `trend` is of the first of `compared`."""

    company: str
    currency: str
    customers_word: str
    first: float
    last: float
    decisions: int
    customers: int
    money: Measure
    groups: tuple[Group, ...]
    dealing: Dealing
    compared: tuple[Compared, ...]
    trend: tuple[Look, ...]
    parts: tuple[Part, ...]
    agents: tuple[Followed, ...]
    overridden: tuple[Overridden, ...]
    voice: tuple[Said, ...]
    heard: Mapping[Heard, Said]
    steps: tuple[StepTimes, ...]
    notes: tuple[str, ...]

    @property
    def days(self) -> float:
        return _days((self.first, self.last))


def counted(found: Gathered, snapshot: Snapshot, terms: Terms) -> Report:
    """Count, compare and rank all of it. Raises NothingToReport."""
    decisions = _some(found.tables.decisions)
    policy, rows = snapshot.policy.policy, units(found, terms)
    dealt = groups(rows, policy.control_groups, found.dealt)
    pace, money = Pace(_days(span_of(decisions)), terms.planned), money_of(rows)
    against = compared(rows, dealt, pace)
    heard = voice(found, snapshot, terms)
    return Report(
        *_named(policy),
        *span_of(decisions),
        decisions=len(decisions),
        customers=decisions["customer"].n_unique(),
        money=money,
        groups=dealt,
        dealing=dealing(found.dealt),
        compared=against,
        trend=trend(found, against[0].group.id, money, terms) if against else (),
        parts=parts(found, rows, dealt, terms, pace),
        agents=followed(found.tables, terms),
        overridden=overridden(found.tables, terms),
        voice=heard.said,
        heard=heard.kinds,
        steps=tuple(times_by_team(found.steps, policy.procedures, found.newest)),
        notes=tuple(_notes(found, dealt, money)),
    )


def _some(decisions: pl.DataFrame) -> pl.DataFrame:
    if decisions.is_empty():
        raise NothingToReport("there are no decisions to report on")
    return decisions


def _named(policy: Policy) -> tuple[str, str, str]:
    return policy.company, policy.currency, policy.vocabulary.get("customers", "customers")


def _days(span: tuple[float, float]) -> float:
    return (span[1] - span[0]) / DAY


def _notes(found: Gathered, dealt: tuple[Group, ...], money: Measure) -> Iterator[str]:
    """What a reader must know to read it right."""
    if found.missing:
        yield (
            f"{found.missing:,} entries of the log are missing: a file was lost or removed, so that all figures may be "
            "wrong. `befit sink --check` says which."
        )
    if len(found.policies) > 1:
        yield (
            f"The log holds decisions of {len(found.policies)} policies: groups are told by the one of each decision, "
            "successes by today's. Use --since to look at one."
        )
    if money.name != "purchases" and any(one.arm == "nothing" and one.units for one in dealt):
        yield (
            "The log has no purchases as events: what customers who are offered nothing buy by themselves is not seen, "
            "so the difference from them is too large."
        )
    if found.unkept:
        yield (
            f"Policies that were not kept: {', '.join(found.unkept)}. Whether their groups were dealt as declared "
            "is not checked."
        )
    if all(one.id == BEFIT for one in dealt):
        yield "The policy has no comparison groups (control_groups), so nothing can be proved, only counted."
