"""JSON and back says what protobuf's own mapping says, and what does not hold is refused by the name of its field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from hypothesis import given, settings
from hypothesis import strategies as st

from befit.v1.admin_pb2 import SimulateRequest
from befit.v1.customer_pb2 import PutCustomersRequest
from befit.v1.decide_pb2 import AUDIENCE_CUSTOMER, DecideRequest
from befit.v1.feedback_pb2 import RecordEventsRequest, RecordOutcomesRequest
from engine.refusal import Refusal
from engine.wire.contract import RPCS
from engine.wire.json_read import message_of, parsed
from engine.wire.json_write import written
from tests.engine.wire_messages import messages

KINDS = sorted({kind for rpc in RPCS.values() for kind in (rpc.request, rpc.reply)}, key=lambda kind: kind.__name__)
ANYTHING = st.sampled_from(KINDS).flatmap(messages)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
NAMES = st.sampled_from(
    ["customerId", "customer_id", "context", "trace", "placements", "maxActions", "number", "a b", ""]
)
OBJECTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)


@settings(max_examples=200)
@given(message=ANYTHING)
def test_a_message_is_told_as_protobuf_tells_it(message: Any):
    assert written(message) == MessageToDict(message, always_print_fields_with_no_presence=True)


@settings(max_examples=200)
@given(message=ANYTHING, as_in_contract=st.booleans())
def test_what_protobuf_tells_is_read_as_the_same_message(message: Any, as_in_contract: bool):
    told = json.dumps(MessageToDict(message, preserving_proto_field_name=as_in_contract))
    said = parsed(told.encode())
    assert isinstance(said, dict)
    read = message_of(type(message), said)
    assert not isinstance(read, Refusal), read
    assert read.SerializeToString(deterministic=True) == ParseDict(said, type(message)()).SerializeToString(
        deterministic=True
    )
    assert MessageToDict(read) == MessageToDict(message)


@settings(max_examples=200)
@given(said=st.dictionaries(NAMES, OBJECTS, max_size=5))
def test_no_object_whatever_meets_an_error_nobody_foresaw(said: dict[str, Any]):
    assert isinstance(message_of(DecideRequest, said), DecideRequest | Refusal)


@settings(max_examples=200)
@given(body=st.binary(max_size=40))
def test_no_bytes_whatever_meet_an_error_nobody_foresaw(body: bytes):
    assert isinstance(parsed(body), dict | Refusal)


@pytest.mark.parametrize(
    ("body", "tells"),
    [
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1', "line 1, column 8"),
        (b'{\n "a" 1}', "line 2, column 6"),
        (b"", "line 1, column 1"),
        (b"[1]", "must be a JSON object"),
        (b'"text"', "must be a JSON object"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"b": {"a": 1, "a": 2}}', "twice"),
        (b"[" * 30_000, "too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too long"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused_with_its_place(body: bytes, tells: str):
    refused = parsed(body)
    assert isinstance(refused, Refusal)
    assert refused.code == "json-invalid"
    assert tells in refused.message


REFUSED: list[tuple[Any, dict[str, Any], str, str]] = [
    (DecideRequest, {"custmerId": "a"}, "custmerId", "did you mean customerId?"),
    (DecideRequest, {"context": {"page": {"txt": "a"}}}, "context.page.txt", "did you mean text?"),
    (DecideRequest, {"Alice Miller": "a"}, "", "is no field of DecideRequest"),
    (DecideRequest, {"customer_id": 7}, "customer_id", "must be text"),
    (DecideRequest, {"customerId": "a", "customer_id": "b"}, "customer_id", "given once"),
    (DecideRequest, {"customerId": "\ud800"}, "customer_id", "halves"),
    (DecideRequest, {"context": {"\ud800": {"flag": True}}}, "context", "halves"),
    (DecideRequest, {"view": "yes"}, "view", "true or false"),
    (DecideRequest, {"view": 1}, "view", "true or false"),
    (DecideRequest, {"maxActions": 1.5}, "max_actions", "whole number between 0"),
    (DecideRequest, {"maxActions": -1}, "max_actions", "whole number between 0"),
    (DecideRequest, {"maxActions": True}, "max_actions", "whole number"),
    (DecideRequest, {"placements": "offer"}, "placements", "a list"),
    (DecideRequest, {"placements": ["a", None]}, "placements[1]", "must be text"),
    (DecideRequest, {"trace": "LOUD"}, "trace", "TRACE_FULL"),
    (DecideRequest, {"context": []}, "context", "JSON object"),
    (DecideRequest, {"context": {"queue": 3}}, "context.queue", "number, text, flag"),
    (DecideRequest, {"context": {"queue": {"number": "3x"}}}, "context.queue.number", "a number"),
    (DecideRequest, {"context": {"queue": {"number": 1, "flag": True}}}, "context.queue.flag", "only one of"),
    (RecordOutcomesRequest, {"outcomes": [{}, {"at": "soon"}]}, "outcomes[1].at", "2026-01-31T18:30:00Z"),
    (RecordOutcomesRequest, {"outcomes": [{"revenue": 10**400}]}, "outcomes[0].revenue", "within 1.79769e+308"),
    (RecordOutcomesRequest, {"outcomes": [{"revenue": float("inf")}]}, "outcomes[0].revenue", "a number within"),
    (RecordEventsRequest, {"events": [{"customerId": "a", "queueId": "b"}]}, "events[0].queue_id", "only one of"),
    (PutCustomersRequest, {"customers": [{"consent": {"a": 1}}]}, "customers[0].consent.a", "true or false"),
    (SimulateRequest, {"requests": [7]}, "requests[0]", "a JSON object"),
    (SimulateRequest, {"now": 5}, "now", "text"),
]


@pytest.mark.parametrize(("kind", "said", "field", "tells"), REFUSED)
def test_what_is_no_field_or_no_value_is_refused_by_name(kind: Any, said: dict[str, Any], field: str, tells: str):
    refused = message_of(kind, said)
    assert isinstance(refused, Refusal)
    assert refused.field == field
    assert tells in refused.message
    assert "Alice" not in refused.sentence()


def test_either_spelling_and_null_are_taken():
    both = {"customerId": "ä", "max_actions": "3", "audience": "AUDIENCE_CUSTOMER", "trace": 3, "locale": None}
    read = message_of(DecideRequest, both)
    assert read == DecideRequest(customer_id="ä", max_actions=3, audience=AUDIENCE_CUSTOMER, trace=3)
