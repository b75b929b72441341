"""Offers made stay honoured: which offers to a customer are still open, and until when.

An offer is open from the contact that made it, for its action's `valid_for`, unless it was rejected or taken since.
Outbound the contact itself makes it: it went out. Inbound it is made once somebody told that it was shown, by an
IMPRESSION or by whatever the customer said to it; what a page or a desk only asked for binds nobody. Showing an open
offer again on an inbound channel is the same promise and does not prolong it; making it again on an outbound channel,
or after it lapsed, is a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
        self._seconds = (*(0.0 if seconds is None else seconds for seconds in lasting), 0.0)
        self._any = any(self._seconds)

    def open_at(self, rows: ContactRows, now: float) -> OpenOffers:
        """The offers in these contacts that are still open at `now`."""
        seconds = self._seconds
        if not self._any or not any(at + seconds[one] > now for one, at in zip(rows.actions, rows.at, strict=True)):
            return NONE_OPEN
        closed = _closed(rows)
        until: dict[int, float] = {}
        told = zip(rows.actions, rows.at, rows.ways, rows.seen, rows.outcomes, strict=True)
        for action, made, way, seen, outcome in told:
            lasts, outbound = seconds[action], way % 2 == 1
            if not lasts or not (seen or outbound):
                continue
            if outcome in _CLOSING or made < closed.get(action, 0.0):
                until[action] = 0.0
            elif made >= until.get(action, 0.0) or outbound:
                until[action] = made + lasts
        standing = {action: until[action] for action in sorted(until) if until[action] > now}
        return OpenOffers(sum(1 << action for action in standing), standing)


def _closed(rows: ContactRows) -> dict[int, float]:
    """When each offer was last rejected or taken."""
    found: dict[int, float] = {}
    for action, outcome, at in zip(rows.actions, rows.outcomes, rows.outcome_at, strict=True):
        if outcome in _CLOSING:
            found[action] = max(found.get(action, 0.0), at)
    return found
