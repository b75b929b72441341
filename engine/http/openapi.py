"""/openapi.json: the same as /docs for programs, as OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from engine.http.exchange import JSON
from engine.http.problem import KIND
from engine.http.routes import Route
from engine.http.routing import camel
from engine.wire.contract import RPCS, descriptor_of
from engine.wire.described import method_told
from engine.wire.schema import REFERENCE, Schema, field_schema, schemas

_PROBLEM = {
    "type": "object",
    "description": "Why a request is not answered (RFC 9457).",
    "required": ["type", "title", "status", "code", "field", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "What kind of refusal it is: stable, for programs."},
        "field": {"type": "string", "description": 'The field that is wrong; "" when it is the whole request.'},
        "detail": {"type": "string", "description": "What is wrong and how to mend it: for people."},
    },
}
_DEADLINE = {
    "name": "Befit-Deadline-Ms",
    "in": "header",
    "description": "For how long the answer is waited for.",
    "schema": {"type": "number", "exclusiveMinimum": 0},
}


def openapi(routes: Iterable[Route]) -> bytes:
    """The description of these routes."""
    served = tuple(routes)
    methods = [RPCS[route.rpc] for route in served]
    paths: dict[str, dict[str, Any]] = {}
    for route in served:
        path = "/".join(f"{{{camel(part[1:-1])}}}" if part[:1] == "{" else part for part in route.path.split("/"))
        paths.setdefault(path, {})[route.verb.lower()] = _operation(route)
    kinds = schemas(descriptor_of(kind) for rpc in methods for kind in (rpc.request, rpc.reply))
    told = {
        "openapi": "3.1.0",
        "info": {"title": "Befit", "version": "v1", "description": "befit.v1 as JSON over HTTP."},
        "paths": paths,
        "components": {"schemas": {**kinds, "Problem": _PROBLEM}},
    }
    return orjson.dumps(told)


def _operation(route: Route) -> dict[str, Any]:
    rpc = RPCS[route.rpc]
    said: dict[str, Any] = {
        "operationId": rpc.name.rpartition("/")[2],
        "description": method_told(route.rpc),
        "parameters": [*_parameters(route), _DEADLINE],
        "responses": {
            "200": {"description": "The answer.", **_content(JSON, rpc.reply.DESCRIPTOR.name)},
            "default": {"description": "Why there is none.", **_content(KIND, "Problem")},
        },
    }
    if route.verb == "POST":
        said["requestBody"] = {"required": True, **_content(JSON, rpc.request.DESCRIPTOR.name)}
    return said


def _parameters(route: Route) -> list[dict[str, Any]]:
    """What stands in the path, and for requests without a body what stands behind it."""
    kind = descriptor_of(RPCS[route.rpc].request)
    found = []
    for field in kind.fields:
        in_path = f"{{{field.name}}}" in route.path
        if in_path or route.verb != "POST":
            schema = field_schema(kind, field)
            told = {"description": schema.pop("description", ""), "schema": schema}
            found.append({"name": field.json_name, "in": "path" if in_path else "query", "required": in_path, **told})
    return found


def _content(kind: str, name: str) -> dict[str, Schema]:
    return {"content": {kind: {"schema": {"$ref": REFERENCE + name}}}}
