"""How every call is answered: within its time, as bytes or as a refusal, and never with the text of an exception.

An error that nobody foresaw is logged by its type and place (its text may hold a customer's data), counted, and
answered with UNAVAILABLE. Cost beside gRPC's own: about 5 us a call.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from documents.problem import BefitError
from engine.counts import Counts
from engine.refusal import NOT_ANSWERED, TOO_LATE, Refusal, RefusalKind
from engine.store import StoreUnavailable
from engine.wire.codec import problem_message, reader

PROBLEM_KEY = "befit-problem-bin"
STORE_AWAY = Refusal("store-unavailable", "the store does not answer; try again", kind=RefusalKind.UNAVAILABLE)
STATUS: Mapping[RefusalKind, grpc.StatusCode] = {
    RefusalKind.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    RefusalKind.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    RefusalKind.CONFLICT: grpc.StatusCode.ALREADY_EXISTS,
    RefusalKind.NOT_READY: grpc.StatusCode.FAILED_PRECONDITION,
    RefusalKind.TOO_LARGE: grpc.StatusCode.RESOURCE_EXHAUSTED,
    RefusalKind.TOO_LATE: grpc.StatusCode.DEADLINE_EXCEEDED,
    RefusalKind.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
}

M = TypeVar("M", bound=Message)
T = TypeVar("T")
Context = grpc.aio.ServicerContext[Any, Any]
Answer = bytes | Refusal
_LOG = logging.getLogger("befit.calls")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of calls: bytes of one message, seconds of a call; `bulk` for lists and files."""

    most_bytes: int = 65_536
    bulk_bytes: int = 1_310_720
    seconds: float = 1.0
    bulk_seconds: float = 30.0


class UnforeseenError(BefitError):
    """An exception that no one foresaw, met while answering; `where` tells type and place, never the text."""

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(where)


def tenant_of(context: Context) -> str:
    """Whose customers the call is about. One tenant until calls are authenticated."""
    del context
    return "default"


def where(failure: BaseException) -> str:
    """Type and the last three places of an exception, without its text."""
    frames = traceback.extract_tb(failure.__traceback__)[-3:]
    return f"{type(failure).__name__} at {' < '.join(f'{Path(f.filename).name}:{f.lineno}' for f in reversed(frames))}"


async def contained(answering: Awaitable[T]) -> T:
    """What was awaited. Raises UnforeseenError in place of exceptions that nobody foresaw."""
    try:
        return await answering
    except (StoreUnavailable, TimeoutError):
        raise
    except Exception as failure:
        raise UnforeseenError(where(failure)) from failure


@dataclass(frozen=True, slots=True)
class Method(Generic[M]):
    """A method of a service: at most `most_bytes` for one message, at most `seconds` for the call; None = it sees to
    that itself."""

    name: str
    request: type[M]
    most_bytes: int
    seconds: float | None

    @property
    def read(self) -> Callable[[bytes], M | Refusal]:
        return reader(self.request, self.most_bytes)


class Calls:
    """Builds handlers of methods, and counts what they answer."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts

    def unary(
        self, method: Method[M], answer: Callable[[M, Context], Coroutine[Any, Any, Answer]]
    ) -> grpc.RpcMethodHandler[Any, Any]:
        """The handler of a method that takes one message and gives one."""
        return grpc.unary_unary_rpc_method_handler(self._responder(method, answer), method.read, None)

    def gathered(
        self, method: Method[M], answer: Callable[[AsyncIterator[M | Refusal], Context], Coroutine[Any, Any, Answer]]
    ) -> grpc.RpcMethodHandler[Any, Any]:
        """The handler of a method that takes a stream of messages and gives one."""
        return grpc.stream_unary_rpc_method_handler(self._responder(method, answer), method.read, None)

    def _responder(
        self, method: Method[M], answer: Callable[[Any, Context], Coroutine[Any, Any, Answer]]
    ) -> Callable[[Any, Context], Coroutine[Any, Any, bytes]]:
        observe = self.counts.observer("befit_call_seconds", method.name)
        ok = (method.name, "OK")

        async def respond(wire: Any, context: Context) -> bytes:
            began = time.perf_counter()
            answered = wire if isinstance(wire, Refusal) else await self.answered(method, answer(wire, context))
            if isinstance(answered, Refusal):
                return await self.refuse(method.name, answered, context)
            self.counts.add("befit_calls", ok)
            observe(time.perf_counter() - began)
            return answered

        return respond

    async def answered(self, method: Method[M], answering: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer within the time limit; what goes wrong becomes a refusal."""
        try:
            if method.seconds is None:
                return await contained(answering)
            async with asyncio.timeout(method.seconds):
                return await contained(answering)
        except TimeoutError:
            return TOO_LATE
        except StoreUnavailable:
            return STORE_AWAY
        except UnforeseenError as met:
            self.note_unforeseen(method.name, met)
            return NOT_ANSWERED

    async def refuse(self, method: str, refusal: Refusal, context: Context) -> bytes:
        """End the call with the refusal's status. Never returns: gRPC ends the call by an exception."""
        status = STATUS[refusal.kind]
        self.counts.add("befit_calls", (method, status.name))
        problem = problem_message(refusal).SerializeToString()
        return await context.abort(status, refusal.sentence(), ((PROBLEM_KEY, problem),))

    def note_unforeseen(self, method: str, met: UnforeseenError) -> None:
        self.counts.add("befit_unforeseen", (method,))
        _LOG.error("%s met %s", method, met.where)
