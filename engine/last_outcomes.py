"""The last outcome of a pair as a model reads it: from the ledger's codes to the places of the model's own list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.pair import LAST_OUTCOMES, Contacts
from rules.ledger import OTHER, Columns, outcome_code, outcome_codes


class LastOutcomes:
    """Built once for a list of outcome types, as a model's input `pair.last_outcome` has them. The policy's own types
    that the list does not have are OTHER in it."""

    def __init__(self, values: Sequence[str] = LAST_OUTCOMES) -> None:
        own = (name for name in values if name not in LAST_OUTCOMES)
        self._places: Mapping[int, int] = {outcome_code(name): values.index(name) for name in own}

    def contacts(self, told: Columns) -> Contacts:
        """The contacts of a ledger as models read them."""
        codes, places = outcome_codes(told.outcomes, told.flags), self._places
        if codes is told.outcomes:
            return Contacts(told.actions, told.at, codes)
        return Contacts(told.actions, told.at, [one if one < OTHER else places.get(one, OTHER) for one in codes])
