"""What is written of a customer, and what is known of one, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.decision import CustomerView, Value
from engine.ids import CustomerKey
from engine.tiers.standing import TierStanding


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """What to write. `features` None = leave them, else all of them; `time_zone` None = leave it, "" = the policy's;
    `consent` and `preferences` replace the keys they name; `personalisation` None = leave it, False = opt out."""

    customer: CustomerKey
    features: Mapping[str, Value] | None = None
    consent: Mapping[str, bool] = field(default_factory=dict)
    time_zone: str | None = None
    preferences: Mapping[str, Value] = field(default_factory=dict)
    personalisation: bool | None = None


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """Everything that is known. `customer_id` differs from the one asked for where a visitor is linked. `tier` is what
    the last decision found, `tier_why` safe to show to anyone, `standing` what a decision now would find."""

    customer_id: str
    tier: str
    tier_since: float | None
    consent: Mapping[str, bool]
    time_zone: str
    preferences: Mapping[str, Value]
    features_age_seconds: float | None
    view: CustomerView
    tier_why: str = ""
    standing: TierStanding | None = None
    personalisation_off: bool = False
