"""Where the limits over all customers stand, for those who run the service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.limits.account import Account
from rules.limits import LimitKind
from rules.rationing import CLOSED


@dataclass(frozen=True, slots=True)
class LimitStanding:
    """One limit, or one part of it that is counted by itself, as a worker knows it. `most`, `used` and `left` are
    contacts, free places or money; what is neither used nor left is leased to workers. `known`: the store told of it
    lately. `price` is money per contact or place, or per unit of the currency of a budget. `ends_at` (s) is when the
    interval ends, None where it does not."""

    name: str
    kind: LimitKind
    most: float
    used: float
    left: float
    price: float
    known: bool
    ends_at: float | None


def standings(accounts: Sequence[Account], now: float) -> tuple[LimitStanding, ...]:
    """The limits in the policy's order."""
    return tuple(_standing(account, now) for account in accounts)


def _standing(account: Account, now: float) -> LimitStanding:
    meter, last, units = account.meter, account.last, account.meter.units
    seen = account.seen(now)
    known = seen.left is not None and seen.left != CLOSED
    return LimitStanding(
        name=meter.name,
        kind=meter.limit.kind,
        most=(seen.most if known else meter.most) / units,
        used=last.used / units if known else 0.0,
        left=max(0, last.free) / units if known else 0.0,
        price=account.price,
        known=known,
        ends_at=account.clock.interval(now).end if account.clock.calendar else None,
    )
