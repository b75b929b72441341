"""The contact ledger as one catalogue and one policy's channels see it: lists of indexes, made once a decision.

Plain lists throughout: a customer has few contacts, and asking arrays of so few costs twice as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rules.catalogue import Catalogue
from rules.ledger import SEEN, SETTLED, Ledger, outcome_codes, short_id


class ContactRows(NamedTuple):
    """The contacts, oldest first, each of one length.

    `actions` are catalogue indexes, the number of actions for what the policy no longer has. `ways` tell channel
    and direction in one number, see `Ways`. `outcomes` are codes as rules.ledger has them; `outcome_at` is 0 without an
    outcome; `reasons` are short ids, 0 for none; what was put right is `settled`.
    """

    at: Sequence[float]
    actions: Sequence[int]
    ways: Sequence[int]
    seen: Sequence[bool]
    outcomes: Sequence[int]
    outcome_at: Sequence[float]
    reasons: Sequence[int]
    settled: Sequence[bool]


class Ways(NamedTuple):
    """Numbers channel and direction together: 2 x channel + direction, with one channel more for those unknown."""

    channels: tuple[str, ...]

    def through(self, channels: Sequence[str], directions: Sequence[int]) -> tuple[bool, ...]:
        """Which ways go over these channels (none named = all, unknown ones too) in these directions (0, 1)."""
        over = (not channels or channel in channels for channel in (*self.channels, None))
        return tuple(met and direction in directions for met in over for direction in (0, 1))


class RowReader:
    """Reads ledgers for one policy; built when the policy loads."""

    def __init__(self, catalogue: Catalogue, ways: Ways) -> None:
        self._absent = len(catalogue)
        self._index = catalogue.by_stable
        self._ways = {short_id(name): 2 * number for number, name in enumerate(ways.channels)}
        self._unknown = 2 * len(ways.channels)

    def read(self, ledger: Ledger) -> ContactRows | None:
        """The contacts by catalogue index and way; None for a customer without any."""
        if not ledger.packed:
            return None
        told = ledger.columns
        index, absent, ways, unknown = self._index, self._absent, self._ways, self._unknown
        over = zip(told.channels, told.directions, strict=True)
        return ContactRows(
            at=told.at,
            actions=[index.get(stable, absent) for stable in told.actions],
            ways=[ways.get(channel, unknown) + (direction > 0) for channel, direction in over],
            seen=[flags & SEEN > 0 for flags in told.flags],
            outcomes=outcome_codes(told.outcomes, told.flags),
            outcome_at=told.outcome_at,
            reasons=told.reasons,
            settled=[flags & SETTLED > 0 for flags in told.flags],
        )
