"""PushService on the wire: one stream hands messages out, and takes what became of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc

from befit.v1.push_pb2 import PushReport, SubscribeRequest, SubscribeResponse, Subscription
from engine.ids import CustomerKey
from engine.refusal import Refusal, RefusalKind
from engine.service.calls import STORE_AWAY, Calls, Context, Limits, Method, tenant_of
from engine.service.ports import Clock, Ports, Pushing
from engine.store import StoreUnavailable
from engine.triggers.sending import Report
from engine.triggers.store import Claimed
from engine.wire.push import IN_FLIGHT, push_message, read_report, subscription_refusal
from rules.policy import Direction

NAME = "befit.v1.PushService"
SECONDS_BETWEEN = 0.5
"""Between two looks for what may be sent, while there is nothing."""
REPORT_SECONDS = 3.0
"""How long a server that stops waits for reports of what it handed out."""
_STOPPING = Refusal("stopping", "the server stops; subscribe again", kind=RefusalKind.UNAVAILABLE)
_FIRST = Refusal("subscription-missing", "must come first", "subscription")
_ONCE = Refusal("subscription-repeated", "comes once, at first", "subscription")
_STRANGER = Refusal("message-unknown", "must be a message of this stream that is not reported yet", "report.message_id")

Requests = AsyncIterator[SubscribeRequest | Refusal]


class PushService:
    """Answers Subscribe where the ports allow it."""

    def __init__(self, ports: Ports, calls: Calls, limits: Limits) -> None:
        self._ports = ports
        self._calls = calls
        self._method = Method("Subscribe", SubscribeRequest, limits.most_bytes, None)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Hand out nothing more, and end every stream once what was handed out is reported, or soon after."""
        self._stopping.set()

    def handler(self) -> grpc.GenericRpcHandler:
        """The service for a server."""
        methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}
        if self._ports.pushing is not None:
            methods["Subscribe"] = grpc.stream_stream_rpc_method_handler(self.subscribe, self._method.read, None)
        return grpc.method_handlers_generic_handler(NAME, methods)

    async def subscribe(self, requests: Requests, context: Context) -> None:
        """Hand out messages until the subscriber leaves."""
        assert self._ports.pushing is not None
        wanted = await self._wanted_or_stopping(requests)
        if isinstance(wanted, Refusal):
            await self._calls.refuse(self._method.name, wanted, context)
            return
        await context.send_initial_metadata(())
        stream = _Stream(self._ports.pushing, self._ports.clock, wanted, context)
        refusal = await stream.run(requests, self._stopping)
        if refusal is not None:
            await self._calls.refuse(self._method.name, refusal, context)
        self._calls.counts.add("befit_calls", (self._method.name, "OK"))

    async def _wanted_or_stopping(self, requests: Requests) -> Subscription | Refusal:
        """Who opens a stream and says nothing keeps no server from stopping."""
        wanted = asyncio.ensure_future(self._wanted(requests))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((wanted, stopping), return_when=asyncio.FIRST_COMPLETED)
            return wanted.result() if wanted.done() and not stopping.done() else _STOPPING
        finally:
            wanted.cancel()
            stopping.cancel()

    async def _wanted(self, requests: Requests) -> Subscription | Refusal:
        """The subscription that a stream begins with."""
        first = await anext(aiter(requests), None)
        if first is None or isinstance(first, Refusal):
            return first or _FIRST
        if first.WhichOneof("said") != "subscription":
            return _FIRST
        declared = self._ports.policy().channels
        outbound = [name for name, one in declared.items() if one.direction is Direction.OUTBOUND]
        if any(name not in outbound for name in first.subscription.channels):
            sendable = ", ".join(outbound) or "none: the policy has no such channel"
            return Refusal("unknown-channel", f"must be outbound channels of the policy: {sendable}", "channels")
        return subscription_refusal(first.subscription) or first.subscription


class _Stream:
    """One subscriber: what it was given and has not reported yet."""

    def __init__(self, pushing: Pushing, clock: Clock, wanted: Subscription, context: Context) -> None:
        self._pushing = pushing
        self._clock = clock
        self._channels = tuple(dict.fromkeys(wanted.channels))
        self._most = wanted.in_flight or IN_FLIGHT
        self._context = context
        self._given: dict[str, Claimed] = {}
        self._turn = asyncio.Event()

    async def run(self, requests: Requests, stopping: asyncio.Event) -> Refusal | None:
        """Until the subscriber leaves (None), says what does not hold, or the server stops."""
        ended = asyncio.create_task(self._wake_at(stopping))
        giving = asyncio.create_task(self._give(stopping))
        taking = asyncio.create_task(self._take(requests))
        try:
            await asyncio.wait((giving, taking), return_when=asyncio.FIRST_COMPLETED)
            return taking.result() if taking.done() else giving.result()
        except StoreUnavailable:
            return STORE_AWAY
        finally:
            for task in (ended, giving, taking):
                task.cancel()
            await asyncio.gather(ended, giving, taking, return_exceptions=True)

    async def _wake_at(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._turn.set()

    async def _give(self, stopping: asyncio.Event) -> Refusal:
        while not stopping.is_set():
            self._turn.clear()
            given = await self._look(stopping) if len(self._given) < self._most else 0
            if not given and not stopping.is_set():
                await self._wait(SECONDS_BETWEEN)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REPORT_SECONDS):
                while self._given:
                    self._turn.clear()
                    await self._turn.wait()
        return _STOPPING

    async def _wait(self, seconds: float) -> None:
        """Until something is reported, the server stops, or so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._turn.wait(), seconds)

    async def _look(self, stopping: asyncio.Event) -> int:
        """Give what may be sent now; how many. While the store is away, nothing."""
        given = 0
        with contextlib.suppress(StoreUnavailable):
            async for claimed in self._pushing.take(self._channels, self._most - len(self._given), self._clock()):
                self._given[claimed.held.name.message_id] = claimed
                await self._context.write(SubscribeResponse(message=push_message(claimed)).SerializeToString())
                given += 1
                if stopping.is_set():
                    break
        return given

    async def _take(self, requests: Requests) -> Refusal | None:
        async for request in requests:
            if isinstance(request, Refusal):
                return request
            if request.WhichOneof("said") != "report":
                return _ONCE
            report = read_report(request.report)
            if isinstance(report, Refusal):
                return report
            if not await self._reported(request.report, report):
                return _STRANGER
            self._turn.set()
        return None

    async def _reported(self, wire: PushReport, report: Report) -> bool:
        """Take a report, also of what another stream handed out where it names the customer; whether it is known."""
        claimed = self._given.pop(wire.message_id, None)
        if claimed is not None:
            await self._pushing.report(claimed, report, self._clock())
        elif wire.customer_id:
            whose = CustomerKey(tenant_of(self._context), wire.customer_id)
            await self._pushing.report_of(whose, wire.message_id, report, self._clock())
        return claimed is not None or bool(wire.customer_id)
