"""What proposing an action took of a limit over all customers."""

from __future__ import annotations

from typing import NamedTuple


class Take(NamedTuple):
    """Units of a meter (its key) in one of its periods, under the running number of this writer's takes from it."""

    meter: str
    period: str
    number: int
    units: int
    action: str
