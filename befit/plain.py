"""Plain Python values to wire types, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from befit.errors import InvalidRequest
from befit.v1.value_pb2 import ContextValue, FeatureValue

Value = float | str | bool
Moment = float | datetime
W = TypeVar("W", ContextValue, FeatureValue)


def context_values(values: Mapping[str, Value]) -> dict[str, ContextValue]:
    """Values of the context, of an event or of preferences. Raises InvalidRequest on another type or too large a
    number."""
    return {key: _set(ContextValue(), key, value) for key, value in values.items()}


def feature_values(values: Mapping[str, Value | None]) -> dict[str, FeatureValue]:
    """Values of features; None is unknown and left out. Raises InvalidRequest on another type or too large a number."""
    return {key: _set(FeatureValue(), key, value) for key, value in values.items() if value is not None}


def plain_values(values: Mapping[str, ContextValue] | Mapping[str, FeatureValue]) -> dict[str, Value]:
    """Wire values as Python values; those that are not set are left out."""
    found = ((key, value.WhichOneof("value"), value) for key, value in values.items())
    return {key: getattr(value, kind) for key, kind, value in found if kind is not None}


def timestamp(moment: Moment | None) -> Timestamp | None:
    """Seconds since the epoch, or a datetime with a zone, to the microsecond. Raises InvalidRequest without a zone."""
    if moment is None:
        return None
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise InvalidRequest(f"{moment.isoformat()} has no time zone", "no-time-zone")
        moment = moment.timestamp()
    seconds, micros = divmod(round(moment * 1e6), 1_000_000)
    return Timestamp(seconds=seconds, nanos=micros * 1000)


def refuse_unknown(fields: Mapping[str, object], declared: type) -> None:
    """Raises InvalidRequest where a key is none of a TypedDict's: what is misspelt must not be lost in silence."""
    unknown = next((key for key in fields if key not in declared.__annotations__), None)
    if unknown is not None:
        known = ", ".join(sorted(declared.__annotations__))
        raise InvalidRequest(f"{unknown} is not among {known}", "unknown-field", str(unknown))


def _number(key: str, value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise InvalidRequest(f"{key} is larger than any number of the contract", "out-of-range", key) from None


def _set(wire: W, key: str, value: object) -> W:
    if isinstance(value, bool):
        wire.flag = value
    elif isinstance(value, int | float):
        wire.number = _number(key, value)
    elif isinstance(value, str):
        wire.text = value
    else:
        raise InvalidRequest(f"{key} is {type(value).__name__}; write a number, text, True or False", "wrong-type", key)
    return wire
