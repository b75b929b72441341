"""Messages to send, for asyncio: the stream of `befit.push`, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import grpc

from befit.connection import failure
from befit.push import report_of, subscription_of
from befit.v1.push_pb2 import (
    PUSH_RESULT_FAILED,
    PUSH_RESULT_SENT,
    PUSH_RESULT_UNDELIVERABLE,
    PushMessage,
    SubscribeRequest,
)

Open = Callable[[AsyncIterator[SubscribeRequest]], Any]


class Messages:
    """Iterate over what is to be sent, and say of each message what became of it; see `befit.push.Messages`."""

    def __init__(self, open_stream: Open, channels: Sequence[str], in_flight: int) -> None:
        self._said: asyncio.Queue[SubscribeRequest | None] = asyncio.Queue()
        self._said.put_nowait(subscription_of(channels, in_flight))
        self._stream = open_stream(self._requests())

    async def _requests(self) -> AsyncIterator[SubscribeRequest]:
        while (request := await self._said.get()) is not None:
            yield request

    async def __aiter__(self) -> AsyncIterator[PushMessage]:
        try:
            async for response in self._stream:
                yield response.message
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.CANCELLED:
                raise failure(error) from error

    def sent(self, message: PushMessage) -> None:
        """It is sent."""
        self._said.put_nowait(report_of(message, PUSH_RESULT_SENT, ""))

    def failed(self, message: PushMessage, why: str = "") -> None:
        """It could not be sent now: it comes again later."""
        self._said.put_nowait(report_of(message, PUSH_RESULT_FAILED, why))

    def undeliverable(self, message: PushMessage, why: str = "") -> None:
        """It can never be sent: it counts as not contacted."""
        self._said.put_nowait(report_of(message, PUSH_RESULT_UNDELIVERABLE, why))

    async def finish(self) -> None:
        """Nothing more is said; the stream ends when all that was said is taken."""
        self._said.put_nowait(None)
        async for _ in self:
            continue

    def close(self) -> None:
        """Leave at once."""
        self._said.put_nowait(None)
        self._stream.cancel()
