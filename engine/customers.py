"""Customers written and looked up: features as one vector, consent and preferences merged key by key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from zoneinfo import available_timezones

import orjson

from engine.customer import CustomerChange, KnownCustomer
from engine.decision import Audience, Value
from engine.ids import CustomerKey
from engine.linked import read_linked
from engine.outcome import Disposition, Verdict
from engine.profile import know, know_all
from engine.snapshot import Snapshot
from engine.standing import PERSONALISATION, Consent, read_consent
from engine.store import CustomerWrite, Profile, Store, StoreUnavailable
from engine.tiers.held import read_tier
from engine.tiers.standing import standing_of
from engine.view import view_of
from models.codec import ValueInvalid, encode

RECENT = 64
_CONSENT = re.compile(r"[^:]+:[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class Customers:
    """Writes and reads customers. What is said of consent, zone and preferences is merged in the store, at once."""

    def __init__(self, store: Store, snapshot: Callable[[], Snapshot]) -> None:
        self._store = store
        self._snapshot = snapshot
        self._zones = available_timezones()

    async def put(self, changes: Sequence[CustomerChange], now: float) -> tuple[Verdict, ...]:
        """One verdict per change, in order; a customer who stands twice is written in order."""
        prepared = [self._prepare(change, now) for change in _merged(changes)]
        writes = {one.customer: one for one in prepared if isinstance(one, CustomerWrite)}
        refused = {one.id: one for one in prepared if isinstance(one, Verdict)}
        try:
            await self._store.put_customers(tuple(writes.values()))
        except StoreUnavailable:
            return tuple(refused.get(change.customer.customer, _away(change)) for change in changes)
        return tuple(
            refused.get(change.customer.customer, Verdict(change.customer.customer, Disposition.ACCEPTED))
            for change in changes
        )

    async def get(self, customer: CustomerKey, now: float) -> KnownCustomer | None:
        """Everything known, or None for an unknown customer; a linked visitor shows the customer. Raises
        StoreUnavailable."""
        customer, profile = await read_linked(self._store, customer, "")
        if profile == Profile():
            return None
        snapshot = self._snapshot().of(customer)
        return _known_customer(snapshot, customer, profile, now)

    def _prepare(self, change: CustomerChange, now: float) -> CustomerWrite | Verdict:
        name = change.customer.customer
        if change.time_zone and change.time_zone not in self._zones:
            return Verdict(name, Disposition.REJECTED, "time_zone", "must be an IANA time zone, as in Europe/Berlin")
        if not self._names_channels(change.consent):
            reason = "must be named <channel>:<purpose>, with a channel of the policy"
            return Verdict(name, Disposition.REJECTED, "consent", reason)
        try:
            vector = None
            if change.features is not None:
                vector = encode(self._snapshot().schema, change.features, change.customer, now)
            return CustomerWrite(change.customer, vector, consent_change=_consent(change))
        except ValueInvalid as mistake:
            return Verdict(name, Disposition.REJECTED, f"features.{mistake.feature}", mistake.why)

    def _names_channels(self, consent: Iterable[str]) -> bool:
        """Whether each says what it is about: one that is misspelt would be no withdrawal at all."""
        channels = self._snapshot().policy.policy.channels
        return all(key.partition(":")[0] in channels and _CONSENT.fullmatch(key) for key in consent)


def _consent(change: CustomerChange) -> bytes | None:
    """What is said of consent, in the form of the record; None where nothing is."""
    said: dict[str, object] = {}
    if change.consent:
        said["consent"] = dict(change.consent)
    if change.preferences:
        said["preferences"] = dict(change.preferences)
    if change.time_zone is not None:
        said["zone"] = change.time_zone
    if change.personalisation is not None:
        said[PERSONALISATION] = change.personalisation
    return orjson.dumps(said) if said else None


def _merged(changes: Sequence[CustomerChange]) -> list[CustomerChange]:
    """One change per customer, later ones over earlier ones."""
    found: dict[CustomerKey, CustomerChange] = {}
    for change in changes:
        before = found.get(change.customer)
        found[change.customer] = change if before is None else _over(before, change)
    return list(found.values())


def _over(before: CustomerChange, change: CustomerChange) -> CustomerChange:
    return CustomerChange(
        change.customer,
        before.features if change.features is None else change.features,
        {**before.consent, **change.consent},
        before.time_zone if change.time_zone is None else change.time_zone,
        {**before.preferences, **change.preferences},
        before.personalisation if change.personalisation is None else change.personalisation,
    )


def _away(change: CustomerChange) -> Verdict:
    reason = "the store is away; send it again"
    return Verdict(change.customer.customer, Disposition.REJECTED, "", reason, retryable=True)


def _known_customer(snapshot: Snapshot, customer: CustomerKey, profile: Profile, now: float) -> KnownCustomer:
    """All that is kept; the tier as decisions, which may have to leave features unread, would find it."""
    known, decided_by = know_all(snapshot, customer, profile, now), know(snapshot, customer, profile, now)
    consent = read_consent(profile.consent) or Consent({})
    tier, since = read_tier(profile.tier)
    preferences: Mapping[str, Value] = consent.preferences or {}
    standing = standing_of(snapshot, decided_by, now)
    return KnownCustomer(
        customer_id=customer.customer,
        tier=tier,
        tier_since=since,
        consent=consent.consent,
        time_zone=consent.time_zone,
        preferences=preferences,
        features_age_seconds=None if known.features_at is None else max(0.0, now - known.features_at),
        view=view_of(snapshot, known, now, RECENT),
        tier_why=snapshot.reasons.tell_tier(standing.tier, Audience.CUSTOMER),
        standing=standing,
        personalisation_off=not decided_by.personalised,
    )
