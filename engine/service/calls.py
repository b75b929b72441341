"""How every call is answered: within its time, as bytes or as a refusal, and never with the text of an exception.

An error that nobody foresaw is logged by its type and place (its text may hold a customer's data), counted, and
answered with UNAVAILABLE. Cost beside gRPC's own: about 5 us a call.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

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


class Caller(Protocol):
    """Who asks, over whichever wire: what came along with the call, and for how long an answer is waited for (s; None =
    no end)."""

    def invocation_metadata(self) -> Iterable[Any] | None:
        """Pairs of a name in lower case and a value: metadata of gRPC, headers of HTTP."""
        ...

    def time_remaining(self) -> float | None: ...


def tenant_of(caller: Caller) -> str:
    """Whose customers the call is about. One tenant until calls are authenticated."""
    del caller
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


@dataclass(frozen=True, slots=True)
class Unary(Generic[M]):
    """A method that takes one message and gives one, and what answers it, over whichever wire."""

    method: Method[M]
    answer: Callable[[M, Caller], Coroutine[Any, Any, Answer]]


class Calls:
    """Answers methods, counts what they answer, and builds their handlers for gRPC."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts

    def unaries(self, methods: Sequence[Unary[Any]]) -> dict[str, grpc.RpcMethodHandler[Any, Any]]:
        """The handlers of methods that take one message and give one, by name."""
        return {
            one.method.name: grpc.unary_unary_rpc_method_handler(
                self._responder(one.method, one.answer), one.method.read, None
            )
            for one in methods
        }

    def gathered(
        self, method: Method[M], answer: Callable[[AsyncIterator[M | Refusal], Caller], Coroutine[Any, Any, Answer]]
    ) -> grpc.RpcMethodHandler[Any, Any]:
        """The handler of a method that takes a stream of messages and gives one."""
        return grpc.stream_unary_rpc_method_handler(self._responder(method, answer), method.read, None)

    def answering(
        self, method: Method[M], answer: Callable[[Any, Caller], Coroutine[Any, Any, Answer]]
    ) -> Callable[[Any, Caller], Coroutine[Any, Any, Answer]]:
        """What answers what was sent, be it a message or why it is none, and counts and times that."""
        observe = self.counts.observer("befit_call_seconds", method.name)
        ok = (method.name, "OK")

        async def answer_counted(wire: Any, caller: Caller) -> Answer:
            began = time.perf_counter()
            if isinstance(wire, Refusal):
                answered: Answer = wire
            else:
                answered = await self.answered(method, answer(wire, caller), caller.time_remaining())
            if isinstance(answered, Refusal):
                self.counts.add("befit_calls", (method.name, STATUS[answered.kind].name))
                return answered
            self.counts.add("befit_calls", ok)
            observe(time.perf_counter() - began)
            return answered

        return answer_counted

    def _responder(
        self, method: Method[M], answer: Callable[[Any, Caller], Coroutine[Any, Any, Answer]]
    ) -> Callable[[Any, Context], Coroutine[Any, Any, bytes]]:
        answering = self.answering(method, answer)

        async def respond(wire: Any, context: Context) -> bytes:
            answered = await answering(wire, context)
            return await _end(answered, context) if isinstance(answered, Refusal) else answered

        return respond

    async def answered(
        self, method: Method[M], answering: Coroutine[Any, Any, Answer], waited: float | None = None
    ) -> Answer:
        """The answer within the time limit, or what the caller waits (s); what goes wrong becomes a refusal."""
        try:
            if method.seconds is None:
                return await contained(answering)
            async with asyncio.timeout(method.seconds if waited is None else min(waited, method.seconds)):
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
        self.counts.add("befit_calls", (method, STATUS[refusal.kind].name))
        return await _end(refusal, context)

    def note_unforeseen(self, method: str, met: UnforeseenError) -> None:
        self.counts.add("befit_unforeseen", (method,))
        _LOG.error("%s met %s", method, met.where)


async def _end(refusal: Refusal, context: Context) -> bytes:
    problem = problem_message(refusal).SerializeToString()
    return await context.abort(STATUS[refusal.kind], refusal.sentence(), ((PROBLEM_KEY, problem),))
