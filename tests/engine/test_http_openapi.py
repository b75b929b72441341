"""/openapi.json describes what is served: every route, every field, and what the reader of JSON takes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.http.openapi import openapi
from engine.http.routes import ROUTES
from engine.refusal import Refusal
from engine.wire.contract import RPCS
from engine.wire.json_read import message_of
from engine.wire.json_write import written
from tests.engine.over_http import over_http
from tests.engine.service_fakes import FakeEngine, all_ports
from tests.engine.wire_messages import messages

TOLD = json.loads(openapi(ROUTES))
SCHEMAS = TOLD["components"]["schemas"]


def _references(value: Any) -> set[str]:
    return {*re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(value))}


def fits(schema: dict[str, Any], value: Any) -> bool:
    """Whether a value is what the schema says: as much of JSON Schema as is used."""
    schema = SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if "enum" in schema:
        return value in schema["enum"]
    if schema["type"] == "object":
        known, rest = schema.get("properties", {}), schema.get("additionalProperties")
        return all(fits(known[k], v) if k in known else bool(rest) and fits(rest, v) for k, v in value.items())
    if schema["type"] == "array":
        return all(fits(schema["items"], one) for one in value)
    kinds = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}
    return isinstance(value, kinds[schema["type"]]) and bool(re.search(schema.get("pattern", ""), str(value)))


def test_every_route_and_every_type_is_described():
    operations = {(verb.upper(), path) for path, by_verb in TOLD["paths"].items() for verb in by_verb}
    assert operations == {(one.verb, re.sub(r"_(\w)", lambda m: m[1].upper(), one.path)) for one in ROUTES}
    assert _references(TOLD) <= SCHEMAS.keys()
    names = [one["operationId"] for by_verb in TOLD["paths"].values() for one in by_verb.values()]
    assert len(names) == len(set(names))


def test_every_field_has_its_comment():
    fields = [field for schema in SCHEMAS.values() for field in schema.get("properties", {}).items()]
    assert len(fields) > 100
    silent = [name for name, field in fields if not field.get("description")]
    assert set(silent) <= {"type", "status"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_what_stands_in_the_path_is_required_and_nothing_else(route: Any):
    path = re.sub(r"_(\w)", lambda m: m[1].upper(), route.path)
    operation = TOLD["paths"][path][route.verb.lower()]
    required = {one["name"] for one in operation["parameters"] if one.get("required")}
    assert required == set(re.findall(r"{(\w+)}", path))
    assert ("requestBody" in operation) == (route.verb == "POST")


FINITE = st.sampled_from(sorted({RPCS[route.rpc].request for route in ROUTES}, key=lambda kind: kind.__name__))


@given(message=FINITE.flatmap(messages))
def test_what_is_told_fits_its_schema_and_is_read_again(message: Any):
    told = written(message)
    text = json.dumps(told)
    if "NaN" not in text and "Infinity" not in text:
        assert fits({"$ref": f"/{message.DESCRIPTOR.name}"}, told)
    assert not isinstance(message_of(type(message), told), Refusal)


async def test_it_is_served_for_what_this_server_has():
    async with over_http(all_ports(FakeEngine())) as http:
        reply = await http.get("/openapi.json")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert "/v1/decide" in reply.json["paths"]
    assert "/v1/alerts" not in reply.json["paths"]
