"""What is known of a customer, made from the fields that one round trip read; what cannot be read is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.decision import Degraded
from engine.ids import CustomerKey
from engine.rights.personalisation import impersonal
from engine.snapshot import Snapshot
from engine.standing import UNREADABLE, Consent, read_consent, read_standing
from engine.store import Profile
from models.codec import Unreadable, Vector, VectorRefused, decode
from models.features import FeatureSchema
from rules.situation import Standing, Value

_REFUSED = {Unreadable.OTHER_CUSTOMER: Degraded.FEATURES_OF_ANOTHER}
_ABSENT = frozenset({Degraded.UNKNOWN_CUSTOMER, Degraded.FEATURES_MISSING})


@dataclass(frozen=True, slots=True)
class Known:
    """A customer as one decision knows them.

    `values` holds known features only; `vector` is the stored float32 body under `schema`, None without one.
    `features_at` seconds. `fields` are the raw fields, for the log; None when the store was away. `readable`: there
    are no features, or they were read. Where there may be some that were not, the model is not asked, and to the
    rules every feature is unknown, whatever its default. Not `personalised`: the customer opted out, and no personal
    feature is in here.
    """

    customer: CustomerKey
    values: Mapping[str, Value]
    vector: npt.NDArray[np.float32] | None
    schema: FeatureSchema | None
    standing: Standing
    features_at: float | None
    degraded: tuple[Degraded, ...]
    fields: Profile | None
    readable: bool = True
    personalised: bool = True


def know(snapshot: Snapshot, customer: CustomerKey, profile: Profile | None, now: float) -> Known:
    """Read a profile at `now` (s) as decisions may; None = the store was away: nothing is known, nothing may be sold.

    A customer who opted out of personalisation, or whose record does not tell, is known without personal features.
    """
    if profile is None:
        return know_all(snapshot, customer, None, now)
    consent = read_consent(profile.consent)
    if consent is not None and consent.personalised:
        return _read(snapshot, customer, profile, consent, now)
    known = _read(snapshot, customer, impersonal(snapshot, customer, profile), consent, now)
    values = {name: value for name, value in known.values.items() if name not in snapshot.personal}
    degraded = (*known.degraded, Degraded.PERSONALISATION_OFF)
    return replace(known, values=values, degraded=degraded, personalised=False)


def know_all(snapshot: Snapshot, customer: CustomerKey, profile: Profile | None, now: float) -> Known:
    """Read a profile as it is kept, whatever the customer lets decisions read."""
    if profile is None:
        return Known(customer, {}, None, None, UNREADABLE, None, (Degraded.STORE_UNAVAILABLE,), None, readable=False)
    return _read(snapshot, customer, profile, read_consent(profile.consent), now)


def _read(snapshot: Snapshot, customer: CustomerKey, profile: Profile, consent: Consent | None, now: float) -> Known:
    del now
    standing = read_standing(profile.contacts, profile.pauses, consent, snapshot.pause_causes)
    unread = () if standing.contacts_known else (Degraded.STATE_UNREADABLE,)
    vector = _vector(snapshot, customer, profile)
    if isinstance(vector, Degraded):
        degraded = (vector, *unread)
        return Known(customer, {}, None, None, standing, None, degraded, profile, readable=vector in _ABSENT)
    reading = snapshot.readings[vector.schema_hash]
    read = reading.values(vector.body)
    degraded = (Degraded.FEATURES_MISSING, *unread) if read.invalid else unread
    return Known(customer, read.values, vector.body, reading.written, standing, vector.written_at, degraded, profile)


def _vector(snapshot: Snapshot, customer: CustomerKey, profile: Profile) -> Vector | Degraded:
    if profile.vector is None:
        return Degraded.FEATURES_MISSING if profile.contacts or profile.consent else Degraded.UNKNOWN_CUSTOMER
    vector = decode(profile.vector, customer)
    if isinstance(vector, VectorRefused):
        return _REFUSED.get(vector.reason, Degraded.SCHEMA_UNKNOWN)
    reading = snapshot.readings.get(vector.schema_hash)
    if reading is None or len(reading.written) != len(vector.body):
        return Degraded.SCHEMA_UNKNOWN
    return vector
