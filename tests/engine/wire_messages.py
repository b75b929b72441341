"""Random messages of the contract, made from its own descriptors."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import strategies as st

from engine.wire.contract import TIME, descriptor_of, object_of, worth_of

TEXT = st.text(max_size=6)
SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.TYPE_STRING: TEXT,
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_DOUBLE: st.floats(),
    FieldDescriptor.TYPE_FLOAT: st.floats(width=32),
    FieldDescriptor.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.TYPE_UINT64: st.integers(0, 2**64 - 1),
    FieldDescriptor.TYPE_BYTES: st.binary(max_size=6),
}
TIMES = st.builds(Timestamp, seconds=st.integers(-62_135_596_800, 253_402_300_799), nanos=st.integers(0, 999_999_999))


@st.composite
def messages(draw: st.DrawFn, kind: type[Message]) -> Message:
    """A message of a type, some of its fields set."""
    message = kind()
    _fill(draw, message, descriptor_of(kind))
    return message


def _fill(draw: st.DrawFn, message: Any, descriptor: Descriptor) -> None:
    fields = list(descriptor.fields)
    for field in draw(st.lists(st.sampled_from(fields), unique_by=lambda f: f.name, max_size=6)) if fields else ():
        worth = worth_of(field)
        if worth is not None:
            for key in draw(st.lists(TEXT, max_size=2, unique=True)):
                _enter(draw, worth, getattr(message, field.name), key)
        elif field.is_repeated:
            _append(draw, field, getattr(message, field.name))
        else:
            _set(draw, field, message)


def _append(draw: st.DrawFn, field: FieldDescriptor, into: Any) -> None:
    held = object_of(field)
    for _ in range(draw(st.integers(0, 2))):
        if held is not None:
            _fill(draw, into.add(), held)
        else:
            into.append(draw(_scalar(field)))


def _set(draw: st.DrawFn, field: FieldDescriptor, message: Any) -> None:
    held = object_of(field)
    if field.message_type is None:
        setattr(message, field.name, draw(_scalar(field)))
        return
    into = getattr(message, field.name)
    into.SetInParent()
    if held is not None:
        _fill(draw, into, held)
    else:
        into.CopyFrom(draw(TIMES))


def _enter(draw: st.DrawFn, worth: FieldDescriptor, into: Any, key: str) -> None:
    held = object_of(worth)
    if held is not None:
        _fill(draw, into[key], held)
    else:
        into[key] = draw(_scalar(worth))


def _scalar(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    assert field.message_type is None or field.message_type.full_name != TIME
    return SCALARS[field.type]
