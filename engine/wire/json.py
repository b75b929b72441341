"""Wire messages as plain values for JSON, by the names of the contract; fields without a value are told too."""

from __future__ import annotations

from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message


def plain(message: Message) -> dict[str, Any]:
    """The message in the proto JSON mapping, with field names as in the .proto files."""
    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
