"""What earlier contacts say of a customer with an action: the pair inputs, for training and serving alike.

Read from the customer's last 64 contacts that lie strictly before the moment, oldest first, whatever
their channel; a contact is an action that was decided for (an offer, a message, an ask), seen or not:

- `pair.times_shown`        contacts with this action
- `pair.days_since_shown`   days since the last of them; missing (NaN) where there is none
- `pair.last_outcome`       its outcome as known at the moment: place in the input's list, 0 = none yet; NaN where
                            there is no contact
- `pair.group_times_shown`  contacts with any action of the same group of the same issue

Contacts with actions that the catalogue no longer has count for nothing. Cost: about ten numpy calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
"""The standard outcomes; a policy's own types follow in a list of its models, else they are OTHER."""


def last_outcomes(own: Iterable[str] = ()) -> tuple[str, ...]:
    """The outcomes that `pair.last_outcome` may have under a policy with these own types."""
    return tuple(dict.fromkeys((*LAST_OUTCOMES, *own)))


def pair_inputs(own: Iterable[str] = ()) -> tuple[Input, ...]:
    """The pair inputs of a model, for a policy with these own outcome types."""
    return (
        Input("pair.times_shown", InputScope.PAIR),
        Input("pair.days_since_shown", InputScope.PAIR),
        Input("pair.last_outcome", InputScope.PAIR, InputType.CATEGORY, last_outcomes(own)),
        Input("pair.group_times_shown", InputScope.PAIR),
    )


def recoded_outcomes(
    codes: npt.NDArray[np.float32], written: Sequence[str], wanted: Sequence[str]
) -> npt.NDArray[np.float32]:
    """Places in one list of outcomes as places in another, shape (n,), NaN kept; what that does not have is OTHER."""
    other = LAST_OUTCOMES.index("OTHER")
    places = np.array([wanted.index(one) if one in wanted else other for one in written], dtype=np.float32)
    known = ~np.isnan(codes)
    found = codes.copy()
    found[known] = places[codes[known].astype(np.intp)]
    return found


PAIR_INPUTS = pair_inputs()
PAIR_NAMES = tuple(one.name for one in PAIR_INPUTS)

_SHOWN, _DAYS, _OUTCOME, _GROUP = range(4)


class Contacts(NamedTuple):
    """A customer's contacts, oldest first; three sequences of one length: stable action ids, times (seconds since the
    epoch) and places in the list of outcomes."""

    actions: Sequence[int]
    at: Sequence[float]
    outcomes: Sequence[int]


class PairInputs:
    """Computes the pair inputs of candidates. Built once per catalogue."""

    __slots__ = ("_blank", "_group_of", "_groups", "_index", "_none_shown")

    def __init__(self, actions: ActionTable) -> None:
        self._index = {stable: place for place, stable in enumerate(actions.stable_ids.tolist())}
        self._groups = actions.group_codes
        self._group_of = actions.group_codes.tolist()
        self._none_shown = [0] * (1 + max(self._group_of, default=0))
        blank = np.zeros((len(actions), len(PAIR_INPUTS)), dtype=np.float32)
        blank[:, _DAYS : _OUTCOME + 1] = np.nan
        self._blank = blank

    def rows(self, contacts: Contacts, chosen: npt.NDArray[np.intp], now: float) -> npt.NDArray[np.float32]:
        """The inputs in the order of PAIR_INPUTS, shape (k, 4), of the actions with indexes `chosen`, shape (k,)."""
        own: dict[int, tuple[int, float, int]] = {}
        shown = self._none_shown.copy()
        recent = (each[-RECENT:] for each in contacts)
        for stable, at, outcome in zip(*recent, strict=True):
            action = self._index.get(stable)
            if action is not None and at < now:
                own[action] = (own[action][0] + 1 if action in own else 1, (now - at) / DAY, outcome)
                shown[self._group_of[action]] += 1
        if not own:
            return self._blank.take(chosen, axis=0)
        table = self._blank.copy()
        table[list(own), :_GROUP] = list(own.values())
        table[:, _GROUP] = np.array(shown, dtype=np.float32).take(self._groups)
        return table.take(chosen, axis=0)
