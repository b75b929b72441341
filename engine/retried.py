"""The probability of a decision that was made twice, because a limit that it claimed was lost in between.

    P(a) = kept(a)  +  lost x p2(a)

kept(a) is p1(a), or 0 where a's own limit was reached meanwhile; lost is the sum of p1(b) over all b whose limit was
reached. Both are known afterwards from the contacts that the store sent back, for decisions that could choose no
more than one contact. Of others the first attempt is lost by one of several together: they have no probability.

Estimates need kept(a) beside P(a). A first attempt that keeps its choice is never told whether others would have
been lost, so it logs p1(a) alone, and all first attempts together already stand for a in full. The retried
choices of a then must not be counted again: where kept(a) > 0 they are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from engine.arbitrate import NOTHING, Picked, first_place_probabilities
from engine.resolution import Placed
from rules.policy import CONTACT_KINDS


def over_both_attempts(second: Sequence[Placed], first: Sequence[Placed], lost: int) -> tuple[Placed, ...]:
    """The placements as the second attempt filled them, with the probabilities of both attempts together; `lost` is
    the bitmask of the actions whose claims the store would not have granted the first."""
    before = {placed.placement.name: placed for placed in first}
    single = _at_most_one_contact(first) and _at_most_one_contact(second)
    return tuple(_over_both(placed, before.get(placed.placement.name), single, lost) for placed in second)


def _at_most_one_contact(placements: Sequence[Placed]) -> bool:
    """Whether no draw could have led to two contacts."""
    most = 0
    for placed in placements:
        if placed.placement.kinds & CONTACT_KINDS:
            most += min(placed.slot.places, placed.candidates.choosable)
    return most <= 1


def _over_both(placed: Placed, before: Placed | None, single: bool, lost: int) -> Placed:
    if before is None or not placed.placement.kinds & CONTACT_KINDS:
        return placed
    if not single:
        return structs.replace(placed, probability=None)
    first = first_place_probabilities(before.candidates, before.slot)
    pick = _first(placed.picked)
    again = sum(chance for action, chance in first.items() if _is_lost(action, lost))
    kept = 0.0 if _is_lost(pick, lost) else first.get(pick, 0.0)
    return structs.replace(placed, probability=kept + again * placed.picked.probability, kept=kept)


def _is_lost(action: int, lost: int) -> bool:
    return action != NOTHING and bool(lost >> action & 1)


def _first(picked: Picked) -> int:
    return picked.actions[0] if picked.actions else NOTHING
