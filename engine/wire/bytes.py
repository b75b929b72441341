"""Pieces of a protobuf message as bytes, so that parts that repeat are encoded once and joined.

A message's bytes are its fields' bytes in any order, so joining encoded parts is encoding the whole. Numbers and
types of fields come from the generated descriptors, never from here.
"""

from __future__ import annotations

import struct

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_DOUBLE, _LENGTH, _VARINT = 1, 2, 0
_WIRE_TYPES = {
    FieldDescriptor.TYPE_DOUBLE: _DOUBLE,
    FieldDescriptor.TYPE_STRING: _LENGTH,
    FieldDescriptor.TYPE_MESSAGE: _LENGTH,
}


def varint(number: int) -> bytes:
    """A number of 0 and above, seven bits a byte."""
    if number < len(_SMALL):
        return _SMALL[number]
    return _spelled_out(number)


def _spelled_out(number: int) -> bytes:
    pieces = bytearray()
    while number >= 0x80:
        pieces.append(number & 0x7F | 0x80)
        number >>= 7
    pieces.append(number)
    return bytes(pieces)


_SMALL = tuple(map(_spelled_out, range(4096)))
"""Tags, and lengths of most that is encoded here."""


def tag(message: type[Message], field: str) -> bytes:
    """What stands before a field's value."""
    found = message.DESCRIPTOR.fields_by_name[field]
    return varint(found.number << 3 | _WIRE_TYPES.get(found.type, _VARINT))


def block(before: bytes, content: bytes) -> bytes:
    """A text or a message: tag, length, content."""
    return before + varint(len(content)) + content


def doubles(message: type[Message]) -> struct.Struct:
    """A layout that packs all fields of a message of doubles, as (tag, value, tag, value, ...), see `double_tags`."""
    return struct.Struct("<" + "Bd" * len(message.DESCRIPTOR.fields))


def double_tags(message: type[Message]) -> tuple[int, ...]:
    """The one-byte tags of a message of doubles, in the order of its fields. Raises ValueError for other messages."""
    fields = message.DESCRIPTOR.fields
    if any(found.type != FieldDescriptor.TYPE_DOUBLE or found.number > 15 for found in fields):
        raise ValueError(f"{message.DESCRIPTOR.name} has other fields than doubles numbered up to 15")
    return tuple(found.number << 3 | _DOUBLE for found in fields)
