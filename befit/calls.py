"""The calls of the contract, each once, without saying how they travel: both clients run the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

from befit.errors import ClientError, InvalidRequest
from befit.items import CustomerFields, EventFields, OutcomeFields, batches, customer, event, outcome
from befit.questions import DecideOptions, decide_request
from befit.v1 import admin_pb2, alert_pb2, customer_pb2, decide_pb2, decision_pb2, feedback_pb2, parked_pb2

F = TypeVar("F")
R = TypeVar("R", bound=Message)


@dataclass(frozen=True, slots=True)
class Method(Generic[R]):
    """A method of the contract: its path and the type of its reply."""

    path: str
    reply: type[R]


@dataclass(frozen=True, slots=True)
class Call(Generic[R]):
    """One call, ready to be sent."""

    method: Method[R]
    request: Message


DECIDE = Method("/befit.v1.DecisionService/Decide", decide_pb2.DecideResponse)
GET_DECISION = Method("/befit.v1.DecisionService/GetDecision", decision_pb2.GetDecisionResponse)
RECORD_OUTCOMES = Method("/befit.v1.FeedbackService/RecordOutcomes", feedback_pb2.RecordOutcomesResponse)
RECORD_EVENTS = Method("/befit.v1.FeedbackService/RecordEvents", feedback_pb2.RecordEventsResponse)
GET_CUSTOMER = Method("/befit.v1.CustomerService/GetCustomer", customer_pb2.GetCustomerResponse)
PUT_CUSTOMERS = Method("/befit.v1.CustomerService/PutCustomers", customer_pb2.PutCustomersResponse)
LINK_IDENTITY = Method("/befit.v1.CustomerService/LinkIdentity", customer_pb2.LinkIdentityResponse)
LIFT_PAUSE = Method("/befit.v1.CustomerService/LiftPause", customer_pb2.LiftPauseResponse)
ERASE_CUSTOMER = Method("/befit.v1.CustomerService/EraseCustomer", customer_pb2.EraseCustomerResponse)
LIST_PARKED = Method("/befit.v1.AdminService/ListParkedOutcomes", parked_pb2.ListParkedOutcomesResponse)
RETRY_OUTCOME = Method("/befit.v1.AdminService/RetryOutcome", parked_pb2.RetryOutcomeResponse)
GET_STATUS = Method("/befit.v1.AdminService/GetStatus", admin_pb2.GetStatusResponse)
ACTIVATE = Method("/befit.v1.AdminService/Activate", admin_pb2.ActivateResponse)
STOP_ACTION = Method("/befit.v1.AdminService/StopAction", admin_pb2.StopActionResponse)
LIST_ALERTS = Method("/befit.v1.AdminService/ListAlerts", alert_pb2.ListAlertsResponse)
RESOLVE_ALERT = Method("/befit.v1.AdminService/ResolveAlert", alert_pb2.ResolveAlertResponse)
SIMULATE = Method("/befit.v1.AdminService/Simulate", admin_pb2.SimulateResponse)


def decide(customer_id: str, channel: str, options: DecideOptions) -> Call[decide_pb2.DecideResponse]:
    return Call(DECIDE, decide_request(customer_id, channel, options))


def get_decision(decision_id: str) -> Call[decision_pb2.GetDecisionResponse]:
    return Call(GET_DECISION, decision_pb2.GetDecisionRequest(decision_id=decision_id))


def record_outcomes(outcomes: Iterable[OutcomeFields]) -> Iterator[Call[feedback_pb2.RecordOutcomesResponse]]:
    """As many calls as the outcomes need; all outcomes are checked before the first is sent."""
    wired = _all_checked("outcomes", outcome, outcomes)
    return (Call(RECORD_OUTCOMES, feedback_pb2.RecordOutcomesRequest(outcomes=batch)) for batch in batches(wired))


def record_events(events: Iterable[EventFields]) -> Iterator[Call[feedback_pb2.RecordEventsResponse]]:
    """As many calls as the events need; all events are checked before the first is sent."""
    wired = _all_checked("events", event, events)
    return (Call(RECORD_EVENTS, feedback_pb2.RecordEventsRequest(events=batch)) for batch in batches(wired))


def _all_checked(name: str, build: Callable[[F], R], items: Iterable[F]) -> list[R]:
    """Each in its wire form. Raises InvalidRequest with the place of the first that does not hold."""
    wired: list[R] = []
    for place, fields in enumerate(items):
        try:
            wired.append(build(fields))
        except InvalidRequest as error:
            told = f"{name}[{place}]: {error}; none of them was sent"
            raise InvalidRequest(told, error.code, f"{name}[{place}].{error.field}".rstrip(".")) from error
    return wired


def get_customer(customer_id: str, audience: str) -> Call[customer_pb2.GetCustomerResponse]:
    try:
        reader = decide_pb2.Audience.Value(f"AUDIENCE_{audience}")
    except ValueError as error:
        raise InvalidRequest(str(error), "wrong-type", "audience") from error
    return Call(GET_CUSTOMER, customer_pb2.GetCustomerRequest(customer_id=customer_id, audience=reader))


def lift_pause(
    customer_id: str, *, action_id: str = "", rule_id: str = "", lifted_by: str, why: str
) -> Call[customer_pb2.LiftPauseResponse]:
    """For `Client.run`: let an action, or all that a pause rule made rest, be proposed again."""
    about = {"customer_id": customer_id, "action_id": action_id, "rule_id": rule_id}
    return Call(LIFT_PAUSE, customer_pb2.LiftPauseRequest(**about, lifted_by=lifted_by, why=why))


def link_identity(visitor_id: str, customer_id: str) -> Call[customer_pb2.LinkIdentityResponse]:
    request = customer_pb2.LinkIdentityRequest(visitor_id=visitor_id, customer_id=customer_id)
    return Call(LINK_IDENTITY, request)


def erase_customer(customer_id: str) -> Call[customer_pb2.EraseCustomerResponse]:
    return Call(ERASE_CUSTOMER, customer_pb2.EraseCustomerRequest(customer_id=customer_id))


def status() -> Call[admin_pb2.GetStatusResponse]:
    return Call(GET_STATUS, admin_pb2.GetStatusRequest())


def activate(bundle: str, reload_policy: bool, dry_run: bool) -> Call[admin_pb2.ActivateResponse]:
    request = admin_pb2.ActivateRequest(bundle=bundle, reload_policy=reload_policy, dry_run=dry_run)
    return Call(ACTIVATE, request)


def stop_action(action_id: str, stopped: bool, reason: str) -> Call[admin_pb2.StopActionResponse]:
    return Call(STOP_ACTION, admin_pb2.StopActionRequest(action_id=action_id, stopped=stopped, reason=reason))


def simulate(request: admin_pb2.SimulateRequest) -> Call[admin_pb2.SimulateResponse]:
    return Call(SIMULATE, request)


def list_alerts(resolved: bool, limit: int) -> Call[alert_pb2.ListAlertsResponse]:
    return Call(LIST_ALERTS, alert_pb2.ListAlertsRequest(resolved=resolved, limit=limit))


def resolve_alert(alert_id: str, by: str, note: str) -> Call[alert_pb2.ResolveAlertResponse]:
    return Call(RESOLVE_ALERT, alert_pb2.ResolveAlertRequest(alert_id=alert_id, by=by, note=note))


def list_parked(waiting: bool, limit: int) -> Call[parked_pb2.ListParkedOutcomesResponse]:
    return Call(LIST_PARKED, parked_pb2.ListParkedOutcomesRequest(waiting=waiting, limit=limit))


def retry_outcome(outcome_id: str) -> Call[parked_pb2.RetryOutcomeResponse]:
    return Call(RETRY_OUTCOME, parked_pb2.RetryOutcomeRequest(outcome_id=outcome_id))


class CustomerStream:
    """The messages of one PutCustomers call, made as they are sent, so that files of any size fit.

    A customer that does not hold ends the stream; `finish`, called after the reply, then raises the mistake.
    The customers before it are written.
    """

    def __init__(self, customers: Iterable[CustomerFields]) -> None:
        self._customers = customers
        self._mistake: ClientError | None = None

    def __iter__(self) -> Iterator[customer_pb2.PutCustomersRequest]:
        return (customer_pb2.PutCustomersRequest(customers=batch) for batch in batches(self._wired()))

    def finish(self) -> None:
        if self._mistake is not None:
            raise self._mistake

    def _wired(self) -> Iterator[customer_pb2.CustomerProfile]:
        try:
            for fields in self._customers:
                yield customer(fields)
        except ClientError as mistake:
            self._mistake = mistake
