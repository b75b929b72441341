"""Offers made stay honoured: which offers to a customer are still open, and until when.

An offer is open from the contact that made it, over whatever channel, for its action's `valid_for`, unless it was
rejected or taken since. Showing an open offer again on an inbound channel is the same promise and does not
prolong it; making it again on an outbound channel, or after it lapsed, is a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from rules.catalogue import Catalogue
from rules.contact_rows import ContactRows
from rules.ledger import OUTCOMES
from rules.policy import Kind

_CLOSING = tuple(OUTCOMES.index(name) for name in ("ACCEPTED", "REJECTED", "CONVERSION"))


@dataclass(frozen=True, slots=True)
class OpenOffers:
    """The open offers as a bitmask, and `until` when (s) each stands, by catalogue index."""

    mask: int = 0
    until: Mapping[int, float] = field(default_factory=dict)


NONE_OPEN = OpenOffers()


class Promises:
    """How long each offer of a catalogue stays honoured; built when the policy loads."""

    def __init__(self, catalogue: Catalogue) -> None:
        lasting = [action.valid_for if action.kind == Kind.OFFER else None for action in catalogue.actions]
        self._lasts = np.array([*(0.0 if seconds is None else seconds for seconds in lasting), 0.0])
        self._any = bool(self._lasts.any())

    def open_at(self, rows: ContactRows, now: float) -> OpenOffers:
        """The offers in these contacts that are still open at `now`."""
        if not self._any:
            return NONE_OPEN
        recent = rows.at + self._lasts[rows.actions] > now
        if not recent.any():
            return NONE_OPEN
        until: dict[int, float] = {}
        for action in np.unique(rows.actions[recent]).tolist():
            stands = self._stands_until(rows, action)
            if stands > now:
                until[action] = stands
        return OpenOffers(sum(1 << action for action in until), until)

    def _stands_until(self, rows: ContactRows, action: int) -> float:
        """The end of the latest promise of one offer; 0 where it was rejected or taken."""
        mine = np.flatnonzero(rows.actions == action)
        lasts = float(self._lasts[action])
        closed = max((float(rows.outcome_at[row]) for row in mine if rows.outcomes[row] in _CLOSING), default=0.0)
        until = 0.0
        for row in mine:
            made = float(rows.at[row])
            renewed = made >= until or rows.ways[row] % 2 == 1
            if rows.outcomes[row] in _CLOSING or made < closed:
                until = 0.0
            elif renewed:
                until = made + lasts
        return until
