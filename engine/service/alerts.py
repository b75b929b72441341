"""The methods of AdminService that are about alerts."""

from __future__ import annotations

from typing import Any

from befit.v1 import alert_pb2
from engine.refusal import Refusal
from engine.service.calls import Answer, Caller, Limits, Method, Unary, tenant_of
from engine.service.ports import Alerting, Clock
from engine.wire.alert import alert_message, listing, read_resolution


class AlertMethods:
    """Lists and resolves alerts."""

    def __init__(self, alerting: Alerting, clock: Clock, limits: Limits) -> None:
        self._alerting = alerting
        self._clock = clock
        self._limits = limits

    def unaries(self) -> tuple[Unary[Any], ...]:
        """The methods."""
        most, seconds = self._limits.most_bytes, self._limits.seconds
        listed = Method("ListAlerts", alert_pb2.ListAlertsRequest, most, seconds)
        resolved = Method("ResolveAlert", alert_pb2.ResolveAlertRequest, most, seconds)
        return Unary(listed, self.list_alerts), Unary(resolved, self.resolve_alert)

    async def list_alerts(self, wire: alert_pb2.ListAlertsRequest, context: Caller) -> Answer:
        """The open alerts, or the resolved ones."""
        most = listing(wire)
        if isinstance(most, Refusal):
            return most
        found = await self._alerting.newest(resolved=wire.resolved, most=most, tenant=tenant_of(context))
        return alert_pb2.ListAlertsResponse(alerts=map(alert_message, found)).SerializeToString()

    async def resolve_alert(self, wire: alert_pb2.ResolveAlertRequest, context: Caller) -> Answer:
        """Say what was done about an alert."""
        resolution = read_resolution(wire, self._clock())
        if isinstance(resolution, Refusal):
            return resolution
        alert = await self._alerting.resolve(wire.alert_id, resolution, tenant_of(context))
        if isinstance(alert, Refusal):
            return alert
        return alert_pb2.ResolveAlertResponse(alert=alert_message(alert)).SerializeToString()
