"""Types and methods of the contract as people read them: names as in JSON, what each field holds, and its comment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from engine.wire.comments import PACKAGE, comments
from engine.wire.contract import TIME, object_of, worth_of

_SCALARS = {
    FieldDescriptor.TYPE_STRING: "text",
    FieldDescriptor.TYPE_BOOL: "true or false",
    FieldDescriptor.TYPE_DOUBLE: "number",
    FieldDescriptor.TYPE_FLOAT: "number",
    FieldDescriptor.TYPE_INT32: "whole number",
    FieldDescriptor.TYPE_UINT32: "whole number",
    FieldDescriptor.TYPE_INT64: "whole number as text",
    FieldDescriptor.TYPE_UINT64: "whole number as text",
    FieldDescriptor.TYPE_BYTES: "bytes in base64",
}


@dataclass(frozen=True, slots=True)
class FieldTold:
    """A field of a message or a value of an enum. `link` names the type that tells more, "" = none."""

    name: str
    kind: str
    link: str
    told: str


@dataclass(frozen=True, slots=True)
class KindTold:
    """A message or an enum."""

    name: str
    told: str
    fields: tuple[FieldTold, ...]


def method_told(rpc: str) -> str:
    """The comment on a method, named as in "befit.v1.DecisionService/Decide"."""
    return comments().get(rpc.replace("/", "."), "")


def of_kind(kind: Descriptor | EnumDescriptor) -> KindTold:
    """A type with its fields."""
    told = comments()
    if isinstance(kind, EnumDescriptor):
        values = tuple(FieldTold(one.name, "", "", told.get(f"{PACKAGE}.{one.name}", "")) for one in kind.values)
        return KindTold(kind.name, told.get(kind.full_name, ""), values)
    fields = tuple(_field(kind, field) for field in kind.fields)
    return KindTold(kind.name, told.get(kind.full_name, ""), fields)


def kinds_within(roots: Iterable[Descriptor]) -> tuple[KindTold, ...]:
    """All types that are met on the way down from these, by name."""
    return tuple(of_kind(kind) for kind in within(roots))


def within(roots: Iterable[Descriptor]) -> tuple[Descriptor | EnumDescriptor, ...]:
    """The same, undescribed."""
    found: dict[str, Descriptor | EnumDescriptor] = {}
    left: list[Descriptor | EnumDescriptor] = list(roots)
    while left:
        kind = left.pop()
        if kind.name not in found:
            found[kind.name] = kind
            if isinstance(kind, Descriptor):
                left += [held for field in kind.fields if (held := _held(field)) is not None]
    return tuple(found[name] for name in sorted(found))


def _field(kind: Descriptor, field: FieldDescriptor) -> FieldTold:
    held, worth = _held(field), worth_of(field)
    shown = _shown(field if worth is None else worth)
    if worth is not None:
        shown = f"object of {shown} by name"
    elif field.is_repeated:
        shown = f"list of {shown}"
    told = comments().get(f"{kind.full_name}.{field.name}", "")
    return FieldTold(field.json_name, shown, "" if held is None else held.name, told)


def _held(field: FieldDescriptor) -> Descriptor | EnumDescriptor | None:
    """The type of a field that has a description of its own."""
    value = worth_of(field) or field
    return value.enum_type or object_of(value)


def _shown(field: FieldDescriptor) -> str:
    held = _held(field)
    if held is not None:
        return held.name
    is_time = field.message_type is not None and field.message_type.full_name == TIME
    return "time" if is_time else _SCALARS[field.type]
