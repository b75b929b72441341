"""What those who run the service ask of it, beside what touchpoints ask."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar

from google.protobuf.message import Message

from befit import calls
from befit.v1.admin_pb2 import ActivateResponse, GetStatusResponse, SimulateRequest, SimulateResponse
from befit.v1.alert_pb2 import Alert
from befit.v1.parked_pb2 import ParkedOutcome

R = TypeVar("R", bound=Message)


class Operating(ABC):
    """The calls of AdminService, for a client that waits."""

    @abstractmethod
    def run(self, call: calls.Call[R], seconds: float | None = None) -> R:
        """The reply to a call."""

    def status(self) -> GetStatusResponse:
        """What is active, and whether all is well."""
        return self.run(calls.status())

    def stop_action(self, action_id: str, stopped: bool = True, *, reason: str = "") -> tuple[str, ...]:
        """Stop an action in all channels at once, or let it run again; all stopped actions."""
        return tuple(self.run(calls.stop_action(action_id, stopped, reason)).stopped_actions)

    def activate(self, bundle: str = "", *, reload_policy: bool = False, dry_run: bool = False) -> ActivateResponse:
        """Put another bundle, or the policy's files as they stand, in force; all or nothing."""
        return self.run(calls.activate(bundle, reload_policy, dry_run))

    def alerts(self, *, resolved: bool = False, limit: int = 100) -> tuple[Alert, ...]:
        """What people have to look at, or what they resolved, latest first; at most 1,000."""
        return tuple(self.run(calls.list_alerts(resolved, limit)).alerts)

    def resolve_alert(self, alert_id: str, by: str, *, note: str = "") -> Alert:
        """Tell what was done about an alert; what it stands for ends with it."""
        return self.run(calls.resolve_alert(alert_id, by, note)).alert

    def parked_outcomes(self, *, waiting: bool = False, limit: int = 100) -> tuple[ParkedOutcome, ...]:
        """Outcomes put aside since nobody knows their decisions, or those that still wait; latest first."""
        return tuple(self.run(calls.list_parked(waiting, limit)).outcomes)

    def retry_outcome(self, outcome_id: str) -> None:
        """Let an outcome that was put aside wait for its decision anew."""
        self.run(calls.retry_outcome(outcome_id))

    def simulate(self, request: SimulateRequest) -> SimulateResponse:
        """Decide under a changed policy or bundle and tell what differs."""
        return self.run(calls.simulate(request))
