"""The wire format of protocol buffers, read only: enough for the syntax trees that CEL serialises.

Trusts its input: it reads what CEL's own serialiser wrote in this process, never what came over a network.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

Field = int | bytes

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def fields(message: bytes) -> Iterator[tuple[int, Field]]:
    """(field number, value) in the order written; fixed-width values as their bytes, varints unsigned."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        length, at = _length(message, at, kind)
        yield number, message[at : at + length]
        at += length


def first(message: bytes, number: int) -> bytes:
    """The bytes of the first field with that number; empty where absent."""
    return next((value for found, value in fields(message) if found == number and isinstance(value, bytes)), b"")


def every(message: bytes, number: int) -> Iterator[bytes]:
    """The bytes of every field with that number."""
    return (value for found, value in fields(message) if found == number and isinstance(value, bytes))


def varint(message: bytes, number: int) -> int:
    """The last varint with that number; 0, the default, where absent."""
    found = 0
    for each, value in fields(message):
        if each == number and isinstance(value, int):
            found = value
    return found


def signed(value: int) -> int:
    """A varint as int64."""
    return value - (1 << 64) if value >= 1 << 63 else value


def double(value: bytes) -> float:
    number: float = struct.unpack("<d", value)[0]
    return number


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _length(message: bytes, at: int, kind: int) -> tuple[int, int]:
    if kind == _BYTES:
        return _varint(message, at)
    return (8 if kind == _FIXED64 else 4), at
