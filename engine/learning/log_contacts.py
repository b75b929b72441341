"""What the log's decisions proposed and what came of it, one contact after the other.

The customer is read from the logged fields as they were read then, real-time state decayed to that moment included, so
that what is learnt from is what decisions are made by. Today's features are never looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from engine.past.question import question_of
from engine.record import DecisionRecord, OutcomeRecord, PlacementRecord
from engine.resolution import Question
from engine.sink.reading import Joined
from engine.slate import SlateAction
from engine.snapshot import Snapshot
from rules.policy import CONTACT_KINDS, Action

FINAL = frozenset({"REJECTED", "NO_RESPONSE"})


@dataclass(frozen=True, slots=True)
class LogContact:
    """One place of one placement. `action` is its index in today's catalogue, None where nothing was proposed, or what
    the policy no longer has (`gone`; what it earned is not known then, but that the choice was made is); `rank`
    from 0. `probability` is that of a first place that may be weighed by it, else None. `success`, and `closed`: it
    can change no more. Money as it was weighed then. `shown` names what earlier placements showed, which this one could
    not."""

    record: DecisionRecord
    question: Question
    placement: str
    action: int | None
    rank: int
    probability: float | None
    success: bool
    closed: bool
    gain: float
    cost: float
    shown: tuple[str, ...] = ()
    gone: bool = False

    @property
    def reward(self) -> float:
        """What it earned: the gain of a success, less the cost."""
        return self.gain * self.success - self.cost


def log_contacts(decisions: Iterable[Joined], snapshot: Snapshot, newest: float) -> Iterator[LogContact]:
    """Every offer, message and ask that was proposed, and every first place that was left empty; of what the policy no
    longer has, first places only. `newest` (s) is until when the log tells what happened."""
    for joined in decisions:
        question = question_of(snapshot, joined.record)
        shown: tuple[str, ...] = ()
        for placement in joined.record.placements:
            for one in _of_placement(snapshot, joined, question, placement, newest):
                yield replace(one, shown=shown)
            shown += tuple(pick.action for pick in placement.picks if pick.action not in joined.lost)


def _of_placement(
    snapshot: Snapshot, joined: Joined, question: Question, placement: PlacementRecord, newest: float
) -> Iterator[LogContact]:
    chance = placement.estimable
    if not placement.picks:
        if chance is not None:
            yield LogContact(joined.record, question, placement.placement, None, 0, chance, False, True, 0.0, 0.0)
        return
    for rank, pick in enumerate(placement.picks):
        if pick.kind not in CONTACT_KINDS or pick.action in joined.lost:
            continue
        index = snapshot.policy.catalogue.index.get(pick.action)
        if index is None:
            if not rank and chance is not None:
                at_loss = money_of(pick)[1]
                yield LogContact(
                    joined.record, question, placement.placement, None, 0, chance, False, True, 0.0, at_loss, gone=True
                )
            continue
        action = snapshot.policy.catalogue.actions[index]
        success, closed = result_of(joined, action, newest)
        money = money_of(pick)
        probability = None if rank else chance
        yield LogContact(
            joined.record, question, placement.placement, index, rank, probability, success, closed, *money
        )


def result_of(joined: Joined, action: Action, newest: float) -> tuple[bool, bool]:
    """Whether the action succeeded within its window, and whether that is settled."""
    ends = joined.record.now + action.success_within
    mine = [one for one in joined.outcomes if one.action == action.id]
    success = any(succeeds(one, action, ends) for one in mine)
    return success, success or ends <= newest or any(one.type in FINAL or one.offered_instead for one in mine)


def succeeds(outcome: OutcomeRecord, action: Action, ends: float) -> bool:
    """Whether this outcome is the action's success, before its window ends (s). What was accepted of another action,
    which an agent offered instead, is none."""
    return outcome.type == action.success and outcome.at <= ends and not outcome.offered_instead


def money_of(pick: SlateAction) -> tuple[float, float]:
    """Gain and cost among a pick's factors, which stand in the order of `Factors`' fields."""
    return pick.factors[2], pick.factors[3]
