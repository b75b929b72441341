"""A customer's stored vector: a 32-byte header, then the features as little-endian float32 in the schema's order.

    magic "BV" | version u1 | flags u1 | count u2 | zero u2 | schema hash 8s | written at f8 | customer check u8

The customer check (the first 8 bytes of sha256 of tenant NUL customer) makes another customer's vector
unreadable, however it came here. A category is its index in the schema's values, a flag 0 or 1, a missing
value NaN. Decoding copies nothing and refuses by value: what does not fit is never scored.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from numbers import Real
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from documents.problem import BefitError
from models.features import Feature, FeatureSchema, FeatureType

HEADER = struct.Struct("<2sBBHHQdQ")
LARGEST_WHOLE = 2**24
_MAGIC = b"BV"
_VERSION = 1
_LARGEST = float(np.finfo(np.float32).max)


class Owner(Protocol):
    """Whose vector it is; `engine.ids.CustomerKey` is one."""

    @property
    def tenant(self) -> str: ...

    @property
    def customer(self) -> str: ...


class ValueInvalid(BefitError):
    """A value cannot be stored as its feature says; raised by `encode`, names the feature and why."""

    def __init__(self, feature: str, why: str) -> None:
        self.feature = feature
        self.why = why
        super().__init__(f"{feature}: {why}")


class Unreadable(StrEnum):
    """Why stored bytes are not a vector of this customer."""

    SHORT = "SHORT"
    MAGIC = "MAGIC"
    VERSION = "VERSION"
    LENGTH = "LENGTH"
    OTHER_CUSTOMER = "OTHER_CUSTOMER"


class Vector(msgspec.Struct, frozen=True):
    """A readable vector. `body` is a read-only float32 view (count,) of the stored bytes; `written_at` in seconds."""

    schema_hash: bytes
    written_at: float
    body: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class VectorRefused:
    reason: Unreadable


def encode(schema: FeatureSchema, values: Mapping[str, Any], customer: Owner, written_at: float) -> bytes:
    """Pack the values by name; absent, None and NaN are missing. Raises ValueInvalid for the first that does not fit:
    a name the schema lacks, a wrong type, an unknown category, an infinity, a whole number beyond 2^24."""
    body = np.full(len(schema), np.nan, dtype="<f4")
    for name, value in values.items():
        if name not in schema:
            raise ValueInvalid(name, "is not a feature of the schema")
        body[schema.index(name)] = encode_value(schema.feature(name), value)
    return pack(schema, body, customer, written_at)


def pack(schema: FeatureSchema, body: NDArray[np.float32], customer: Owner, written_at: float) -> bytes:
    """The stored form of numbers that hold already: float32 (count,), in the schema's order."""
    check = customer_check(customer)
    schema_hash = int.from_bytes(schema.hash, "little")
    return HEADER.pack(_MAGIC, _VERSION, 0, len(schema), 0, schema_hash, written_at, check) + body.tobytes()


def decode(blob: bytes, customer: Owner) -> Vector | VectorRefused:
    """Read a stored vector of this customer, or say why it cannot be."""
    if len(blob) < HEADER.size:
        return VectorRefused(Unreadable.SHORT)
    magic, version, flags, count, zero, schema_hash, written_at, check = HEADER.unpack_from(blob)
    if magic != _MAGIC:
        return VectorRefused(Unreadable.MAGIC)
    if version != _VERSION or flags or zero:
        return VectorRefused(Unreadable.VERSION)
    if len(blob) != HEADER.size + 4 * count:
        return VectorRefused(Unreadable.LENGTH)
    if check != customer_check(customer):
        return VectorRefused(Unreadable.OTHER_CUSTOMER)
    body = np.frombuffer(blob, dtype="<f4", offset=HEADER.size)
    return Vector(schema_hash.to_bytes(8, "little"), written_at, body)


def written_schema(blob: bytes) -> bytes:
    """The hash of the schema under which a readable vector was written."""
    schema_hash: int = HEADER.unpack_from(blob)[5]
    return schema_hash.to_bytes(8, "little")


def fits(vector: Vector, schema: FeatureSchema) -> bool:
    """Whether the vector is one of this schema: same hash, same number of values. What does not fit is never scored."""
    return vector.schema_hash == schema.hash and len(vector.body) == len(schema)


def customer_check(customer: Owner) -> int:
    """What binds a vector to its customer."""
    digest = hashlib.sha256(f"{customer.tenant}\0{customer.customer}".encode()).digest()
    return int.from_bytes(digest[:8], "little")


def encode_value(feature: Feature, value: Any) -> float:
    """The number under which a value is stored; NaN for None. Raises ValueInvalid where it does not fit."""
    if value is None:
        return math.nan
    match feature.type:
        case FeatureType.CATEGORY:
            return _category(feature, value)
        case FeatureType.FLAG:
            return _flag(feature, value)
        case FeatureType.INTEGER:
            return _whole(feature, value)
        case FeatureType.NUMBER:
            return _number(feature, value)


def _category(feature: Feature, value: Any) -> float:
    if isinstance(value, str):
        if value in feature.values:
            return float(feature.values.index(value))
        raise ValueInvalid(feature.name, f"{value[:40]!r} is not one of its values")
    if isinstance(value, float | np.floating) and math.isnan(value):
        return math.nan
    raise ValueInvalid(feature.name, "must be one of its values, as text")


def _flag(feature: Feature, value: Any) -> float:
    if isinstance(value, bool | np.bool_):
        return float(value)
    if isinstance(value, Real) and (value in (0.0, 1.0) or math.isnan(value)):
        return float(value)
    raise ValueInvalid(feature.name, "must be true or false")


def _whole(feature: Feature, value: Any) -> float:
    number = _number(feature, value)
    if math.isnan(number):
        return number
    if number != math.floor(number):
        raise ValueInvalid(feature.name, f"{number:g} is not a whole number")
    if abs(number) > LARGEST_WHOLE:
        raise ValueInvalid(feature.name, f"{number:.0f} is beyond 2^24 and would be stored inexactly")
    return number


def _number(feature: Feature, value: Any) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise ValueInvalid(feature.name, "must be a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if abs(number) > _LARGEST:
        raise ValueInvalid(feature.name, "is too large for a float32 or infinite")
    return number
