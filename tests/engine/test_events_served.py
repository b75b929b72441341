"""Two workers as users run them: an event at one is known to the other, and what falls due is told once."""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from befit import Client
from engine.cli.app import app
from tests.engine.served_project import ServedProject, served, write_project

SECTIONS = """
procedures:
  - id: line_down
    intent: billing
    owner: Olga
    steps:
      - {id: greet, text: Ask what is wrong, within: 1s, team: front}
      - {id: measure, text: Measure the line, within: 1h, team: technics}
alerts: {owner: Ole}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_project(tmp_path_factory.mktemp("shop"))
    policy = (folder / "policy.yaml").read_text()
    policy = policy.replace("attributes:\n", "attributes:\n  stock: {type: number, default: 1, live: true}\n", 1)
    policy = policy.replace(
        "\nrules:\n", "\nrules:\n  - {id: stocked, stage: eligibility, allow_when: action.stock > 0}\n"
    )
    policy = policy.replace("  stops:\n", "  stops:\n    - {id: late, broken_promise: true, scope: {kinds: [OFFER]}}\n")
    policy = re.sub(r"exploration: .*|control_groups:\n.*", "", policy) + SECTIONS
    (folder / "policy.yaml").write_text(policy)
    return folder


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[ServedProject]:
    with served(project, "--workers", "2") as running:
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


def shown(client: Client, customer: str) -> list[str]:
    return [one.action_id for one in client.decide(customer, "web").actions("hero")]


def told(client: Client, *events: dict) -> None:
    receipts = client.record_events(events)
    assert [one.problem.message for one in receipts if one.disposition != 1] == []


def metrics(server: ServedProject) -> str:
    with urllib.request.urlopen(server.says["metrics"]) as answer:
        return answer.read().decode()


def alerts(client: Client, kind: str) -> list[str]:
    return [one.to for one in client.alerts() if one.kind == kind]


def test_what_is_sold_out_is_offered_by_no_worker(client):
    client.put_customers([{"customer_id": "ben", "features": {"age": 30, "orders_12m": 2}}])
    (first, *_) = shown(client, "ben")
    told(client, {"event_id": "s1", "type": "action_facts", "action_id": first, "attributes": {"stock": 0}})
    until(lambda: all(first not in shown(client, "ben") for _ in range(10)))


def test_a_broken_promise_stops_selling_at_once_and_is_told_once(server, client):
    assert shown(client, "anna")
    said = {"order": "17", "date": time.time() - 5}
    told(client, {"event_id": "p1", "type": "delivery_promised", "customer_id": "anna", "attributes": said})
    assert shown(client, "anna") == []
    until(lambda: alerts(client, "broken_promise") == ["Ole"])
    until(lambda: 'befit_alerts_total{kind="broken_promise"} 1.0' in metrics(server))
    (alert,) = [one for one in client.alerts() if one.kind == "broken_promise"]
    client.resolve_alert(alert.id, "Ole", note="voucher")
    assert shown(client, "anna")


def test_overdue_steps_reach_the_owner_and_the_report(project, server, client):
    ask = {"intent": "billing", "session_id": "call-1"}
    procedure = client.decide("cleo", "call_centre", **ask).procedure
    until(lambda: client.decide("cleo", "call_centre", **ask).procedure.steps[0].HasField("due_at"))
    until(lambda: alerts(client, "overdue_step") == ["Olga"])
    done = {"procedure": "line_down", "step": "greet", "run": procedure.run, "team": "night"}
    told(client, {"event_id": "d1", "type": "step_done", "customer_id": "cleo", "attributes": done})
    outcome = CliRunner().invoke(app, ["procedures", "--project", str(project), "-o", "json"])
    assert outcome.exit_code == 0, outcome.output
    steps = {(one["step"], one["team"]): one for one in orjson.loads(outcome.stdout)["steps"]}
    assert (steps["greet", "night"]["done"], steps["greet", "night"]["in_time"]) == (1, 0)
    listed = CliRunner().invoke(app, ["alerts", "--address", server.says["gRPC"], "-o", "json"])
    assert {one["kind"] for one in orjson.loads(listed.stdout)} == {"overdue_step"}
    (alert,) = orjson.loads(listed.stdout)
    shown_here = CliRunner().invoke(app, ["alerts", "--address", server.says["gRPC"]], env={"COLUMNS": "70"}).stdout
    assert f"1: befit alerts resolve {alert['id']} --by NAME" in shown_here
    resolve = ["alerts", "resolve", ":cleo:", "--by", "Olga", "--address", server.says["gRPC"]]
    assert "overdue_step about cleo is resolved by Olga" in CliRunner().invoke(app, resolve).stdout
    assert "Olga" in CliRunner().invoke(app, ["alerts", "--resolved", "--address", server.says["gRPC"]]).stdout
