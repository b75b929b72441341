"""Messages to send: a stream that hands them out, and takes what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from typing import Any

import grpc

from befit.connection import failure
from befit.v1.push_pb2 import (
    PUSH_RESULT_FAILED,
    PUSH_RESULT_SENT,
    PUSH_RESULT_UNDELIVERABLE,
    PushMessage,
    PushReport,
    PushResult,
    SubscribeRequest,
    Subscription,
)

PATH = "/befit.v1.PushService/Subscribe"
MAX_REASON = 256
Open = Callable[[Iterator[SubscribeRequest]], Any]


def subscription_of(channels: Sequence[str], in_flight: int) -> SubscribeRequest:
    """What a stream begins with."""
    return SubscribeRequest(subscription=Subscription(channels=channels, in_flight=in_flight))


def report_of(message: PushMessage, result: PushResult.ValueType, why: str) -> SubscribeRequest:
    """What became of a message, as the stream takes it."""
    report = PushReport(message_id=message.message_id, result=result, reason=why[:MAX_REASON])
    return SubscribeRequest(report=report)


class Messages:
    """Iterate over what is to be sent, and say of each message what became of it; what is not said within a minute is
    handed out again. Ends with `close`, or by raising a ClientError."""

    def __init__(self, open_stream: Open, channels: Sequence[str], in_flight: int) -> None:
        self._said: SimpleQueue[SubscribeRequest | None] = SimpleQueue()
        self._said.put(subscription_of(channels, in_flight))
        self._stream = open_stream(iter(self._said.get, None))

    def __iter__(self) -> Iterator[PushMessage]:
        try:
            for response in self._stream:
                yield response.message
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.CANCELLED:
                raise failure(error) from error

    def sent(self, message: PushMessage) -> None:
        """It is sent."""
        self._report(message, PUSH_RESULT_SENT, "")

    def failed(self, message: PushMessage, why: str = "") -> None:
        """It could not be sent now: it comes again later."""
        self._report(message, PUSH_RESULT_FAILED, why)

    def undeliverable(self, message: PushMessage, why: str = "") -> None:
        """It can never be sent: it counts as not contacted."""
        self._report(message, PUSH_RESULT_UNDELIVERABLE, why)

    def finish(self) -> None:
        """Nothing more is said; the stream ends when all that was said is taken."""
        self._said.put(None)
        for _ in self:
            continue

    def close(self) -> None:
        """Leave at once."""
        self._said.put(None)
        self._stream.cancel()

    def _report(self, message: PushMessage, result: PushResult.ValueType, why: str) -> None:
        self._said.put(report_of(message, result, why))
