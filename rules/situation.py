"""What the rules see of one customer at one moment: plain values, gathered before screening."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.ledger import Ledger, Pause

Value = float | str | bool


@dataclass(frozen=True, slots=True)
class Moment:
    """When, where and about what the customer is met.

    `now` seconds since the epoch; `channel` is declared in the policy; `intent` may be "";
    `context` holds the declared keys that the request sent, typed; `locale` a BCP 47 tag or "".
    """

    now: float
    channel: str
    intent: str = ""
    locale: str = ""
    context: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the customer besides features: contacts, pauses, consent, zone.

    `consent` maps "<channel>:<purpose>" to yes or no; None = the consent record could not be read, which
    counts as no. `contacts_known` False = the ledger could not be read: nothing may be sold. `broken_promises` are
    those whose time is over or that are known to be broken, as long as nothing made them good, `open_complaints` those
    that nobody put right.
    """

    ledger: Ledger
    pauses: tuple[Pause, ...] = ()
    consent: Mapping[str, bool] | None = None
    time_zone: str = ""
    contacts_known: bool = True
    broken_promises: int = 0
    open_complaints: int = 0
