"""Who is told at once of a complaint, or of a rating that is too low, and where alerts are posted to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DutyRule:
    """`to` is told of what customers of these tiers say, of all where none is named; of ratings up to `at_most`."""

    to: str
    tiers: frozenset[str] = frozenset()
    at_most: float | None = None

    def watches(self, tier: str, rating: float | None) -> bool:
        """Whether somebody has to be told; of an unknown tier ("") yes."""
        if self.at_most is not None and (rating is None or rating > self.at_most):
            return False
        return not self.tiers or not tier or tier in self.tiers


@dataclass(frozen=True, slots=True)
class Duty:
    """None = nobody is told of it. `webhook` is a URL, "" = none."""

    complaint: DutyRule | None = None
    low_rating: DutyRule | None = None
    webhook: str = ""


NO_DUTY = Duty()
