"""Single JSON values as protobuf takes them, and what is wrong with those that it does not."""

from __future__ import annotations

import binascii
import math
import re
import sys
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp

from documents.problem import BefitError
from engine.refusal import Refusal
from engine.wire.contract import listed

Read = Callable[[Any], Any]
_WHOLE = re.compile(r"-?\d{1,19}\Z")
_NAMED = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_FLOAT_MAX = 3.4028234663852886e38


class Misread(BefitError):
    """A JSON value that is none of the field's; the path to it grows on the way out."""

    def __init__(self, code: str, what: str) -> None:
        self._code = code
        self._what = what
        self._path = ""
        super().__init__(code)

    def inside(self, part: str | int) -> Misread:
        """The same, seen from what holds it: a field or key by name, "" = not to be told, or an entry by its place."""
        here = f"[{part}]" if isinstance(part, int) else part
        dot = "." if here and self._path and self._path[0] != "[" else ""
        self._path = f"{here}{dot}{self._path}"
        return self

    def refusal(self) -> Refusal:
        return Refusal(self._code, self._what, self._path)


def wrong(what: str) -> Misread:
    """A value of a wrong type; `what` it must be."""
    return Misread("value-invalid", f"must be {what}")


def value_reader(field: FieldDescriptor) -> Read:
    """What reads one value of a field that is no message, or is a time. Raises Misread."""
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return _time
    if field.type == FieldDescriptor.TYPE_ENUM:
        return _enum(listed(field))
    return _SCALARS[field.type]


def key_of(key: str) -> str:
    """A key of a map."""
    return _text(key)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise wrong("text without halves of characters") from None
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong("true or false")
    return value


def _number(most: float) -> Read:
    def read(value: Any) -> float:
        if isinstance(value, str):
            return _NAMED[value] if value in _NAMED else held(_spelt(value))
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong("a number")
        return held(value)

    def held(value: float) -> float:
        """A number that was spelt out: 1e999 is none, though Python reads it as infinite."""
        if abs(value) > most:
            raise wrong(f"a number within {most:g} of zero")
        return float(value)

    return read


def _spelt(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        raise wrong("a number") from None
    if "_" in value or not math.isfinite(number):
        raise wrong("a number")
    return number


def _whole(least: int, most: int) -> Read:
    bounds = f"a whole number between {least} and {most}"

    def read(value: Any) -> int:
        if isinstance(value, str) and _WHOLE.match(value):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise wrong(bounds)
        return value

    return read


def _bytes(value: Any) -> bytes:
    try:
        return b64decode(_text(value).translate(_URL_SAFE), validate=True)
    except (binascii.Error, ValueError):
        raise wrong("bytes in base64") from None


_URL_SAFE = str.maketrans("-_", "+/")


def _enum(descriptor: EnumDescriptor) -> Read:
    numbers = {value.name: value.number for value in descriptor.values}
    names = ", ".join(name for name, number in numbers.items() if number)
    whole = _whole(-(2**31), 2**31 - 1)

    def read(value: Any) -> int:
        if isinstance(value, str) and value in numbers:
            return numbers[value]
        if isinstance(value, str):
            raise wrong(f"one of: {names}")
        number: int = whole(value)
        return number

    return read


def _time(value: Any) -> Timestamp:
    time = Timestamp()
    try:
        time.FromJsonString(_text(value))
    except ValueError:
        raise wrong("a time as in 2026-01-31T18:30:00Z") from None
    return time


_SCALARS: dict[int, Read] = {
    FieldDescriptor.TYPE_STRING: _text,
    FieldDescriptor.TYPE_BOOL: _flag,
    FieldDescriptor.TYPE_DOUBLE: _number(sys.float_info.max),
    FieldDescriptor.TYPE_FLOAT: _number(_FLOAT_MAX),
    FieldDescriptor.TYPE_INT32: _whole(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_INT64: _whole(-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_UINT32: _whole(0, 2**32 - 1),
    FieldDescriptor.TYPE_UINT64: _whole(0, 2**64 - 1),
    FieldDescriptor.TYPE_BYTES: _bytes,
}
