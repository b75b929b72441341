"""What is served over HTTP, as data: each route names the method of the contract that answers it.

A part of the path in braces is a field of the request; of GET and DELETE the rest comes after `?`, of POST in the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DECISIONS = "befit.v1.DecisionService"
FEEDBACK = "befit.v1.FeedbackService"
CUSTOMERS = "befit.v1.CustomerService"
ADMIN = "befit.v1.AdminService"
PUSH = "befit.v1.PushService"
CHANNEL = "$channel"
"""In an example: a channel of the policy in force."""
_DECISION = "0007-019a7cbb8c00-00000000ff"


@dataclass(frozen=True, slots=True)
class Route:
    """`rpc` answers `verb` at `path`; `example` are the fields of a request to try."""

    verb: str
    path: str
    rpc: str
    example: Mapping[str, Any] = field(default_factory=dict)


_ASK: Mapping[str, Any] = {"customerId": "c-00042", "channel": CHANNEL}
_OUTCOME = {"outcomeId": "o-1", "decisionId": _DECISION, "type": "ACCEPTED"}
_EVENT = {"eventId": "e-1", "type": "page_view", "customerId": "c-00042"}
_PERSON = {"customerId": "c-00042", "timeZone": "Europe/Berlin"}
_LIFT = {"customerId": "c-00042", "actionId": "an_action", "liftedBy": "carol", "why": "asked for it"}

ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/decide", f"{DECISIONS}/Decide", _ASK),
    Route("GET", "/v1/decisions/{decision_id}", f"{DECISIONS}/GetDecision", {"decisionId": _DECISION}),
    Route("POST", "/v1/outcomes", f"{FEEDBACK}/RecordOutcomes", {"outcomes": [_OUTCOME]}),
    Route("POST", "/v1/events", f"{FEEDBACK}/RecordEvents", {"events": [_EVENT]}),
    Route("GET", "/v1/customers/{customer_id}", f"{CUSTOMERS}/GetCustomer", {"customerId": "c-00042"}),
    Route("POST", "/v1/customers", f"{CUSTOMERS}/PutCustomers", {"customers": [_PERSON]}),
    Route("DELETE", "/v1/customers/{customer_id}", f"{CUSTOMERS}/EraseCustomer", {"customerId": "c-00042"}),
    Route("POST", "/v1/customers/{customer_id}/lift-pause", f"{CUSTOMERS}/LiftPause", _LIFT),
    Route("POST", "/v1/identity", f"{CUSTOMERS}/LinkIdentity", {"visitorId": "v-17", "customerId": "c-00042"}),
    Route("POST", "/v1/simulate", f"{ADMIN}/Simulate", {"requests": [_ASK]}),
    Route("GET", "/v1/status", f"{ADMIN}/GetStatus"),
    Route("GET", "/v1/alerts", f"{ADMIN}/ListAlerts", {"limit": 10}),
    Route("GET", "/v1/parked-outcomes", f"{ADMIN}/ListParkedOutcomes", {"waiting": True}),
    Route("GET", "/v1/revisions", f"{ADMIN}/ListRevisions", {"newest": 5}),
    Route("GET", "/v1/challenge", f"{ADMIN}/GetChallenge"),
)

_OPERATING = "changes what all customers get, or what people work on: the command line does it, over gRPC"
NOT_ROUTED: Mapping[str, str] = {
    f"{DECISIONS}/DecideStream": "a stream of both sides",
    f"{PUSH}/Subscribe": "a stream of both sides",
    **{
        f"{ADMIN}/{method}": _OPERATING
        for method in (
            *("Activate", "StopAction", "Approve", "Rollback", "Challenge", "EndChallenge"),
            *("ResolveAlert", "RetryOutcome"),
        )
    },
}
"""Every other method, and why it is not served here."""
