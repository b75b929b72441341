"""The corner shop without chance, and decisions that come in between."""

from __future__ import annotations

from rules.policy import Exploration
from tests.engine.company import ANNA, DAY, NOW, Company, changed, contact, corner_shop

STEADY = changed(corner_shop(), exploration=Exploration(), control_groups=())
"""Nothing is drawn: the same question gets the same answer."""


async def interrupted_twice(company: Company, first: str) -> None:
    """Before each of the two commits, other decisions use up a limit: of `first`, then of the upgrade."""

    async def again(_request) -> None:
        await company.store.contacted(ANNA, *[contact("upgrade_unlimited", NOW - 20 * DAY)] * 3)

    async def others(_request) -> None:
        await company.store.contacted(ANNA, *[contact(first, NOW - 20 * DAY)] * 3)
        company.store.meanwhile = again

    company.store.meanwhile = others
