"""A policy and bundle judged on past choices, beside the champion where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine.evaluation.evaluate import Evaluation, evaluate
from engine.evaluation.history_choices import history_choices, unknown_chances
from engine.evaluation.log_choices import log_choices
from engine.evaluation.promotion import Gate, Side, gate
from engine.evaluation.tried import GONE, Tried
from engine.history_terms import history_terms
from engine.learning.log_source import contacts_of
from engine.snapshot import Snapshot
from models.history import read_history
from models.served import Level

SEEN = (
    "the bundle was trained on this time: unless these customers were kept apart, it is judged by what it learnt, "
    "and looks better than it is"
)

SEEN_BY_ONE = "one of the two was trained on these choices: judge them by later ones"
TOO_FRESH = "too many of the choices may still be answered: judge them once their windows have closed, or by --until"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastChoices:
    """Where the choices are: files of a history, or the log's folder between two moments (s). `now` (s): rows of the
    history that are dated later are open."""

    now: float
    history: tuple[Path, ...] = ()
    log: Path | None = None
    since: float | None = None
    until: float | None = None

    def read(self, snapshot: Snapshot) -> tuple[Callable[[Snapshot], Tried], list[str]]:
        """The choices as any bundle under this policy is judged by them, and what could not be used of them. Read once:
        sinks go on writing, and two that are compared must be judged by the same. Raises NothingToEvaluate (asked,
        too), DocumentInvalid, LogMissing."""
        if self.log is not None:
            return partial(log_choices, tuple(contacts_of(self.log, snapshot, self.since, self.until))), []
        terms = history_terms(snapshot.schema, snapshot.policy.policy)
        rows = read_history(self.history, terms, self.now)
        notes = [*unknown_chances(rows), *(note.render() for note in rows.notes)]
        return partial(history_choices, rows, terms=terms), notes


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found; `verdict` None where there was no champion to beat."""

    found: Evaluation
    verdict: Gate | None
    notes: list[str]
    first: float
    last: float


def judged(challenger: Snapshot, champion: Snapshot | None, past: PastChoices) -> Judgement:
    """Judge both on the same choices. Raises NothingToEvaluate, DocumentInvalid, LogMissing."""
    choices, notes = past.read(challenger)
    tried = choices(challenger)
    found = evaluate(challenger, tried)
    verdict = None if champion is None else _gate((found, challenger), tried, champion, choices(champion))
    told = [*([SEEN] if _learnt_from(challenger, tried) else []), *_flattered(tried), *_gone(tried), *notes]
    return Judgement(found, verdict, told, tried.first, tried.last)


def _gate(challenger: tuple[Evaluation, Snapshot], tried: Tried, champion: Snapshot, same: Tried) -> Gate:
    found, snapshot = challenger
    beaten = Side(evaluate(champion, same), _level(champion))
    seen = _learnt_from(snapshot, tried) or _learnt_from(champion, tried)
    unfit = SEEN_BY_ONE if seen else TOO_FRESH if tried.too_fresh else ""
    return gate(Side(found, _level(snapshot)), beaten, tried.logged.customer, unfit)


def _flattered(tried: Tried) -> list[str]:
    if not tried.open:
        return []
    return [f"{tried.open:,} choices may still be answered; successes are known before silence, so the figures flatter"]


def _gone(tried: Tried) -> list[str]:
    many = int((tried.actions == GONE).sum())
    return (
        [f"{many:,} choices were of actions that the policy no longer has: taken as if nobody accepted"] if many else []
    )


def _level(snapshot: Snapshot) -> Level | None:
    bundle = snapshot.expectation.bundle
    return None if bundle is None else bundle.manifest.served.level


def _learnt_from(snapshot: Snapshot, tried: Tried) -> bool:
    """Whether the model learnt from the very choices that judge it, or was calibrated by them: it looks better than it
    is."""
    bundle = snapshot.expectation.bundle
    if bundle is None:
        return False
    training = bundle.manifest.training
    repaired = bundle.manifest.metrics.get("latest", {}).get("to", training.end)
    return training.start <= tried.last and tried.first <= max(training.end, repaired)
