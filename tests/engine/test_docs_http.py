"""What docs/http.md and the README say of HTTP is so: the routes, the limits, the lines to try."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from engine.http.conversation import HEAD_BYTES, Patience
from engine.http.problem import STATUS
from engine.http.routes import ROUTES
from engine.http.server import MOST_CONNECTIONS
from engine.refusal import Refusal
from engine.service.calls import Limits
from engine.wire.contract import RPCS
from engine.wire.json_read import message_of, parsed
from tests.engine.over_http import over_http
from tests.engine.service_fakes import FakeEngine, all_ports

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_routes_is_that_of_the_server():
    told = re.findall(r"^\| `(\w+) (/\S+)` \| `(\w+)` \|", DOCS, re.MULTILINE)
    assert told == [(route.verb, route.path, route.rpc.rpartition("/")[2]) for route in ROUTES]


@pytest.mark.parametrize("text", [DOCS, README], ids=["docs/http.md", "README.md"])
def test_the_lines_to_try_ask_what_the_contract_knows(text: str):
    lines = [line for line in re.findall(r"^curl (?:.*\\\n)*.*$", text, re.MULTILINE) if "/v1/" in line]
    assert lines
    for line in lines:
        *_, body = shlex.split(line.replace("\\\n", " "))
        path = re.search(r"(/v1/\S+)", line)
        assert path is not None
        (route,) = (one for one in ROUTES if (one.verb, one.path) == ("POST", path[1]))
        said = parsed(body.encode())
        assert isinstance(said, dict)
        assert not isinstance(message_of(RPCS[route.rpc].request, said), Refusal)


def test_the_bounds_are_those_of_the_server():
    patience, limits = Patience(), Limits()
    assert f"{patience.head:g} s for its head, {patience.body:g} s for its body" in DOCS
    assert (limits.most_bytes, limits.bulk_bytes, HEAD_BYTES) == (64 * 1024, 1.25 * 1024 * 1024, 16 * 1024)
    assert patience.idle == 60
    assert f"{MOST_CONNECTIONS:,} connections" in " ".join(DOCS.split())


def test_every_status_of_a_refusal_is_explained():
    table = DOCS.split("| status | when |")[1].split("\n\n")[0]
    assert all(str(int(status)) in table for status in STATUS.values())


async def test_the_problem_that_is_shown_is_the_one_that_comes():
    (shown,) = re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)
    async with over_http(all_ports(FakeEngine())) as http:
        assert (await http.post("/v1/decide", {"custmerId": "a"})).json == json.loads(shown)


async def test_the_pages_that_are_named_are_there():
    pages = [page for page in re.findall(r"`(/[\w.]+)`", DOCS) if page != "/metrics"]
    assert {"/docs", "/openapi.json", "/healthz", "/readyz"} <= {*pages}
    async with over_http(all_ports(FakeEngine())) as http:
        assert {(await http.get(page)).status for page in pages} == {200}
