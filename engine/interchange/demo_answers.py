"""How the demo company's customers answer: by the ground truth, and the first place is seen more than others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.decision import Decision, RankedAction
from engine.demo.company.draws import Floats
from engine.outcome import Outcome
from engine.snapshot import Snapshot
from rules.policy import CONTACT_KINDS

ATTENTION = 0.6
"""How much less each further place is seen than the one before it."""
_NEW = 0.03
"""With what chance somebody accepts an action that the truth knows nothing of."""
_SEEN_AFTER, _LATEST_ANSWER = 5.0, 4 * 3600.0
SILENCE = 2 * 86400.0
"""After how long it is told that nobody answered (s)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A decision that reached somebody: in a channel whose customers say no with probability `candour`, at `at` (s);
    `chances` of success by action."""

    decision: Decision
    at: float
    candour: float
    chances: dict[str, float]


def answers(shown: Shown, snapshot: Snapshot, rng: np.random.Generator) -> Iterator[Outcome]:
    """What is told of each offer, message and ask: that it was seen, and what the customer said, if anything."""
    for filled in shown.decision.placements:
        seen_at = max(shown.at, filled.send_at or 0.0) + _SEEN_AFTER
        for one in filled.actions:
            if one.kind in CONTACT_KINDS:
                yield _told(shown, one, "IMPRESSION", seen_at)
                yield _answer(shown, one, snapshot, seen_at, rng)


def _answer(shown: Shown, one: RankedAction, snapshot: Snapshot, seen_at: float, rng: np.random.Generator) -> Outcome:
    action = snapshot.policy.catalogue.actions[snapshot.policy.catalogue.index[one.action]]
    chance = shown.chances.get(one.action, _NEW) * ATTENTION ** (one.rank - 1)
    drawn, at = rng.random(), seen_at + rng.random() * _LATEST_ANSWER
    if drawn < chance:
        return _told(shown, one, action.success, at)
    if drawn > 1.0 - shown.candour:
        reasons = action.reject_reasons
        reason = reasons[int(rng.integers(len(reasons)))] if reasons else ""
        return _told(shown, one, "REJECTED", at, reason)
    return _told(shown, one, "NO_RESPONSE", seen_at + SILENCE)


def _told(shown: Shown, one: RankedAction, type_: str, at: float, reason: str = "") -> Outcome:
    decision = shown.decision.decision_id
    return Outcome(f"{decision}:{one.action}:{type_}", decision, one.action, type_, at, reason_code=reason)


def chances_of(actions: tuple[str, ...], row: Floats) -> dict[str, float]:
    """The truth's probabilities of one moment, (A,), by action."""
    return dict(zip(actions, row.tolist(), strict=True))
