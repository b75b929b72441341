"""JSON to wire messages in the proto JSON mapping: names in lowerCamelCase or as in the contract, nothing unknown,
nothing twice. What cannot be read becomes a Refusal that names the field and what would be right, never what was sent.

Only the form is judged here; bounds are those of the services, whichever wire a message came by.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from engine.refusal import Refusal
from engine.wire.contract import object_of, worth_of
from engine.wire.json_values import Misread, key_of, value_reader, wrong
from engine.wire.request import key_field

M = TypeVar("M", bound=Message)
Entered = Callable[[Any, Any], None]
"""Enters a JSON value into a message."""


def parsed(body: bytes) -> dict[str, Any] | Refusal:
    """The object that a body holds."""
    try:
        found = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except UnicodeDecodeError:
        return Refusal("json-invalid", "the body must be text in UTF-8")
    except json.JSONDecodeError as mistake:
        return Refusal("json-invalid", f"the body is no JSON: see line {mistake.lineno}, column {mistake.colno}")
    except RecursionError:
        return Refusal("json-invalid", "the body is nested too deeply")
    except Misread as mistake:
        return mistake.refusal()
    except ValueError:
        return Refusal("json-invalid", "the body has a number that is too long")
    return found if isinstance(found, dict) else Refusal("json-invalid", "the body must be a JSON object")


def message_of(kind: type[M], said: dict[str, Any]) -> M | Refusal:
    """The message that an object means."""
    message = kind()
    try:
        _reader(kind.DESCRIPTOR)(said, message)
    except Misread as mistake:
        return mistake.refusal()
    return message


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Misread("json-invalid", "the body has an object that names one thing twice")
    return found


def _no_number(_: str) -> float:
    raise Misread("json-invalid", "the body has NaN or Infinity where JSON has a number")


@cache
def _reader(descriptor: Descriptor) -> Entered:
    entering = {field.name: _entered(field) for field in descriptor.fields}
    fields = {name: field for field in descriptor.fields for name in (field.name, field.json_name)}
    wanted = f"a JSON object of: {', '.join(field.json_name for field in descriptor.fields)}"

    def read(said: Any, message: Any) -> None:
        if not isinstance(said, dict):
            raise wrong(wanted)
        given: set[str] = set()
        for name, value in said.items():
            field = fields.get(name)
            if field is None:
                raise _unknown(name, descriptor)
            if value is not None:
                try:
                    _note(field, given)
                    entering[field.name](value, message)
                except Misread as mistake:
                    raise mistake.inside(field.name) from None

    return read


def _note(field: FieldDescriptor, given: set[str]) -> None:
    """Note what was given, and refuse what was given before: by its other name, or another of which one is meant."""
    one_of = field.containing_oneof
    name = one_of.name if one_of is not None else field.name
    if name in given:
        alike = [other.name for other in one_of.fields] if one_of is not None else []
        what = f"only one of: {', '.join(alike)}" if len(alike) > 1 else "given once"
        raise Misread("field-twice", f"must be {what}")
    given.add(name)


def _unknown(name: str, descriptor: Descriptor) -> Misread:
    names = [field.name for field in descriptor.fields]
    near = get_close_matches(name[:64], [*names, *(field.json_name for field in descriptor.fields)], 1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(names) or 'none'}"
    return Misread("field-unknown", f"is no field of {descriptor.name}; {hint}").inside(key_field("", name).lstrip("."))


def _entered(field: FieldDescriptor) -> Entered:
    """What enters a value into a field."""
    worth = worth_of(field)
    if worth is not None:
        return _map(field.name, worth)
    if field.is_repeated:
        return _list(field)
    name, held = field.name, object_of(field)
    if held is not None:
        return _object(name, held)
    read = value_reader(field)
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return lambda value, message: getattr(message, name).CopyFrom(read(value))
    return lambda value, message: setattr(message, name, read(value))


def _object(name: str, kind: Descriptor) -> Entered:
    fill = _reader(kind)

    def enter(value: Any, message: Any) -> None:
        into = getattr(message, name)
        into.SetInParent()
        fill(value, into)

    return enter


def _list(field: FieldDescriptor) -> Entered:
    name, held = field.name, object_of(field)
    fill = None if held is None else _reader(held)
    read = value_reader(field) if held is None else None

    def enter(values: Any, message: Any) -> None:
        if not isinstance(values, list):
            raise wrong("a list")
        into = getattr(message, name)
        for place, value in enumerate(values):
            try:
                if fill is not None:
                    fill(value, into.add())
                elif read is not None:
                    into.append(read(value))
            except Misread as mistake:
                raise mistake.inside(place) from None

    return enter


def _map(name: str, worth: FieldDescriptor) -> Entered:
    held = object_of(worth)
    fill = None if held is None else _reader(held)
    read = value_reader(worth) if held is None else None

    def enter(values: Any, message: Any) -> None:
        if not isinstance(values, dict):
            raise wrong("a JSON object")
        into = getattr(message, name)
        for key, value in values.items():
            try:
                if fill is not None:
                    fill(value, into[key_of(key)])
                elif read is not None:
                    into[key_of(key)] = read(value)
            except Misread as mistake:
                raise mistake.inside(key_field("", key).lstrip(".")) from None

    return enter
