"""One decision of a case with what is needed to judge and to explain it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.decision import Audience, Decision, Dropped, Filled, RankedAction
from engine.profile import Known
from engine.snapshot import Snapshot
from rules.situation import Moment


@dataclass(frozen=True, slots=True)
class Answer:
    """`told` has the decision as each audience reads it that was asked for, the analyst always; `known` and `moment`
    are what it was decided from. `alerts` are the kinds of those that are open then."""

    snapshot: Snapshot
    known: Known
    moment: Moment
    told: Mapping[Audience, Decision]
    alerts: tuple[str, ...] = ()

    @property
    def decision(self) -> Decision:
        return self.told[Audience.ANALYST]

    def filled(self, placement: str) -> Filled:
        return next(one for one in self.decision.placements if one.placement == placement)

    def seat(self, action: str, audience: Audience = Audience.ANALYST) -> tuple[Filled, RankedAction] | None:
        """Where an action stands in the answer, None where it does not."""
        seats = ((filled, one) for filled in self.told[audience].placements for one in filled.actions)
        return next(((filled, one) for filled, one in seats if one.action == action), None)

    def dropped(self, action: str, audience: Audience = Audience.ANALYST) -> Dropped | None:
        """What stopped an action, None where it is proposed, or where nothing is known of why it is not."""
        return next((one for one in self.told[audience].dropped if one.action == action), None)

    def clock(self, at: float) -> datetime:
        """A time as the customer's clock shows it."""
        return datetime.fromtimestamp(at, self.snapshot.policy.zone(self.known.standing.time_zone))
