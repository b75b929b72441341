"""/docs: every route with what it takes and gives, in the words of the contract's own comments, and a line to try it.

One page of plain HTML without scripts, pictures or anything from elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from engine.http.routes import CHANNEL, Route
from engine.http.routing import camel
from engine.wire.contract import RPCS, descriptor_of
from engine.wire.described import FieldTold, KindTold, kinds_within, method_told, of_kind

SECURITY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c;background:#fff}
code,pre{font:14px/1.45 ui-monospace,monospace}
pre{background:#f4f4f1;padding:.7rem;white-space:pre-wrap;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;
border-top:1px solid #ddd}td:first-child{width:13rem}td:nth-child(2){width:13rem}
h2{margin-top:2.5rem}h2 code{font-size:1.1rem}nav a{display:block}
@media (prefers-color-scheme:dark){body{color:#e8e8e4;background:#191919}pre{background:#262626}a{color:#9cf}
td,th{border-color:#444}}
"""
_INTRODUCTION = """
<p>The methods of <code>befit.v1</code> over HTTP, in the proto JSON mapping. Send <code>Content-Type:
application/json</code>. Names may be written as here or as in the contract (<code>customer_id</code>); answers are
written as here. A field that is unknown, or given twice, is refused by its name. Times are as in
<code>2026-01-31T18:30:00Z</code>, whole numbers of 64 bits are text.</p>
<p>What is refused comes as <code>application/problem+json</code>: <code>code</code> for programs, <code>field</code>
for where, <code>detail</code> for what would be right. <code>Befit-Deadline-Ms</code> says for how long an answer is
waited for: a decision is answered within it, if need be by the policy's fallbacks. 503 may be tried again.</p>
"""


def docs_page(routes: Iterable[Route], base: str, channel: str) -> bytes:
    """The page for a server that is reached at `base`, as in "http://127.0.0.1:8080"; `channel` stands in examples."""
    served = tuple(routes)
    methods = [RPCS[route.rpc] for route in served]
    kinds = kinds_within(descriptor_of(kind) for rpc in methods for kind in (rpc.request, rpc.reply))
    pieces = [
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        f"<title>Befit over HTTP</title><style>{_STYLE}</style><h1>Befit over HTTP</h1>{_INTRODUCTION}<nav>",
        *(f"<a href='#{_anchor(route)}'><code>{route.verb} {escape(route.path)}</code></a>" for route in served),
        "<a href='/openapi.json'><code>GET /openapi.json</code></a>",
        "<a href='/healthz'><code>GET /healthz</code></a><a href='/readyz'><code>GET /readyz</code></a>",
        "<a href='/metrics'><code>GET /metrics</code></a></nav>",
        *(_route(route, base, channel) for route in served),
        "<h2>Types</h2>",
        *(_kind(kind) for kind in kinds),
    ]
    return "".join(pieces).encode()


def curl(route: Route, base: str, channel: str) -> str:
    """A line for a shell that asks what the route's example asks."""
    example = {name: _filled(value, channel) for name, value in route.example.items()}
    if route.verb == "POST":
        path, rest = _path(route.path, example)
        return f"curl {base}{path} -H 'Content-Type: application/json' \\\n  -d '{json.dumps(rest)}'"
    path, rest = _path(route.path, example)
    query = f"?{urlencode({name: json.dumps(value) for name, value in rest.items()})}" if rest else ""
    verb = "" if route.verb == "GET" else f"-X {route.verb} "
    return f"curl {verb}'{base}{path}{query}'"


def _filled(value: Any, channel: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _filled(inner, channel) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, channel) for inner in value]
    return channel if value == CHANNEL else value


def _path(path: str, example: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The path with its parts filled, and what is left of the example."""
    rest = dict(example)
    parts = [quote(str(rest.pop(camel(part[1:-1]))), safe="") if part[:1] == "{" else part for part in path.split("/")]
    return "/".join(parts), rest


def _anchor(route: Route) -> str:
    return f"{route.verb.lower()}-{route.rpc.rpartition('/')[2]}"


def _route(route: Route, base: str, channel: str) -> str:
    rpc = RPCS[route.rpc]
    takes, gives = of_kind(descriptor_of(rpc.request)), of_kind(descriptor_of(rpc.reply))
    return "".join(
        (
            f"<h2 id='{_anchor(route)}'><code>{route.verb} {escape(route.path)}</code></h2>",
            f"<p>{_prose(method_told(route.rpc))}</p>",
            f"<pre>{escape(curl(route, base, channel))}</pre>",
            f"<h3>Takes <a href='#{takes.name}'>{takes.name}</a></h3>{_table(takes.fields)}",
            f"<h3>Gives <a href='#{gives.name}'>{gives.name}</a></h3><p>{_prose(gives.told)}</p>{_table(gives.fields)}",
        )
    )


def _kind(kind: KindTold) -> str:
    return f"<h3 id='{kind.name}'>{kind.name}</h3><p>{_prose(kind.told)}</p>{_table(kind.fields)}"


def _table(fields: Iterable[FieldTold]) -> str:
    rows = "".join(_rows(fields))
    return f"<table>{rows}</table>" if rows else "<p>Nothing.</p>"


def _rows(fields: Iterable[FieldTold]) -> Iterator[str]:
    for field in fields:
        kind = f"<a href='#{field.link}'>{escape(field.kind)}</a>" if field.link else escape(field.kind)
        yield f"<tr><td><code>{escape(field.name)}</code><td>{kind}<td>{_prose(field.told)}"


def _prose(text: str) -> str:
    """Words between backquotes set as code."""
    return "".join(
        f"<code>{escape(part)}</code>" if place % 2 else escape(part) for place, part in enumerate(text.split("`"))
    )
