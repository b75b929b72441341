"""PushService on the wire: one stream hands messages out, and takes what became of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc

from befit.v1.push_pb2 import SubscribeRequest, SubscribeResponse, Subscription
from engine.refusal import Refusal
from engine.service.calls import STORE_AWAY, Calls, Context, Limits, Method
from engine.service.ports import Clock, Ports, Pushing
from engine.store import StoreUnavailable
from engine.triggers.store import Claimed
from engine.wire.push import IN_FLIGHT, push_message, read_report, subscription_refusal
from rules.policy import Direction

NAME = "befit.v1.PushService"
SECONDS_BETWEEN = 0.5
"""Between two looks for what may be sent, while there is nothing."""
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

    def handler(self) -> grpc.GenericRpcHandler:
        """The service for a server."""
        methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}
        if self._ports.pushing is not None:
            methods["Subscribe"] = grpc.stream_stream_rpc_method_handler(self.subscribe, self._method.read, None)
        return grpc.method_handlers_generic_handler(NAME, methods)

    async def subscribe(self, requests: Requests, context: Context) -> None:
        """Hand out messages until the subscriber leaves."""
        assert self._ports.pushing is not None
        wanted = await self._wanted(requests)
        if isinstance(wanted, Refusal):
            await self._calls.refuse(self._method.name, wanted, context)
            return
        stream = _Stream(self._ports.pushing, self._ports.clock, wanted, context)
        refusal = await stream.run(requests)
        if refusal is not None:
            await self._calls.refuse(self._method.name, refusal, context)
        self._calls.counts.add("befit_calls", (self._method.name, "OK"))

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
        self._reported = asyncio.Event()

    async def run(self, requests: Requests) -> Refusal | None:
        """Until the subscriber leaves (None), or says what does not hold."""
        giving = asyncio.create_task(self._give())
        taking = asyncio.create_task(self._take(requests))
        try:
            await asyncio.wait((giving, taking), return_when=asyncio.FIRST_COMPLETED)
            return taking.result() if taking.done() else giving.result()
        except StoreUnavailable:
            return STORE_AWAY
        finally:
            for task in (giving, taking):
                task.cancel()
            await asyncio.gather(giving, taking, return_exceptions=True)

    async def _give(self) -> Refusal | None:
        while True:
            self._reported.clear()
            given = await self._look() if len(self._given) < self._most else 0
            if not given:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._reported.wait(), SECONDS_BETWEEN)

    async def _look(self) -> int:
        """Give what may be sent now; how many. While the store is away, nothing."""
        given = 0
        with contextlib.suppress(StoreUnavailable):
            async for claimed in self._pushing.take(self._channels, self._most - len(self._given), self._clock()):
                self._given[claimed.held.name.message_id] = claimed
                await self._context.write(SubscribeResponse(message=push_message(claimed)).SerializeToString())
                given += 1
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
            claimed = self._given.pop(request.report.message_id, None)
            if claimed is None:
                return _STRANGER
            await self._pushing.report(claimed, report, self._clock())
            self._reported.set()
        return None
