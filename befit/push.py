"""Messages to send: a stream that hands them out, and takes what became of them.

A server that stops, or a connection that breaks, is no end: the stream begins again by itself, maybe with another
server, and says there what it said last, since nobody knows what of it arrived.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from typing import Any

import grpc

from befit.connection import failure
from befit.errors import ClientError, Overloaded, Unreachable
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
SAID_AGAIN = 1000
"""Reports that are said again at most: as many as a stream may have in flight."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""s before a stream begins again; doubled each time in vain."""
Open = Callable[[Iterator[SubscribeRequest]], Any]
Paused = Callable[[ClientError], None]


class Conversation:
    """What is said on a stream, and again on the one after it."""

    def __init__(self, channels: Sequence[str], in_flight: int) -> None:
        self._first = SubscribeRequest(subscription=Subscription(channels=channels, in_flight=in_flight))
        self._last: deque[SubscribeRequest] = deque(maxlen=min(in_flight or SAID_AGAIN, SAID_AGAIN))
        self._begun = False
        self.pause = FIRST_PAUSE
        self.over = False

    def beginning(self) -> list[SubscribeRequest]:
        """What a stream begins with."""
        return [self._first, *self._last]

    def report(self, message: PushMessage, result: PushResult.ValueType, why: str) -> SubscribeRequest:
        """What became of a message, as streams take it."""
        whose = {"message_id": message.message_id, "customer_id": message.customer_id}
        said = SubscribeRequest(report=PushReport(**whose, result=result, reason=why[:MAX_REASON]))
        if result != PUSH_RESULT_FAILED:
            self._last.append(said)
        return said

    def heard(self) -> None:
        """The server answers."""
        self._begun, self.pause = True, FIRST_PAUSE

    def broken(self, error: grpc.RpcError) -> ClientError | None:
        """A stream ended by an error: None where it was to end, else why a pause is made. Raises what is no reason to
        begin again: a refusal, and that no server could be reached from the first."""
        if self.over:
            return None
        met = failure(error)
        if not self._begun or not isinstance(met, Unreachable | Overloaded):
            raise met from error
        return met

    def next_pause(self) -> float:
        """Seconds to wait now."""
        now, self.pause = self.pause, min(LONGEST_PAUSE, self.pause * 2)
        return now


class Messages:
    """Iterate over what is to be sent, and say of each message what became of it; what is not said within a minute is
    handed out again. Ends with `close` or `finish`, or by raising a ClientError. `paused` is told why nothing comes
    for a moment."""

    def __init__(self, open_stream: Open, channels: Sequence[str], in_flight: int, paused: Paused | None) -> None:
        self._open = open_stream
        self._paused = paused
        self._talk = Conversation(channels, in_flight)
        self._begin()

    def _begin(self) -> None:
        self._said: SimpleQueue[SubscribeRequest | None] = SimpleQueue()
        for request in self._talk.beginning():
            self._said.put(request)
        self._stream = self._open(iter(self._said.get, None))

    def __iter__(self) -> Iterator[PushMessage]:
        while True:
            try:
                yield from self._heard()
                return
            except grpc.RpcError as error:
                self._said.put(None)
                why = self._talk.broken(error)
            if why is None:
                return
            if self._paused is not None:
                self._paused(why)
            time.sleep(self._talk.next_pause())
            if self._talk.over:
                return
            self._begin()

    def _heard(self) -> Iterator[PushMessage]:
        self._stream.initial_metadata()
        if self._stream.is_active():
            self._talk.heard()
        for response in self._stream:
            self._talk.heard()
            yield response.message

    def sent(self, message: PushMessage) -> None:
        """It is sent."""
        self._said.put(self._talk.report(message, PUSH_RESULT_SENT, ""))

    def failed(self, message: PushMessage, why: str = "") -> None:
        """It could not be sent now: it comes again later."""
        self._said.put(self._talk.report(message, PUSH_RESULT_FAILED, why))

    def undeliverable(self, message: PushMessage, why: str = "") -> None:
        """It can never be sent: it counts as not contacted."""
        self._said.put(self._talk.report(message, PUSH_RESULT_UNDELIVERABLE, why))

    def leave(self) -> None:
        """Nothing more is said: iterating ends when all that was said is taken. May be called by another thread, or by
        a signal's handler."""
        self._talk.over = True
        self._said.put(None)

    def finish(self) -> None:
        """Leave, and wait until all that was said is taken."""
        self.leave()
        with contextlib.suppress(grpc.RpcError):
            for _ in self._stream:
                continue

    def close(self) -> None:
        """Leave at once."""
        self._talk.over = True
        self._said.put(None)
        self._stream.cancel()
