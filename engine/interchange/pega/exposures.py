"""What customers were shown and what came of it, one contact after the other: what all of Pega's reports count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.interchange.pega.contests import Contests
from engine.learning.log_contacts import result_of
from engine.past.policies import PolicyKnown
from engine.place import COMPARED
from engine.record import DecisionRecord, OutcomeRecord
from engine.sink.reading import Joined
from engine.slate import SlateAction
from rules.ledger import stable_id
from rules.policy import CONTACT_KINDS, Action, Channel


@dataclass(frozen=True, slots=True)
class Exposure:
    """One offer, message or ask that was proposed. `rank` from 1 within its placement; `arm` of the comparison group
    that the customer was in, "" = none; `compared`: the placement is one that comparison groups change; `success` and
    `closed` as for learning."""

    record: DecisionRecord
    interaction: str
    placement: str
    pick: SlateAction
    rank: int
    action: Action
    channel: Channel
    arm: str
    compared: bool
    outcomes: tuple[OutcomeRecord, ...]
    success: bool
    closed: bool

    @property
    def propensity(self) -> float:
        """The chance that it was chosen by."""
        return self.pick.factors[0]

    @property
    def gain(self) -> float:
        """What a success was worth then, in the policy's currency."""
        return self.pick.factors[2]


def exposures(joined: Joined, known: PolicyKnown, newest: float) -> Iterator[Exposure]:
    """The contacts of a decision, as its policy was; `newest` (s) is until when the log tells what happened."""
    record = joined.record
    channel = known.channel(record.request.channel)
    if channel is None:
        return
    contests, arm = Contests(record, channel), known.arms.get(record.group, "")
    for placement in record.placements:
        contest = contests.of_placement(placement.placement)
        for rank, pick in enumerate(placement.picks, start=1):
            action = known.actions.get(stable_id(pick.action))
            if contest is None or action is None or action.kind not in CONTACT_KINDS or pick.action in joined.lost:
                continue
            yield Exposure(
                record,
                contest.interaction,
                placement.placement,
                pick,
                rank,
                action,
                channel,
                arm,
                bool(channel.placements[placement.placement].kinds & COMPARED),
                tuple(one for one in joined.outcomes if one.action == action.id),
                *result_of(joined, action, newest),
            )
