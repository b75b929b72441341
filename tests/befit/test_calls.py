"""What both clients share: the calls, the items and the meaning of failures."""

import inspect
import math
from datetime import UTC, datetime
from importlib import import_module

import grpc
import pytest

from befit import AsyncClient, Client, InvalidRequest, calls, connection, plain_values
from befit.items import event, outcome
from befit.plain import context_values, feature_values, timestamp
from befit.questions import decide_request

METHODS = [value for value in vars(calls).values() if isinstance(value, calls.Method)]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.path)
def test_every_call_is_a_method_of_the_contract(method):
    service, name = method.path.removeprefix("/").split("/")
    module = import_module(f"befit.v1.{service.split('.')[-1].removesuffix('Service').lower()}_pb2")
    found = module.DESCRIPTOR.services_by_name[service.split(".")[-1]].methods_by_name[name]
    assert found.output_type is method.reply.DESCRIPTOR


def test_both_clients_offer_the_same_calls():
    def public(client):
        found = inspect.getmembers(client, inspect.isfunction)
        return {name: inspect.signature(method) for name, method in found if not name.startswith("_")}

    assert public(Client) == public(AsyncClient)


def test_every_status_but_ok_has_a_meaning():
    unexplained = {"OK", "UNKNOWN", "INTERNAL", "DATA_LOSS", "UNIMPLEMENTED"}
    assert {code.name for code in grpc.StatusCode} - {code.name for code in connection._MEANING} == unexplained


def test_plain_values_come_back_as_they_went():
    values = {"age": 41.0, "name": "Ada", "vip": False}
    assert plain_values(context_values(values)) == values
    assert plain_values(feature_values({**values, "unknown": None})) == values


def test_a_time_needs_a_zone():
    assert timestamp(datetime(2026, 1, 2, tzinfo=UTC)).ToJsonString() == "2026-01-02T00:00:00Z"
    with pytest.raises(InvalidRequest, match="no time zone"):
        timestamp(datetime(2026, 1, 2))  # noqa: DTZ001 - a time without a zone is what the test is about


@pytest.mark.parametrize(
    "options", [{"trace": "SOME"}, {"max_actions": -1}, {"placements": [1]}, {"context": {"x": None}}, {"intent": 3}]
)
def test_an_option_of_the_wrong_type_is_refused_before_it_is_sent(options):
    with pytest.raises(InvalidRequest):
        decide_request("c-1", "shop", options)


def test_an_item_that_lacks_a_field_says_which():
    with pytest.raises(InvalidRequest, match="decision_id is missing"):
        outcome({"type": "ACCEPTED"})
    with pytest.raises(InvalidRequest, match="about a customer, an action or a queue: one of them"):
        event({"event_id": "e-1", "type": "page_view"})


def test_of_many_items_the_one_that_does_not_hold_is_named_and_none_is_sent():
    good = {"event_id": "e-1", "type": "page_view", "customer_id": "anna"}
    with pytest.raises(InvalidRequest, match=r"events\[1\]: type is missing; none of them was sent") as refused:
        calls.record_events([good, {"event_id": "e-2", "customer_id": "anna"}])
    assert (refused.value.code, refused.value.field) == ("missing", "events[1].type")


def test_an_event_is_about_a_customer_or_an_action():
    assert event({"event_id": "e-1", "type": "stock", "action_id": "tv"}).WhichOneof("subject") == "action_id"
    assert event({"event_id": "e-2", "type": "view", "customer_id": "c"}).WhichOneof("subject") == "customer_id"


@pytest.mark.parametrize("value", [10**400, -(10**400)], ids=["large", "small"])
def test_a_number_larger_than_any_on_the_wire_is_refused_before_it_is_sent(value):
    with pytest.raises(InvalidRequest, match="x is larger") as refused:
        decide_request("c-1", "shop", {"context": {"x": value}})
    assert (refused.value.code, refused.value.field) == ("out-of-range", "x")
    for send in ({"revenue": value}, {"at": value}, {"at": math.inf}, {"at": 1e300}):
        with pytest.raises(InvalidRequest):
            outcome({"decision_id": "d", "type": "ACCEPTED", **send})
    with pytest.raises(InvalidRequest):
        decide_request("c-1", "shop", {"max_actions": value})


@pytest.mark.parametrize(
    ("build", "unknown"),
    [
        (lambda: outcome({"decision_id": "d", "type": "REJECTED", "reason": "not_now"}), "reason"),
        (lambda: event({"event_id": "e", "type": "basket", "customer_id": "anna", "attribute": {}}), "attribute"),
        (lambda: decide_request("anna", "web", {"placement": "hero"}), "placement"),
    ],
)
def test_what_is_misspelt_is_refused_before_it_is_sent(build, unknown):
    with pytest.raises(InvalidRequest, match=f"{unknown} is not among") as refused:
        build()
    assert (refused.value.code, refused.value.field) == ("unknown-field", unknown)


def test_an_event_is_about_one_subject():
    with pytest.raises(InvalidRequest, match="one of them"):
        event({"event_id": "e", "type": "action_facts", "customer_id": "anna", "action_id": "upgrade"})
