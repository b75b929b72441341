"""The units of one meter and period that are in a writer's hands."""

from __future__ import annotations

from engine.limits.store import UNITS_PER_LEASE, Lease, Said
from engine.limits.takings import Takings


class Holding:
    """`granted` by the store in all; `asked`: out of reach until an answer comes; `known`: the store has answered in
    this period. `after` is the number of the last take before it."""

    def __init__(self, period: str, after: int) -> None:
        self.period = period
        self.granted = 0
        self.asked = 0
        self.known = False
        self.takings = Takings(after)

    @property
    def available(self) -> int:
        return max(0, self.granted - self.takings.taken - self.asked)

    def unask(self, units: int) -> None:
        self.asked -= min(self.asked, units)

    def said(self, keep: int) -> Said:
        """What the store is told of it."""
        takings = self.takings
        return Said(takings.low, takings.spent, takings.taken + self.asked, keep, self.known)

    def give_back(self, last: Lease, least: int) -> int:
        """Give back what a lease has become too large by: how much is kept of all that was granted, -1 where it is
        not too large. A share below `least` is no use."""
        share = (max(0, last.free) + self.available) // (UNITS_PER_LEASE * last.writers)
        share = share if share >= least else 0
        if not self.known or not self.available or self.available <= 2 * share:
            return -1
        self.granted = self.takings.taken + self.asked + share
        return self.granted
