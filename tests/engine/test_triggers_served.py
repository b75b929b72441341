"""Two workers as users run them: a complaint alerts and stops selling, an event's message reaches who subscribes."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from befit import Client
from tests.engine.served_project import ServedProject, served, write_project

SECTIONS = """
alerts: {{complaint: Dana, webhook: "{url}"}}
triggers:
  - {{id: opened, on: app_open, channel: push}}
"""


class Desk(BaseHTTPRequestHandler):
    """Takes alerts that are posted."""

    posted: ClassVar[list[dict[str, str]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posted.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def desk() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Desk) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def server(desk: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProject]:
    folder: Path = write_project(tmp_path_factory.mktemp("shop"))
    policy = (folder / "policy.yaml").read_text()
    stop = "  stops:\n    - {id: unresolved, open_complaint: true, scope: {kinds: [OFFER]}}\n"
    policy = policy.replace("  stops:\n", stop)
    policy = re.sub(r'\{from: "21:00", to: "08:00"', '{from: "03:00", to: "03:01"', policy)
    policy = re.sub(r"exploration: .*|control_groups:\n.*", "", policy) + SECTIONS.format(url=desk)
    (folder / "policy.yaml").write_text(policy)
    with served(folder, "--workers", "2") as running:
        yield running


@pytest.fixture
def client(server: ServedProject) -> Iterator[Client]:
    with Client(server.says["gRPC"], deadline_ms=10_000) as found:
        yield found


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def known(client: Client, customer: str) -> None:
    features = {"age": 40, "tenure_months": 30, "value_12m": 950.0, "value_prior_12m": 950.0, "orders_12m": 5}
    features |= {"open_complaints": 0, "data_used_share": 0.95}
    client.put_customers([{"customer_id": customer, "features": features, "consent": {"push:marketing": True}}])


def test_a_complaint_is_posted_and_stops_selling_until_it_is_resolved(client):
    known(client, "cora")
    decision = client.decide("cora", "web")
    (first, *_) = decision.actions("hero")
    outcome = {"outcome_id": "c1", "decision_id": decision.id, "action_id": first.action_id, "type": "COMPLAINT"}
    (receipt,) = client.record_outcomes([outcome])
    assert receipt.disposition == 1
    until(lambda: bool(Desk.posted))
    body = Desk.posted[0]
    assert (body["kind"], body["subject"], body["to"]) == ("complaint", "cora", "Dana")
    assert list(client.decide("cora", "web").actions("hero")) == []
    client.resolve_alert(body["id"], "Dana", note="called")
    assert client.decide("cora", "web").actions("hero")


def test_an_events_message_reaches_who_subscribes_and_is_counted(server, client):
    known(client, "dora")
    client.record_events([{"event_id": "open-1", "type": "app_open", "customer_id": "dora"}])
    messages = client.messages(["push"])
    message = next(iter(messages))
    assert (message.customer_id, message.trigger, message.message_id) == ("dora", "opened", "opened:open-1")
    messages.sent(message)
    messages.finish()
    until(lambda: re.search(r'befit_push_total{[^}]*became="sent"[^}]*} 1', metrics(server)) is not None)


def test_an_outcome_of_an_unknown_decision_waits_and_is_listed(client):
    name = f"0001-{int(time.time() * 1000):012x}-0000000001"
    outcome = {"outcome_id": "u1", "decision_id": name, "action_id": "film_box", "type": "ACCEPTED"}
    (receipt,) = client.record_outcomes([outcome])
    assert (receipt.disposition, bool(receipt.note)) == (4, True)
    assert [one.outcome.outcome_id for one in client.parked_outcomes(waiting=True)] == ["u1"]
    assert client.parked_outcomes() == ()
    client.retry_outcome("u1")


def metrics(server: ServedProject) -> str:
    with urllib.request.urlopen(server.says["metrics"]) as answer:
        return answer.read().decode()
