"""The contact ledger as one catalogue and one policy's channels see it: arrays of indexes, made once a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rules.catalogue import Catalogue
from rules.ledger import OUTCOMES, SEEN, Ledger, short_id

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class ContactRows:
    """The contacts, oldest first, each array of shape (m,).

    `actions` are catalogue indexes, the number of actions for what the policy no longer has. `ways` tell channel
    and direction in one number, see `Ways`. `outcomes` index OUTCOMES; `outcome_at` is 0 without an outcome; `reasons`
    are short ids, 0 for none.
    """

    at: Floats
    actions: Indexes
    ways: Indexes
    seen: Bools
    outcomes: Indexes
    outcome_at: Floats
    reasons: npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Ways:
    """Numbers channel and direction together: 2 x channel + direction, with one channel more for those unknown."""

    channels: tuple[str, ...]

    def __len__(self) -> int:
        return 2 * (len(self.channels) + 1)

    def through(self, channels: Sequence[str], directions: Sequence[int]) -> Bools:
        """Which ways go over these channels (none named = all, unknown ones too) in these directions (0, 1)."""
        found = np.zeros(len(self), dtype=np.bool_)
        for number, channel in enumerate((*self.channels, None)):
            if not channels or channel in channels:
                found[[2 * number + direction for direction in directions]] = True
        return found


class RowReader:
    """Reads ledgers for one policy; built when the policy loads."""

    def __init__(self, catalogue: Catalogue, ways: Ways) -> None:
        self._absent = len(catalogue)
        self._order = np.append(np.argsort(catalogue.stable), self._absent)
        self._sorted = np.append(np.sort(catalogue.stable), np.uint32(0))
        self._channels = np.full(1 << 16, len(ways.channels), dtype=np.intp)
        self._channels[[short_id(name) for name in ways.channels]] = np.arange(len(ways.channels))

    def read(self, ledger: Ledger) -> ContactRows | None:
        """The contacts as arrays; None for a customer without any."""
        contacts = ledger.contacts
        if not len(contacts):
            return None
        stable = contacts["action"]
        found = np.searchsorted(self._sorted[:-1], stable)
        return ContactRows(
            at=contacts["at"],
            actions=np.where(self._sorted[found] == stable, self._order[found], self._absent),
            ways=self._channels[contacts["channel"]] * 2 + (contacts["direction"] > 0),
            seen=(contacts["flags"] & SEEN) > 0,
            outcomes=np.minimum(contacts["outcome"], len(OUTCOMES) - 1).astype(np.intp),
            outcome_at=contacts["outcome_at"],
            reasons=contacts["reason"],
        )
