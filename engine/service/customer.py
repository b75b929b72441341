"""CustomerService on the wire: one record of a customer for every channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc

from befit.v1.customer_pb2 import (
    EraseCustomerRequest,
    EraseCustomerResponse,
    GetCustomerRequest,
    LiftPauseRequest,
    LiftPauseResponse,
    LinkIdentityRequest,
    LinkIdentityResponse,
    PutCustomersRequest,
    PutCustomersResponse,
)
from engine.ids import CustomerKey
from engine.outcome import Disposition, Verdict
from engine.refusal import Refusal, RefusalKind
from engine.service.calls import Answer, Caller, Calls, Limits, Method, Unary, tenant_of
from engine.service.ports import Ports
from engine.wire.customer import audience_of, known_message, read_lift
from engine.wire.items import count_refusal, merged, read_change, receipt, split
from engine.wire.request import id_refusal
from engine.wire.view import pause_message

NAME = "befit.v1.CustomerService"
MOST_REJECTIONS = 100
_UNKNOWN = Refusal("customer-unknown", "nothing is kept of this customer", "customer_id", RefusalKind.NOT_FOUND)


class CustomerService:
    """Answers the methods of CustomerService that the ports allow."""

    def __init__(self, ports: Ports, calls: Calls, limits: Limits) -> None:
        self._ports = ports
        self._calls = calls
        self._limits = limits

    def handler(self) -> grpc.GenericRpcHandler:
        """The service for a server."""
        methods = self._calls.unaries(self.unaries())
        if self._ports.customers is not None:
            methods["PutCustomers"] = self._calls.gathered(self._putting, self.put_customers)
        return grpc.method_handlers_generic_handler(NAME, methods)

    def unaries(self) -> tuple[Unary[Any], ...]:
        """The methods; PutCustomers with one message in place of a stream, for wires that have no streams."""
        most, seconds = self._limits.most_bytes, self._limits.seconds
        methods: list[Unary[Any]] = []
        if self._ports.customers is not None:
            methods.append(Unary(Method("GetCustomer", GetCustomerRequest, most, seconds), self.get_customer))
            methods.append(Unary(self._putting, self.put_some))
        if self._ports.identifying is not None:
            erase = Method("EraseCustomer", EraseCustomerRequest, most, self._limits.bulk_seconds)
            methods.append(Unary(Method("LinkIdentity", LinkIdentityRequest, most, seconds), self.link_identity))
            methods.append(Unary(erase, self.erase_customer))
        if self._ports.pauses is not None:
            methods.append(Unary(Method("LiftPause", LiftPauseRequest, most, seconds), self.lift_pause))
        return tuple(methods)

    @property
    def _putting(self) -> Method[PutCustomersRequest]:
        return Method("PutCustomers", PutCustomersRequest, self._limits.bulk_bytes, self._limits.bulk_seconds)

    async def get_customer(self, wire: GetCustomerRequest, context: Caller) -> Answer:
        """Everything that is known of a customer."""
        assert self._ports.customers is not None
        if refusal := id_refusal(wire.customer_id, "customer_id"):
            return refusal
        audience = audience_of(wire.audience)
        if isinstance(audience, Refusal):
            return audience
        key = CustomerKey(tenant_of(context), wire.customer_id)
        known = await self._ports.customers.get(key, self._ports.clock())
        return _UNKNOWN if known is None else known_message(known, audience).SerializeToString()

    async def put_customers(self, messages: AsyncIterator[PutCustomersRequest | Refusal], context: Caller) -> Answer:
        """Write a stream of customers, message by message; what was written stays when a later message is refused."""
        summary = PutCustomersResponse()
        async for wire in messages:
            if isinstance(wire, Refusal):
                return wire
            if refusal := count_refusal(wire.customers, "customers"):
                return refusal
            self._sum_up(summary, await self._put(wire, tenant_of(context)))
        return summary.SerializeToString()

    async def put_some(self, wire: PutCustomersRequest, context: Caller) -> Answer:
        """Write the customers of one message."""
        return await self.put_customers(_once(wire), context)

    async def _put(self, wire: PutCustomersRequest, tenant: str) -> list[Verdict]:
        assert self._ports.customers is not None
        changes, refused = split(read_change(customer, tenant) for customer in wire.customers)
        verdicts = await self._ports.customers.put(changes, self._ports.clock()) if changes else ()
        return merged([customer.customer_id for customer in wire.customers], refused, verdicts)

    def _sum_up(self, summary: PutCustomersResponse, verdicts: list[Verdict]) -> None:
        bad = [verdict for verdict in verdicts if verdict.disposition is Disposition.REJECTED]
        summary.rejected += len(bad)
        summary.written += len(verdicts) - len(bad)
        room = MOST_REJECTIONS - len(summary.rejections)
        summary.rejections.extend(receipt(verdict) for verdict in bad[:room])

    async def link_identity(self, wire: LinkIdentityRequest, context: Caller) -> Answer:
        """Say that a visitor is a customer."""
        assert self._ports.identifying is not None
        refusal = id_refusal(wire.visitor_id, "visitor_id") or id_refusal(wire.customer_id, "customer_id")
        if refusal:
            return refusal
        if wire.visitor_id == wire.customer_id:
            return Refusal("same-id", "must differ from customer_id", "visitor_id")
        tenant = tenant_of(context)
        visitor, customer = CustomerKey(tenant, wire.visitor_id), CustomerKey(tenant, wire.customer_id)
        linked = await self._ports.identifying.link(visitor, customer)
        return LinkIdentityResponse(linked=linked).SerializeToString()

    async def erase_customer(self, wire: EraseCustomerRequest, context: Caller) -> Answer:
        """Forget a customer."""
        assert self._ports.identifying is not None
        if refusal := id_refusal(wire.customer_id, "customer_id"):
            return refusal
        await self._ports.identifying.erase(CustomerKey(tenant_of(context), wire.customer_id))
        return EraseCustomerResponse().SerializeToString()

    async def lift_pause(self, wire: LiftPauseRequest, context: Caller) -> Answer:
        """Let what rests for a customer be proposed again."""
        assert self._ports.pauses is not None
        lift = read_lift(wire, tenant_of(context))
        if isinstance(lift, Refusal):
            return lift
        lifted = await self._ports.pauses.lift(lift, self._ports.clock())
        if isinstance(lifted, Refusal):
            return lifted
        return LiftPauseResponse(lifted=[pause_message(*one) for one in lifted]).SerializeToString()


async def _once(wire: PutCustomersRequest) -> AsyncIterator[PutCustomersRequest | Refusal]:
    yield wire
