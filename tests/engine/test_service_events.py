"""Events, procedures, promises and alerts over the wire, as touchpoints and employees meet them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import grpc
import pytest

from befit.async_client import AsyncClient
from befit.errors import InvalidRequest, NotFound
from befit.v1 import alert_pb2, decide_pb2
from engine.ids import CustomerKey
from engine.service.ports import Ports
from tests.engine.company import DAY, GOOD, NOW
from tests.engine.eventful import EventfulCompany, eventful
from tests.engine.service_fakes import Served, serving

ANNA = CustomerKey("default", "anna")


@dataclass
class CallCentre:
    company: EventfulCompany
    client: AsyncClient
    served: Served
    now: float = NOW


@pytest.fixture
async def centre() -> AsyncIterator[CallCentre]:
    company = EventfulCompany(eventful(), "call_centre")
    company.know(ANNA, GOOD)
    found: list[CallCentre] = []
    ports = Ports(
        policy=lambda: company.snapshot.policy.policy,
        clock=lambda: found[0].now,
        deciding=company.decider,
        events=company.events,
        alerting=company.alerts,
    )
    async with serving(ports) as served, AsyncClient(served.address, deadline_ms=20_000) as client:
        found.append(CallCentre(company, client, served))
        yield found[0]


async def told(centre: CallCentre, type_: str, name: str, **said: object) -> decide_pb2.DecideResponse:
    about = {key: said.pop(key) for key in ("action_id", "queue_id") if key in said} or {"customer_id": "anna"}
    (receipt,) = await centre.client.record_events([{"event_id": name, "type": type_, "attributes": said, **about}])
    return receipt


async def test_events_of_all_subjects_are_taken_in_and_a_bad_one_says_what_would_be_right(centre):
    assert (await told(centre, "page_view", "e1", page="phones")).disposition == 1
    assert (await told(centre, "page_view", "e1", page="phones")).disposition == 2
    assert (await told(centre, "action_facts", "e2", action_id="film_box", stock=3)).disposition == 1
    assert (await told(centre, "queue_capacity", "e3", queue_id="gold", free=2)).disposition == 1
    refused = await told(centre, "purchase", "e4", amont=3.0)
    assert (refused.disposition, refused.problem.field) == (3, "attributes.amont")
    assert refused.problem.message.endswith("did you mean 'amount'?")


async def test_employees_see_the_procedure_and_customers_do_not(centre):
    ask = {"intent": "billing", "session_id": "call-1"}
    decision = await centre.client.decide("anna", "call_centre", **ask)
    found = decision.procedure
    assert (found.id, found.run, found.owner, len(found.steps)) == ("line_down", "call-1", "Olga", 3)
    assert (found.steps[0].within_seconds, found.steps[0].team, found.steps[0].HasField("done_at")) == (
        120.0,
        "front",
        False,
    )
    await told(centre, "step_done", "e1", procedure="line_down", step="greet", run=found.run)
    again = await centre.client.decide("anna", "call_centre", **ask)
    assert again.procedure.steps[0].done_at.seconds == NOW
    assert again.procedure.steps[1].due_at.seconds == NOW + 300
    assert (await centre.client.decide("anna", "call_centre", audience="CUSTOMER", **ask)).procedure is None
    assert (await centre.client.decide("anna", "call_centre")).procedure is None


async def test_open_cases_and_promises_stand_in_the_view(centre):
    await told(centre, "case_opened", "e1", case="c-1", subject="no line")
    await told(centre, "delivery_promised", "e2", order="17", date=NOW + 60, text="sofa", by="Paul")
    centre.now = NOW + 61
    view = (await centre.client.decide("anna", "call_centre", view=True)).response.view
    assert [(one.case_id, one.subject) for one in view.open_cases] == [("c-1", "no line")]
    (promise,) = view.promises
    assert (promise.order, promise.text, promise.promised_by, promise.broken) == ("17", "sofa", "Paul", True)
    assert promise.due_at.seconds == NOW + 60
    customers = await centre.client.decide("anna", "call_centre", view=True, audience="CUSTOMER")
    assert [one.promised_by for one in customers.response.view.promises] == [""]


async def test_alerts_are_listed_and_resolved_by_name(centre):
    await told(centre, "delivery_promised", "e1", order="17", date=NOW + 60)
    await centre.company.sweep.run(NOW + DAY)
    (alert,) = await centre.client.alerts()
    assert (alert.kind, alert.subject, alert.to, alert.at.seconds) == ("broken_promise", "anna", "Bea", NOW + DAY)
    resolved = await centre.client.resolve_alert(alert.id, "Bea", note="called")
    assert (resolved.resolved_by, resolved.note, resolved.resolved_at.seconds) == ("Bea", "called", NOW)
    assert await centre.client.alerts() == ()
    assert [one.id for one in await centre.client.alerts(resolved=True)] == [alert.id]
    with pytest.raises(NotFound):
        await centre.client.resolve_alert(alert.id, "Bea")


async def test_what_is_asked_of_alerts_is_checked(centre):
    for call in (centre.client.resolve_alert("x", ""), centre.client.alerts(limit=1001)):
        with pytest.raises(InvalidRequest):
            await call
    long = alert_pb2.ResolveAlertRequest(alert_id="x", by="Bea", note="y" * 257)
    status, problem = await centre.served.refused("AdminService/ResolveAlert", long)
    assert (status, problem.field) == (grpc.StatusCode.INVALID_ARGUMENT, "note")
