"""What conditions read of the actions, as columns over the catalogue: one value per action and attribute."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rules.facts import ACTION_TYPES, FLAG, INTEGER, NUMBER
from rules.policy import Action, ContextField
from rules.situation import Value

Bools = npt.NDArray[np.bool_]
Indexes = npt.NDArray[np.intp]


class LiveSlot(NamedTuple):
    """Where the values of a live attribute stand: from the end of the verdicts; `actions` None = all of them."""

    slot: int
    actions: Indexes | None = None

    def values(self, verdicts: Sequence[Any]) -> npt.NDArray[Any]:
        """Shape (n,)."""
        found: npt.NDArray[Any] = verdicts[self.slot].values
        return found if self.actions is None else found[self.actions]

    def known(self, verdicts: Sequence[Any]) -> Bools:
        """Where the values are to be trusted, shape (n,)."""
        found: Bools = verdicts[self.slot].known
        return found if self.actions is None else found[self.actions]


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute of every action, shape (n,).

    `values` are float64 (numbers), bool (flags) or intp (texts: indexes in `words`). `known` is None where every
    action has the attribute; where it is false, `values` hold 0, false or "". A live attribute is read at each decision
    instead: `live` is where, among the verdicts.
    """

    values: npt.NDArray[np.float64] | Bools | Indexes
    known: Bools | None = None
    words: tuple[str, ...] = ()
    live: LiveSlot | None = None

    def take(self, indexes: Indexes) -> Column:
        """The column of some actions only."""
        live = None if self.live is None else LiveSlot(self.live.slot, indexes)
        return Column(self.values[indexes], None if self.known is None else self.known[indexes], self.words, live)


_OWN: Mapping[str, Callable[[Action], Value | None]] = {
    "id": lambda action: action.id,
    "kind": lambda action: action.kind.value,
    "issue": lambda action: action.issue,
    "group": lambda action: action.group,
    "cost": lambda action: action.cost if isinstance(action.cost, int | float) else None,
    "price_sensitive": lambda action: action.price_sensitive,
    "partner": lambda action: action.partner is not None,
}


def action_columns(actions: Sequence[Action], attributes: Mapping[str, ContextField]) -> dict[str, Column]:
    """The columns by variable name, e.g. `action.price`. A cost that is an expression is unknown."""
    columns = {
        f"action.{name}": column_of((read(a) for a in actions), ACTION_TYPES[name]) for name, read in _OWN.items()
    }
    live = {name: -1 - place for place, name in enumerate(one.name for one in attributes.values() if one.live)}
    for name, field in attributes.items():
        cells = (action.attributes.get(name, field.default) for action in actions)
        column = column_of(cells, field.type)
        columns[f"action.{name}"] = replace(column, live=LiveSlot(live[name])) if field.live else column
    return columns


def column_of(cells: Iterable[Value | None], type_: str) -> Column:
    """A column of values of a declared type; None = the action has no value."""
    given = list(cells)
    known = np.array([cell is not None for cell in given], dtype=np.bool_)
    missing = None if known.all() else known
    if type_ in {NUMBER, INTEGER}:
        return Column(np.array([0.0 if cell is None else float(cell) for cell in given]), missing)
    if type_ == FLAG:
        return Column(np.array([bool(cell) for cell in given], dtype=np.bool_), missing)
    texts = ["" if cell is None else str(cell) for cell in given]
    words = tuple(dict.fromkeys(texts))
    codes = {word: code for code, word in enumerate(words)}
    return Column(np.array([codes[text] for text in texts], dtype=np.intp), missing, words)
