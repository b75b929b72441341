"""What the limits over all customers leave of the allowed actions, and what scarcity costs those that remain.

Amounts are whole units: one contact or free place, or a ten-thousandth of the currency of a budget. What is left is
told from outside; a decision only compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rules.facts import FactSchema
from rules.fused import Found
from rules.limits import COST
from rules.meters import PER_MONEY, Meter, Units, meters_of
from rules.policy import Policy, Stage
from rules.removal import Remover
from rules.scoped import ScopedCompiler
from rules.wording.code import Code

Floats = npt.NDArray[np.float64]
MOST_AT_ONCE = 50
"""No decision proposes so many actions."""

CLOSED = -1
"""`left` where nothing is known and nothing may be taken."""


class MeterSeen(NamedTuple):
    """What is known of a meter at a decision: `left` in units (None = not known, but may be asked for; CLOSED), the
    limit in force, and the price of one contact, place or unit of the currency, in money."""

    left: int | None
    most: int
    price: float


LimitsSeen = Mapping[str, MeterSeen]
"""By the meter's name; a meter that is not in it is open and costs nothing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who takes, and what of: the tier, what the conditions and amounts said, costs (n,), and the `exempt` actions, a
    bitmask, which take nothing: they were counted when they were offered."""

    channel: str
    tier: str
    values: Sequence[Found]
    cost: Floats
    exempt: int


@dataclass(frozen=True, slots=True)
class Rations:
    """What each allowed action takes of which meter: by meter, its units (n,). `scarcity` (n,) is S in money; None
    where no price is asked. `exempt` actions take nothing. `short` has, by meter, the units that the tier may have,
    where one decision could want more."""

    taken: tuple[tuple[Meter, Units], ...] = ()
    scarcity: Floats | None = None
    exempt: int = 0
    short: Mapping[str, int] = field(default_factory=dict)

    def of(self, action: int) -> Iterator[tuple[Meter, int]]:
        """What proposing the action (a catalogue index) takes."""
        if not self.exempt >> action & 1:
            for meter, units in self.taken:
                if meter.mask >> action & 1:
                    yield meter, int(units[action])

    def beyond(self, actions: Iterable[int]) -> int:
        """The first of these actions, a bitmask, that cannot be had beside those before it; 0 where all can."""
        wanted: dict[str, int] = {}
        for action in actions:
            for meter, units in self.of(action):
                wanted[meter.name] = wanted.get(meter.name, 0) + units
                if wanted[meter.name] > self.short.get(meter.name, wanted[meter.name]):
                    return 1 << action
        return 0


NO_RATIONS = Rations()


@dataclass(frozen=True)
class Rationing:
    """The meters of a policy, and those of each channel."""

    meters: tuple[Meter, ...]
    by_channel: Mapping[str, tuple[Meter, ...]] = field(default_factory=dict)

    def ration(self, wanted: Wanted, seen: LimitsSeen, remover: Remover) -> Rations:
        """Remove what cannot be had, and price the rest. Meters about no allowed action are passed over."""
        meters = self.by_channel.get(wanted.channel, ())
        if not meters:
            return NO_RATIONS
        taken, short, scarcity = [], {}, None
        for meter in meters:
            if not remover.allowed & meter.mask:
                continue
            amounts = _amounts(meter, wanted)
            known = seen.get(meter.name)
            if known is not None:
                free = _remove(meter, amounts, known, wanted, remover)
                if free is not None and free < MOST_AT_ONCE * (meter.fixed or int(amounts.max(initial=0))):
                    short[meter.name] = free
            if meter.fixed is None:
                remover.remove(Stage.AVAILABILITY, Code.UNKNOWN_FACT, _mask(amounts < 0) & meter.mask, meter.limit.id)
            taken.append((meter, amounts))
            if known is not None and known.price > 0.0:
                scarcity = np.zeros(len(amounts)) if scarcity is None else scarcity
                scarcity += _price(meter, amounts, known.price, wanted.exempt)
        return Rations(tuple(taken), scarcity, wanted.exempt, short)


def compile_limits(compiler: ScopedCompiler, policy: Policy, facts: FactSchema) -> Rationing:
    """The limits of a policy; an amount that does not hold is reported."""
    meters = tuple(meter for limit in policy.limits for meter in meters_of(compiler, policy, limit, facts))
    return Rationing(
        meters,
        {name: tuple(one for one in meters if not one.channels or name in one.channels) for name in policy.channels},
    )


def _amounts(meter: Meter, wanted: Wanted) -> Units:
    """What each action takes, in units (n,); -1 where that is unknown."""
    if meter.fixed is not None:
        return meter.spends.even
    money = wanted.cost
    if meter.limit.spends != COST:
        money = np.full(len(wanted.cost), np.nan)
        for shared in meter.spends.shared:
            money[shared.indexes] = shared.values(wanted.values)
    units = np.rint(np.maximum(money, 0.0) * PER_MONEY)
    return np.where(np.isnan(units), -1.0, units).astype(np.int64)


def _remove(meter: Meter, amounts: Units, known: MeterSeen, wanted: Wanted, remover: Remover) -> int | None:
    """Remove what takes more than the tier may have, which is told; what takes nothing is never removed."""
    if known.left is None:
        return None
    about = meter.mask & ~wanted.exempt
    if known.left == CLOSED:
        remover.remove(Stage.AVAILABILITY, Code.LIMIT_UNKNOWN, about, meter.limit.id)
        return 0
    free = known.left - floor_of(meter, wanted.tier, known.most)
    if meter.fixed is not None:
        remover.remove(
            Stage.AVAILABILITY, Code.LIMIT_REACHED, about if meter.fixed > max(0, free) else 0, meter.limit.id
        )
        return free
    remover.remove(
        Stage.AVAILABILITY, Code.LIMIT_REACHED, _mask((amounts > free) & (amounts > 0)) & about, meter.limit.id
    )
    return free


def floor_of(meter: Meter, tier: str, most: int) -> int:
    """The units that a customer of this tier must leave: at least its share of the limit in force."""
    share = meter.limit.floor(tier)
    if not share:
        return 0
    return -(-round(share * most * 1_000_000) // 1_000_000)


def _price(meter: Meter, amounts: Units, price: float, exempt: int) -> Floats:
    about = _chosen(meter.mask & ~exempt, len(amounts))
    priced: Floats = np.where(about, np.maximum(amounts, 0) * (price / meter.units), 0.0)
    return priced


def _mask(chosen: npt.NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(chosen, bitorder="little").tobytes(), "little")


def _chosen(mask: int, count: int) -> npt.NDArray[np.bool_]:
    packed = np.frombuffer((mask & (1 << count) - 1).to_bytes((count + 7) // 8, "little"), dtype=np.uint8)
    return np.unpackbits(packed, count=count, bitorder="little").view(np.bool_)
