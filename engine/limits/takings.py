"""What a writer took of a meter in one period: numbered, and settled once it is known what stands."""

from __future__ import annotations


class Takings:
    """`taken` are all units taken that are not given back; up to `low` every take is settled, with `spent` units."""

    def __init__(self, low: int) -> None:
        self.taken = 0
        self.spent = 0
        self.low = low
        self._number = low
        self._unsettled: dict[int, int | None] = {}

    @property
    def number(self) -> int:
        """The number of the last take."""
        return self._number

    def take(self, units: int) -> int:
        """Take; the number of the take."""
        self._number += 1
        self.taken += units
        self._unsettled[self._number] = None
        return self._number

    def settle(self, number: int, units: int, spent: int) -> None:
        """Of the units of a take so many stand; telling it twice changes nothing."""
        if self._unsettled.get(number, 0) is not None:
            return
        self._unsettled[number] = spent
        self.taken -= units - spent
        while self._unsettled:
            first = next(iter(self._unsettled))
            settled = self._unsettled[first]
            if settled is None:
                return
            self.low = first
            self.spent += settled
            del self._unsettled[first]
