"""Where chance decides, so that the company can learn: exploration, and groups of customers to compare with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exploration:
    """Share of first places drawn instead of taken. `placements` empty = every placement that may."""

    share: float = 0.0
    placements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """`share` of customers each month. `arm` is random, nothing, propensity_only, no_levers or eligibility_only."""

    id: str
    share: float
    arm: str
