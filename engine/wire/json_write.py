"""Wire messages as plain values in the proto JSON mapping, by functions that are made once for each type.

Names in lowerCamelCase, 64-bit integers as text, enums by name, times as in RFC 3339, bytes in base64; what has no
value is told too, except where the contract tells absent from empty. Says what protobuf's own `json_format` says,
which a test holds.
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from operator import methodcaller
from typing import Any

import numpy as np
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from engine.wire.contract import listed, object_of, worth_of

Told = Callable[[Any], Any]


def written(message: Message) -> dict[str, Any]:
    """The message for JSON."""
    plain: dict[str, Any] = _teller(message.DESCRIPTOR)(message)
    return plain


@cache
def _teller(descriptor: Descriptor) -> Told:
    fields = [(found.json_name, found.name, found.has_presence, _value(found)) for found in descriptor.fields]

    def tell(message: Message) -> dict[str, Any]:
        return {
            name: told(getattr(message, field))
            for name, field, may_lack, told in fields
            if not may_lack or message.HasField(field)
        }

    return tell


def _value(field: FieldDescriptor) -> Told:
    worth = worth_of(field)
    if worth is not None:
        told = _one(worth)
        return lambda values: {str(key): told(value) for key, value in values.items()}
    told = _one(field)
    return (lambda values: [told(value) for value in values]) if field.is_repeated else told


def _one(field: FieldDescriptor) -> Told:
    held = object_of(field)
    if held is not None:
        return _teller(held)
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return methodcaller("ToJsonString")
    return _enum(listed(field)) if field.type == FieldDescriptor.TYPE_ENUM else _SCALARS.get(field.type, _as_it_is)


def _enum(descriptor: EnumDescriptor) -> Told:
    names = {value.number: value.name for value in descriptor.values}
    return lambda number: names.get(number, number)


def _as_it_is(value: Any) -> Any:
    return value


def _double(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _float(value: float) -> float | str:
    """The shortest number that is this float of 32 bits."""
    return float(str(np.float32(value))) if math.isfinite(value) else _double(value)


def _bytes(value: bytes) -> str:
    return b64encode(value).decode()


_SCALARS: dict[int, Told] = {
    FieldDescriptor.TYPE_DOUBLE: _double,
    FieldDescriptor.TYPE_FLOAT: _float,
    FieldDescriptor.TYPE_INT64: str,
    FieldDescriptor.TYPE_UINT64: str,
    FieldDescriptor.TYPE_BYTES: _bytes,
}
