"""A decision as a caller reads it: the answer of the server, or one made locally because none came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from befit.errors import Unanswered
from befit.v1.action_pb2 import RankedAction
from befit.v1.decide_pb2 import (
    CAUSE_FALLBACK,
    DEGRADED_LOCAL_FALLBACK,
    Cause,
    DecideResponse,
    Degraded,
    FilledPlacement,
)
from befit.v1.procedure_pb2 import Procedure


@dataclass(frozen=True, slots=True)
class Decision:
    """What befits. `response` is the whole answer in the contract's words; the rest are short ways into it.

    `local` is "" for an answer of the server, else why the client answered by itself: such a decision has
    no id, counts against no limit, and takes no outcomes.
    """

    response: DecideResponse
    local: str = ""

    @property
    def id(self) -> str:
        return self.response.decision_id

    @property
    def tier(self) -> str:
        return self.response.tier

    @property
    def degraded(self) -> tuple[str, ...]:
        """What the decision had to do without, as in ("STORE_UNAVAILABLE",); () = it was complete."""
        return tuple(Degraded.Name(code).removeprefix("DEGRADED_") for code in self.response.degraded)

    @property
    def procedure(self) -> Procedure | None:
        """The standard procedure for this need; None where there is none."""
        return self.response.procedure if self.response.HasField("procedure") else None

    @property
    def placements(self) -> tuple[str, ...]:
        return tuple(filled.placement for filled in self.response.placements)

    def actions(self, placement: str) -> Sequence[RankedAction]:
        """The placement's actions, best first; empty = do nothing there, or it was not asked for."""
        filled = self._filled(placement)
        return filled.actions if filled else ()

    def best(self, placement: str) -> RankedAction | None:
        """The placement's first action; None = do nothing there."""
        return next(iter(self.actions(placement)), None)

    def cause(self, placement: str) -> str:
        """Why the placement is as it is, as in "BEST_IS_NOTHING"; "" = simply the best actions."""
        filled = self._filled(placement)
        return Cause.Name(filled.cause).removeprefix("CAUSE_") if filled and filled.cause else ""

    def _filled(self, placement: str) -> FilledPlacement | None:
        return next((filled for filled in self.response.placements if filled.placement == placement), None)


def without_server(fallback: Mapping[str, str] | None, error: Unanswered) -> Decision:
    """The decision a caller makes when no answer came: `fallback` maps placement to action id, "" = nothing.

    Raises `error` where there is no fallback.
    """
    if fallback is None:
        raise error
    placements = [
        FilledPlacement(
            placement=placement,
            actions=[RankedAction(rank=1, action_id=action)] if action else [],
            cause=CAUSE_FALLBACK,
        )
        for placement, action in fallback.items()
    ]
    return Decision(DecideResponse(placements=placements, degraded=[DEGRADED_LOCAL_FALLBACK]), str(error))
