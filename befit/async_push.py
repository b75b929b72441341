"""Messages to send, for asyncio: the stream of `befit.push`, awaited."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import grpc

from befit.push import Conversation, Paused
from befit.v1.push_pb2 import (
    PUSH_RESULT_FAILED,
    PUSH_RESULT_SENT,
    PUSH_RESULT_UNDELIVERABLE,
    PushMessage,
    SubscribeRequest,
)

Open = Callable[[AsyncIterator[SubscribeRequest]], Any]
Said = asyncio.Queue[SubscribeRequest | None]


class Messages:
    """Iterate over what is to be sent, and say of each message what became of it; see `befit.push.Messages`."""

    def __init__(self, open_stream: Open, channels: Sequence[str], in_flight: int, paused: Paused | None) -> None:
        self._open = open_stream
        self._paused = paused
        self._talk = Conversation(channels, in_flight)
        self._begin()

    def _begin(self) -> None:
        self._said: Said = asyncio.Queue()
        for request in self._talk.beginning():
            self._said.put_nowait(request)
        self._stream = self._open(_requests(self._said))

    async def __aiter__(self) -> AsyncIterator[PushMessage]:
        while True:
            try:
                await self._stream.initial_metadata()
                if not self._stream.done():
                    self._talk.heard()
                async for response in self._stream:
                    yield response.message
                return
            except grpc.RpcError as error:
                self._said.put_nowait(None)
                why = self._talk.broken(error)
            if why is None:
                return
            if self._paused is not None:
                self._paused(why)
            await asyncio.sleep(self._talk.next_pause())
            if self._talk.over:
                return
            self._begin()

    def sent(self, message: PushMessage) -> None:
        """It is sent."""
        self._said.put_nowait(self._talk.report(message, PUSH_RESULT_SENT, ""))

    def failed(self, message: PushMessage, why: str = "") -> None:
        """It could not be sent now: it comes again later."""
        self._said.put_nowait(self._talk.report(message, PUSH_RESULT_FAILED, why))

    def undeliverable(self, message: PushMessage, why: str = "") -> None:
        """It can never be sent: it counts as not contacted."""
        self._said.put_nowait(self._talk.report(message, PUSH_RESULT_UNDELIVERABLE, why))

    def leave(self) -> None:
        """Nothing more is said: iterating ends when all that was said is taken."""
        self._talk.over = True
        self._said.put_nowait(None)

    async def finish(self) -> None:
        """Leave, and wait until all that was said is taken."""
        self.leave()
        with contextlib.suppress(grpc.RpcError):
            async for _ in self._stream:
                continue

    def close(self) -> None:
        """Leave at once."""
        self._talk.over = True
        self._said.put_nowait(None)
        self._stream.cancel()


async def _requests(said: Said) -> AsyncIterator[SubscribeRequest]:
    while (request := await said.get()) is not None:
        yield request
