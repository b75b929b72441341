"""What earlier contacts say of a customer with an action: the pair inputs, for training and serving alike.

Read from the customer's last 64 contacts that lie strictly before the moment, oldest first, whatever
their channel; a contact is an action that was decided for (an offer, a message, an ask), seen or not:

- `pair.times_shown`        contacts with this action
- `pair.days_since_shown`   days since the last of them; missing (NaN) where there is none
- `pair.last_outcome`       its outcome as known at the moment: index in LAST_OUTCOMES, 0 = none yet; NaN where
                            there is no contact
- `pair.group_times_shown`  contacts with any action of the same group of the same issue

Contacts with actions that the catalogue no longer has count for nothing. Cost: about ten numpy calls.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.actions import ActionTable
from models.manifest import Input, InputScope, InputType

RECENT = 64
DAY = 86_400.0
LAST_OUTCOMES = (
    "",
    "IMPRESSION",
    "CLICKED",
    "ACCEPTED",
    "REJECTED",
    "NO_RESPONSE",
    "CONVERSION",
    "COMPLAINT",
    "RATING",
    "OTHER",
)
PAIR_INPUTS = (
    Input("pair.times_shown", InputScope.PAIR),
    Input("pair.days_since_shown", InputScope.PAIR),
    Input("pair.last_outcome", InputScope.PAIR, InputType.CATEGORY, LAST_OUTCOMES),
    Input("pair.group_times_shown", InputScope.PAIR),
)

_SHOWN, _DAYS, _OUTCOME, _GROUP = range(4)


class Contacts(NamedTuple):
    """A customer's contacts, oldest first; three arrays of one length: stable action ids (uint32), times (float64,
    seconds since the epoch) and indexes in LAST_OUTCOMES."""

    actions: npt.NDArray[np.uint32]
    at: npt.NDArray[np.float64]
    outcomes: npt.NDArray[np.uint8]


class PairInputs:
    """Computes the pair inputs of candidates. Built once per catalogue."""

    __slots__ = ("_blank", "_groups", "_order", "_sorted")

    def __init__(self, actions: ActionTable) -> None:
        order = np.argsort(actions.stable_ids)
        self._sorted = actions.stable_ids[order]
        self._order = order
        self._groups = actions.group_codes
        blank = np.zeros((len(actions) + 1, len(PAIR_INPUTS)), dtype=np.float32)
        blank[:, _DAYS : _OUTCOME + 1] = np.nan
        self._blank = blank

    def rows(self, contacts: Contacts, chosen: npt.NDArray[np.intp], now: float) -> npt.NDArray[np.float32]:
        """The inputs in the order of PAIR_INPUTS, shape (k, 4), of the actions with indexes `chosen`, shape (k,)."""
        stable, at = contacts.actions[-RECENT:], contacts.at[-RECENT:]
        if not len(stable) or not len(self._sorted):
            return self._blank[chosen]
        nobody = len(self._sorted)
        found = self._sorted.searchsorted(stable)
        known = (self._sorted.take(found, mode="clip") == stable) & (at < now)
        action = np.where(known, self._order.take(found, mode="clip"), nobody)
        table = self._blank.copy()
        table[:, _SHOWN] = np.bincount(action, minlength=nobody + 1)
        table[action, _DAYS] = (now - at) / DAY  # of a repeated index numpy keeps the last, here the newest contact
        table[action, _OUTCOME] = contacts.outcomes[-RECENT:]
        rows = table[chosen]
        groups = np.bincount(self._groups[action[known]], minlength=len(self._groups))
        rows[:, _GROUP] = groups[self._groups[chosen]]
        return rows
