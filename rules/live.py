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
    """What is posted of one attribute, shape (n,): values, NaN where there is none; when (s) each goes stale, which is
    `stale_after` seconds after it was so."""

    values: npt.NDArray[np.float64]
    lapses: npt.NDArray[np.float64]
    flag: bool
    stale_after: float

    def copy(self) -> _Attribute:
        return _Attribute(self.values.copy(), self.lapses.copy(), self.flag, self.stale_after)


class LiveFacts:
    """The live attributes of one catalogue, in the order of their declaration.

    An action of which nothing was posted has what the policy says. `revision` names the facts in the log.
    """

    def __init__(self, attributes: Mapping[str, _Attribute], index: Mapping[str, int], revision: int = 0) -> None:
        self.revision = revision
        self.names = tuple(attributes)
        self._attributes = attributes
        self._index = index
        self._lapses = np.unique(np.concatenate([_NEVER, *(one.lapses for one in attributes.values())]))
        self._columns: tuple[LiveColumn, ...] = ()
        self._holds = (math.inf, -math.inf)

    @staticmethod
    def of(actions: Sequence[Action], fields: Sequence[ContextField]) -> LiveFacts:
        """Nothing was posted yet."""
        found = {one.name: _attribute(actions, one) for one in fields if one.live}
        return LiveFacts(found, {action.id: index for index, action in enumerate(actions)})

    def with_posted(self, posted: Posted, revision: int) -> LiveFacts:
        """These facts on top; those of other actions and attributes are passed over. Cost: about 0.3 us a fact."""
        changed = {name: one.copy() for name, one in self._attributes.items()}
        for (action, name), (value, at) in posted.items():
            attribute, index = changed.get(name), self._index.get(action)
            if attribute is not None and index is not None:
                attribute.values[index] = value
                attribute.lapses[index] = at + attribute.stale_after
        return LiveFacts(changed, self._index, revision)

    def at(self, now: float) -> tuple[LiveColumn, ...]:
        """The columns at `now` (s)."""
        if not self._holds[0] <= now < self._holds[1]:
            self._columns = tuple(_column(one, now) for one in self._attributes.values())
            place = int(np.searchsorted(self._lapses, now, side="right"))
            before = float(self._lapses[place - 1]) if place else -math.inf
            self._holds = before, float(self._lapses[place]) if place < len(self._lapses) else math.inf
        return self._columns

    def value(self, name: str, action: int, now: float) -> float | bool | None:
        """One attribute of the action with a catalogue index; None = not known."""
        if name not in self.names:
            return None
        column = self.at(now)[self.names.index(name)]
        found: float | bool = column.values[action].item()
        return found if column.known[action] else None


_NEVER = np.array([math.inf])


def _attribute(actions: Sequence[Action], field: ContextField) -> _Attribute:
    own = (action.attributes.get(field.name, field.default) for action in actions)
    values = np.array([math.nan if said is None else float(said) for said in own], dtype=np.float64)
    return _Attribute(values, np.full(len(actions), math.inf), field.type == FLAG, field.stale_after or math.inf)


def _column(one: _Attribute, now: float) -> LiveColumn:
    known = ~np.isnan(one.values) & (now < one.lapses)
    plain = np.where(known, one.values, 0.0)
    values: Values = plain != 0.0 if one.flag else plain
    mask = int.from_bytes(np.packbits(known, bitorder="little").tobytes(), "little")
    return LiveColumn(values, known, mask)
