"""What is known of a customer, made from the fields that one round trip read; what cannot be read is said."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.decision import Degraded
from engine.events.overlay import Overlay
from engine.events.realtime import Realtime, ThingKind, read_realtime
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
    feature is in here. `realtime` is what events made of the customer, None where nothing; it is in `vector` already,
    decayed to the moment.
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
    realtime: Realtime | None = None


def know(snapshot: Snapshot, customer: CustomerKey, profile: Profile | None, now: float) -> Known:
    """Read a profile at `now` (s) as decisions may; None = the store was away: nothing is known, nothing may be sold.

    A customer who opted out of personalisation, or whose record does not tell, is known without personal features.
    """
    if profile is None:
        return know_all(snapshot, customer, None, now)
    consent = read_consent(profile.consent)
    if consent is not None and consent.personalised:
        return _read(_Reader(snapshot, customer, now, snapshot.overlay), profile, consent)
    reader = _Reader(snapshot, customer, now, snapshot.impersonal_overlay)
    known = _read(reader, impersonal(snapshot, customer, profile), consent)
    values = {name: value for name, value in known.values.items() if name not in snapshot.personal}
    degraded = (*known.degraded, Degraded.PERSONALISATION_OFF)
    return replace(known, values=values, degraded=degraded, personalised=False)


def know_all(snapshot: Snapshot, customer: CustomerKey, profile: Profile | None, now: float) -> Known:
    """Read a profile as it is kept, whatever the customer lets decisions read."""
    if profile is None:
        return Known(customer, {}, None, None, UNREADABLE, None, (Degraded.STORE_UNAVAILABLE,), None, readable=False)
    return _read(_Reader(snapshot, customer, now, snapshot.overlay), profile, read_consent(profile.consent))


class _Reader(NamedTuple):
    """Whom is read, by what, at which moment (s), and what of the real-time state is laid over the features."""

    snapshot: Snapshot
    customer: CustomerKey
    now: float
    overlay: Overlay


def _read(reader: _Reader, profile: Profile, consent: Consent | None) -> Known:
    snapshot, customer = reader.snapshot, reader.customer
    standing = read_standing(profile.contacts, profile.pauses, consent, snapshot.pause_causes)
    state = read_realtime(profile.realtime) if profile.realtime else None
    if profile.realtime:
        standing = _with_events(standing, state, reader.now)
    unread = () if standing.contacts_known else (Degraded.STATE_UNREADABLE,)
    vector = _vector(snapshot, customer, profile)
    if isinstance(vector, Degraded):
        if state is not None and vector in _ABSENT:
            nothing = np.full(len(snapshot.schema), np.nan, dtype=np.float32)
            return _with_state(reader, profile, standing, _Laid(state, nothing, None, (vector, *unread)))
        return Known(customer, {}, None, None, standing, None, (vector, *unread), profile, readable=vector in _ABSENT)
    reading = snapshot.readings[vector.schema_hash]
    if state is not None:
        row = reading.row(vector.body)
        return _with_state(reader, profile, standing, _Laid(state, row, vector.written_at, unread))
    read = reading.values(vector.body)
    degraded = (Degraded.FEATURES_MISSING, *unread) if read.invalid else unread
    return Known(customer, read.values, vector.body, reading.written, standing, vector.written_at, degraded, profile)


class _Laid(NamedTuple):
    """Real-time state and the row (n_features,) of today's schema that it is laid over: written at `at` (s), None = by
    nobody; and what is missing beside."""

    state: Realtime
    row: npt.NDArray[np.float32]
    at: float | None
    degraded: tuple[Degraded, ...]


def _with_events(standing: Standing, state: Realtime | None, now: float) -> Standing:
    """What the contact policy reads, with broken promises; where the state is damaged, as where contacts are."""
    if state is None:
        return replace(standing, contacts_known=False)
    broken = state.overdue(ThingKind.PROMISE, now)
    complaints = len(state.open(ThingKind.COMPLAINT))
    if not broken and not complaints:
        return standing
    return replace(standing, broken_promises=broken, open_complaints=complaints)


def _with_state(reader: _Reader, profile: Profile, standing: Standing, laid: _Laid) -> Known:
    """A customer with real-time state: one row for rules and model."""
    row, schema = laid.row, reader.snapshot.schema
    reader.overlay.lay(row, laid.state, reader.now, -math.inf if laid.at is None else laid.at)
    read = reader.snapshot.readings[schema.hash].reader.read(row)
    degraded = (Degraded.FEATURES_MISSING, *laid.degraded) if read.invalid else laid.degraded
    return Known(reader.customer, read.values, row, schema, standing, laid.at, degraded, profile, realtime=laid.state)


def _vector(snapshot: Snapshot, customer: CustomerKey, profile: Profile) -> Vector | Degraded:
    if profile.vector is None:
        return (
            Degraded.FEATURES_MISSING
            if profile.contacts or profile.consent or profile.realtime
            else Degraded.UNKNOWN_CUSTOMER
        )
    vector = decode(profile.vector, customer)
    if isinstance(vector, VectorRefused):
        return _REFUSED.get(vector.reason, Degraded.SCHEMA_UNKNOWN)
    reading = snapshot.readings.get(vector.schema_hash)
    if reading is None or len(reading.written) != len(vector.body):
        return Degraded.SCHEMA_UNKNOWN
    return vector
