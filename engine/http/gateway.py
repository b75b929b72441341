"""A request over HTTP to a method of the contract and back: the services' own answers, translated, and nothing more.

Bounds, defaults and refusals are the services'; here a message is read from JSON and the answer written as JSON.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from engine.http import problem
from engine.http.exchange import JSON, Asked, HttpCaller, Reply
from engine.http.problem import Problem
from engine.http.routes import ROUTES, Route
from engine.http.routing import Found, Router, camel
from engine.refusal import Refusal
from engine.service.calls import Answer, Caller, Calls, Unary
from engine.wire.contract import RPCS, Rpc
from engine.wire.json_read import message_of, parsed
from engine.wire.json_write import written

DEADLINE = "befit-deadline-ms"
MOST_FIELDS = 32
Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Served:
    """A route and what answers it; bodies of at most `most_bytes`."""

    route: Route
    rpc: Rpc
    answering: Callable[[Any, Caller], Coroutine[Any, Any, Answer]]
    most_bytes: int


def served_routes(unaries: Mapping[str, Unary[Any]], calls: Calls) -> list[Served]:
    """The routes whose methods this server has."""
    return [
        Served(route, RPCS[route.rpc], calls.answering(one.method, one.answer), one.method.most_bytes)
        for route in ROUTES
        if (one := unaries.get(route.rpc)) is not None
    ]


class Gateway:
    """Answers the routes of the contract."""

    def __init__(self, served: list[Served]) -> None:
        self._router = Router((one.route.verb, one.route.path, one) for one in served)

    def find(self, verb: str, path: str) -> Found[Served] | Problem:
        """The route that a request means."""
        return self._router.find(verb, path)

    async def answer(self, found: Found[Served], asked: Asked) -> Reply | Problem:
        """The method's answer, or why there is none."""
        served = found.served
        seconds = _seconds(asked.header(DEADLINE))
        if isinstance(seconds, Problem):
            return seconds
        caller = HttpCaller(asked.headers, seconds)
        said = await _said(served, asked)
        if isinstance(said, Problem):
            return said
        if isinstance(said, dict):
            said = _joined(said, found.fields)
        wire = said if isinstance(said, Refusal) else message_of(served.rpc.request, said)
        answer = await served.answering(wire, caller)
        if isinstance(answer, Refusal):
            return Problem.of(answer)
        return Reply(200, orjson.dumps(written(served.rpc.reply.FromString(answer))))


async def _said(served: Served, asked: Asked) -> Said | Refusal | Problem:
    """What a request says in its body or behind `?`, by name."""
    if served.route.verb != "POST":
        return problem.NO_BODY if asked.has_body else _queried(asked.query, served.rpc.flags())
    if asked.query:
        return problem.NO_QUERY
    if asked.header("content-type").partition(";")[0].strip().lower() != JSON:
        return problem.NO_JSON
    if asked.header("content-encoding").lower() not in ("", "identity"):
        return problem.PACKED
    body = await asked.body(served.most_bytes)
    return body if isinstance(body, Problem) else parsed(body)


def _queried(query: str, flags: frozenset[str]) -> Said | Problem:
    try:
        pairs = parse_qsl(query, True, True, errors="strict", max_num_fields=MOST_FIELDS) if query else []
    except ValueError:
        return problem.BAD_QUERY
    said = {name: _FLAGS.get(value, value) if name in flags else value for name, value in pairs}
    return said if len(said) == len(pairs) else problem.BAD_QUERY


_FLAGS = {"true": True, "false": False}


def _joined(said: Said, fields: Mapping[str, str]) -> Said | Refusal:
    """What the path says beside the rest; a body may say the same once more, and nothing else."""
    for name, value in fields.items():
        for known in (name, camel(name)):
            if said.pop(known, value) != value:
                return Refusal("path-differs", "must be what the path says, or be left out", name)
        said[name] = value
    return said


def _seconds(told: str) -> float | Problem | None:
    """How long an answer is waited for."""
    if not told:
        return None
    try:
        ms = float(told)
    except ValueError:
        return problem.NO_DEADLINE
    return ms / 1000 if math.isfinite(ms) and ms > 0 else problem.NO_DEADLINE
