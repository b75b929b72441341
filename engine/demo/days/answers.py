"""How the demo company's customers answer: by the ground truth, and the first place is seen more than others. Where
agents work, they tell of it, and now and then offer the second instead of the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from engine.decision import Decision, RankedAction
from engine.demo.company.draws import Floats
from engine.outcome import Outcome
from engine.place import COMPARED
from engine.snapshot import Snapshot
from rules.policy import CONTACT_KINDS, Kind

ATTENTION = 0.6
"""How much less each further place is seen than the one before it."""
_NEW = 0.03
"""With what chance somebody accepts an action that the truth knows nothing of."""
_SEEN_AFTER, _LATEST_ANSWER = 5.0, 4 * 3600.0
SILENCE = 2 * 86400.0
"""After how long it is told that nobody answered (s)."""
_AGENTS = 5
"""In each team."""
_OVERRULING = (0.05, 0.1, 0.2)
"""How often teams offer the second instead of the first."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A decision that reached somebody: in a channel whose customers say no with probability `candour`, at `at` (s);
    `chances` of success by action; agents of `teams` answered, if any."""

    decision: Decision
    at: float
    candour: float
    chances: dict[str, float]
    teams: tuple[str, ...] = ()


def answers(shown: Shown, snapshot: Snapshot, rng: np.random.Generator) -> Iterator[Outcome]:
    """What is told of each offer, message and ask: that it was seen, and what the customer said, if anything."""
    agent, team = _agent(shown, rng)
    for filled in shown.decision.placements:
        seen_at = max(shown.at, filled.send_at or 0.0) + _SEEN_AFTER
        told = [one for one in filled.actions if one.kind in CONTACT_KINDS]
        overruled = _overruled(told, team, rng)
        for one in told[1:] if overruled else told:
            answer = _answer(shown, one, snapshot, seen_at, rng)
            yield replace(_told(shown, one, "IMPRESSION", seen_at), agent=agent, team=team)
            yield answer if answer.type == "NO_RESPONSE" else replace(answer, agent=agent, team=team)
            if overruled and one is told[1]:
                yield _instead(shown, told, answer, rng, (agent, team))


def _agent(shown: Shown, rng: np.random.Generator) -> tuple[str, str]:
    if not shown.teams:
        return "", ""
    team = shown.teams[int(rng.integers(len(shown.teams)))]
    return f"{team.rpartition('/')[2]}-{1 + int(rng.integers(_AGENTS))}", team


def _overruled(told: list[RankedAction], team: str, rng: np.random.Generator) -> bool:
    if not team or len(told) < 2 or told[0].kind is not Kind.OFFER:
        return False
    return bool(rng.random() < _OVERRULING[crc32(team.encode()) % len(_OVERRULING)])


def _instead(
    shown: Shown, told: list[RankedAction], answer: Outcome, rng: np.random.Generator, by: tuple[str, str]
) -> Outcome:
    """The first was proposed and the second offered: what became of that."""
    taken = answer.type not in ("REJECTED", "NO_RESPONSE")
    reasons = told[0].reject_reasons
    because = reasons[int(rng.integers(len(reasons)))] if reasons else ""
    outcome = _told(shown, told[0], "ACCEPTED" if taken else "REJECTED", answer.at or shown.at, because)
    return replace(outcome, offered_instead=told[1].action, agent=by[0], team=by[1])


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


def worth_of(decision: Decision, snapshot: Snapshot, told: Sequence[Outcome]) -> float:
    """What the offers that were accepted are worth, by the policy."""
    success = {one.id: one.success for one in snapshot.policy.policy.actions}
    taken = {one.action for one in told if one.type == success[one.action] and not one.offered_instead}
    offers = (one for filled in decision.placements for one in filled.actions if one.kind is Kind.OFFER)
    return sum(max(0.0, one.factors.gain) for one in offers if one.action in taken)


def contacts_in(decision: Decision) -> int:
    """How many offers and messages were made."""
    return sum(one.kind in COMPARED for filled in decision.placements for one in filled.actions)
