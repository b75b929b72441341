"""Types of the contract as JSON Schema, each field with its comment: what JSON may be sent, and what comes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from engine.wire.comments import PACKAGE, comments
from engine.wire.contract import TIME, object_of, worth_of
from engine.wire.described import within

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/"
_WHOLE_TEXT = {"type": "string", "pattern": "^-?[0-9]+$"}
_SCALARS: dict[int, Schema] = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_DOUBLE: {"type": "number"},
    FieldDescriptor.TYPE_FLOAT: {"type": "number"},
    FieldDescriptor.TYPE_INT32: {"type": "integer"},
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "minimum": 0},
    FieldDescriptor.TYPE_INT64: _WHOLE_TEXT,
    FieldDescriptor.TYPE_UINT64: _WHOLE_TEXT,
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
}


def schemas(roots: Iterable[Descriptor]) -> dict[str, Schema]:
    """The schemas of all types that are met on the way down from these, by name."""
    return {kind.name: _schema(kind) for kind in within(roots)}


def field_schema(kind: Descriptor, field: FieldDescriptor) -> Schema:
    """The schema of one field."""
    worth = worth_of(field)
    value = _value(field if worth is None else worth)
    if worth is not None:
        value = {"type": "object", "additionalProperties": value}
    elif field.is_repeated:
        value = {"type": "array", "items": value}
    told = comments().get(f"{kind.full_name}.{field.name}", "")
    return {**value, "description": told} if told else value


def _schema(kind: Descriptor | EnumDescriptor) -> Schema:
    told = comments().get(kind.full_name, "")
    if isinstance(kind, EnumDescriptor):
        values = "; ".join(f"{one.name}: {comments().get(f'{PACKAGE}.{one.name}', '')}" for one in kind.values)
        return {"type": "string", "enum": [one.name for one in kind.values], "description": f"{told} {values}"}
    fields = {field.json_name: field_schema(kind, field) for field in kind.fields}
    return {"type": "object", "description": told, "properties": fields, "additionalProperties": False}


def _value(field: FieldDescriptor) -> Schema:
    held = field.enum_type or object_of(field)
    if held is not None:
        return {"$ref": REFERENCE + held.name}
    if field.message_type is not None and field.message_type.full_name == TIME:
        return {"type": "string", "format": "date-time"}
    return _SCALARS[field.type]
