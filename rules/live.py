"""Live facts of actions, as columns over the catalogue: told by events, unknown once they are stale.

Columns are made when a fact changes, not when a customer comes; what a decision pays is a look at when the next fact
goes stale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rules.facts import FLAG
from rules.policy import Action, ContextField

Values = npt.NDArray[np.float64] | npt.NDArray[np.bool_]
Posted = Mapping[tuple[str, str], tuple[float, float]]
"""By action id and attribute: a number (0 or 1 for a flag), and the time (s) that it is of."""


@dataclass(frozen=True, slots=True)
class LiveColumn:
    """One live attribute of every action at a moment, shape (n,): float64 or bool, to be trusted where `known`; `mask`
    has those actions as bits."""

    values: Values
    known: npt.NDArray[np.bool_]
    mask: int


class _Attribute(NamedTuple):
    """What is posted of one attribute, shape (n,): values, NaN where there is none; and when (s) each goes stale."""

    values: npt.NDArray[np.float64]
    lapses: npt.NDArray[np.float64]
    flag: bool


class LiveFacts:
    """The live attributes of one catalogue as they were posted, in the order of their declaration.

    An action of which nothing was posted has what the policy says. `revision` names the facts in the log.
    """

    def __init__(
        self, actions: Sequence[Action], fields: Sequence[ContextField], posted: Posted, revision: int = 0
    ) -> None:
        self.revision = revision
        self.names = tuple(one.name for one in fields if one.live)
        self._attributes = tuple(_attribute(actions, one, posted) for one in fields if one.live)
        self._columns: tuple[LiveColumn, ...] = ()
        self._holds = (math.inf, -math.inf)

    def at(self, now: float) -> tuple[LiveColumn, ...]:
        """The columns at `now` (s)."""
        if not self._holds[0] <= now < self._holds[1]:
            self._columns = tuple(_column(one, now) for one in self._attributes)
            moments = [moment for one in self._attributes for moment in one.lapses.tolist()]
            before = max((moment for moment in moments if moment <= now), default=-math.inf)
            self._holds = before, min((moment for moment in moments if moment > now), default=math.inf)
        return self._columns

    def value(self, name: str, action: int, now: float) -> float | bool | None:
        """One attribute of the action with a catalogue index; None = not known."""
        if name not in self.names:
            return None
        column = self.at(now)[self.names.index(name)]
        found: float | bool = column.values[action].item()
        return found if column.known[action] else None


def _attribute(actions: Sequence[Action], field: ContextField, posted: Posted) -> _Attribute:
    values, lapses = np.full(len(actions), math.nan), np.full(len(actions), math.inf)
    for index, action in enumerate(actions):
        said = posted.get((action.id, field.name))
        if said is not None:
            values[index] = said[0]
            lapses[index] = said[1] + field.stale_after if field.stale_after else math.inf
        else:
            own = action.attributes.get(field.name, field.default)
            values[index] = math.nan if own is None else float(own)
    return _Attribute(values, lapses, field.type == FLAG)


def _column(one: _Attribute, now: float) -> LiveColumn:
    known = ~np.isnan(one.values) & (now < one.lapses)
    plain = np.where(known, one.values, 0.0)
    values: Values = plain != 0.0 if one.flag else plain
    mask = int.from_bytes(np.packbits(known, bitorder="little").tobytes(), "little")
    return LiveColumn(values, known, mask)
