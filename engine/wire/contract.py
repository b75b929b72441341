"""The methods of the contract by name, from the generated descriptors: what each takes and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from befit.v1 import admin_pb2, customer_pb2, decision_pb2, feedback_pb2, push_pb2

TIME = "google.protobuf.Timestamp"
_FILES = (decision_pb2, feedback_pb2, customer_pb2, push_pb2, admin_pb2)


@dataclass(frozen=True, slots=True)
class Rpc:
    """One method. `streamed` where either side is a stream of messages."""

    name: str
    request: type[Message]
    reply: type[Message]
    streamed: bool

    def flags(self) -> frozenset[str]:
        """Fields of the request that are yes or no, by either of their names."""
        fields = [found for found in self.request.DESCRIPTOR.fields if found.type == FieldDescriptor.TYPE_BOOL]
        return frozenset(name for found in fields for name in (found.name, found.json_name))


def _rpcs() -> dict[str, Rpc]:
    found: dict[str, Rpc] = {}
    for file in _FILES:
        for service in file.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                name = f"{service.full_name}/{method.name}"
                takes, gives = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
                streamed = method.client_streaming or method.server_streaming
                found[name] = Rpc(name, takes, gives, streamed)
    return found


RPCS: Mapping[str, Rpc] = _rpcs()
"""By "SERVICE/METHOD", as in "befit.v1.DecisionService/Decide"."""


def descriptor_of(kind: type[Message]) -> Descriptor:
    """The description of a type of messages."""
    found = kind.DESCRIPTOR
    assert isinstance(found, Descriptor)
    return found


def listed(field: FieldDescriptor) -> EnumDescriptor:
    """The type of a field that is an enum."""
    assert field.enum_type is not None
    return field.enum_type


def object_of(field: FieldDescriptor) -> Descriptor | None:
    """The type of a field that JSON tells as an object with named fields; None for all others, times and maps too."""
    found = field.message_type
    return None if found is None or found.full_name == TIME or found.GetOptions().map_entry else found


def worth_of(field: FieldDescriptor) -> FieldDescriptor | None:
    """The field of a map's values; None for what is no map."""
    found = field.message_type
    return found.fields_by_name["value"] if found is not None and found.GetOptions().map_entry else None
