"""One connection: requests one after the other, read and answered as HTTP/1.1 by h11, until either side has had enough.

Every wait on the other side has an end, and everything that it may send has a bound.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import h11

from documents.problem import BefitError
from engine.http import problem
from engine.http.exchange import Answers, Asked, Reply
from engine.http.problem import Problem

CHUNK = 65_536
HEAD_BYTES = 16_384
LEFT_OVER_BYTES = 4_194_304
_BROKEN: Mapping[int, Problem] = {
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: problem.BIG_HEAD,
    HTTPStatus.NOT_IMPLEMENTED: problem.NO_HTTP,
}
_ORIGIN = re.compile(r"\Ahttps?://[^/?]*", re.IGNORECASE)
"""What stands before the path where a request is sent as to a proxy."""

Event = type[h11.NEED_DATA] | type[h11.PAUSED] | h11.Event


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that the other side gets: between two requests, for path and headers, for a body, for taking a reply, and
    for what it still sends after it was refused."""

    idle: float = 60.0
    head: float = 5.0
    body: float = 10.0
    taking: float = 10.0
    left_over: float = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """The two directions of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def close(self, seconds: float) -> None:
        """End it once all is sent, at the latest after so many seconds."""
        with contextlib.suppress(OSError):
            self.writer.close()
            async with asyncio.timeout(seconds):
                await self.writer.wait_closed()
        self.writer.transport.abort()


class Conversation:
    """Answers what comes over a line."""

    def __init__(self, line: Line, answers: Answers, patience: Patience) -> None:
        self._line = line
        self._answers = answers
        self._patience = patience
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)
        self.idle = True

    async def run(self) -> None:
        """Answer until the end."""
        with contextlib.suppress(OSError):
            while await self._exchange():
                self._http.start_next_cycle()
            await self._leave()
        await self._line.close(self._patience.taking)

    async def _exchange(self) -> bool:
        """Answer one request; whether another may follow."""
        try:
            head = await self._head()
            if head is None:
                return False
            await self._send(await self._answers.answer(self._asked(head)), head.method)
        except h11.RemoteProtocolError as broken:
            await self._refuse(_BROKEN.get(broken.error_status_hint, problem.BAD_HTTP))
        except _SlowHead:
            await self._refuse(problem.SLOW)
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _head(self) -> h11.Request | None:
        """The next request's path and headers; None where none comes any more."""
        event: Event = self._http.next_event()
        if event is h11.NEED_DATA:
            self.idle = True
            async with asyncio.timeout(self._patience.idle):
                self._http.receive_data(await self._line.reader.read(CHUNK))
            self.idle = False
            try:
                async with asyncio.timeout(self._patience.head):
                    event = await self._event()
            except TimeoutError:
                raise _SlowHead from None
        return event if isinstance(event, h11.Request) else None

    async def _event(self) -> Event:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                await self._write(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(await self._line.reader.read(CHUNK))
        return event

    def _asked(self, head: h11.Request) -> Asked:
        path, _, query = _ORIGIN.sub("", head.target.decode("latin-1"), count=1).partition("?")
        headers = tuple((name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers)
        length = next((int(value) for name, value in headers if name == "content-length"), 0)
        return Asked(head.method.decode("ascii"), path, query, headers, lambda most: self._body(length, most))

    async def _body(self, length: int, most: int) -> bytes | Problem:
        if length > most:
            return problem.TOO_BIG
        body = bytearray()
        try:
            async with asyncio.timeout(self._patience.body):
                while isinstance(event := await self._event(), h11.Data):
                    body += event.data
                    if len(body) > most:
                        return problem.TOO_BIG
        except TimeoutError:
            return problem.SLOW
        except (h11.RemoteProtocolError, OSError):
            return problem.BAD_HTTP
        return bytes(body) if isinstance(event, h11.EndOfMessage) else problem.BAD_HTTP

    async def _refuse(self, why: Problem) -> None:
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            await self._send(self._answers.refused(why))

    async def _send(self, reply: Reply, method: bytes = b"GET") -> None:
        headers = [
            ("content-type", reply.kind),
            ("content-length", str(len(reply.body))),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            *reply.headers,
        ]
        if self._answers.leaving or not self._read_to_the_end():
            headers.append(("connection", "close"))
        status = HTTPStatus(reply.status)
        pieces: list[h11.Event] = [h11.Response(status_code=status, headers=headers, reason=status.phrase.encode())]
        if method != b"HEAD":
            pieces.append(h11.Data(data=reply.body))
        await self._write(*pieces, h11.EndOfMessage())

    async def _write(self, *pieces: h11.Event) -> None:
        self._line.writer.write(b"".join(self._http.send(piece) or b"" for piece in pieces))
        async with asyncio.timeout(self._patience.taking):
            await self._line.writer.drain()

    def _read_to_the_end(self) -> bool:
        """Whether all of the request is here; what nobody read of it is passed over."""
        with contextlib.suppress(h11.RemoteProtocolError):
            while self._http.their_state is h11.SEND_BODY and self._http.next_event() is not h11.NEED_DATA:
                pass
        return self._http.their_state in (h11.DONE, h11.MUST_CLOSE)

    async def _leave(self) -> None:
        """Let the other side take the last reply before the line is cut: what it still sends is passed over."""
        self.idle = True
        if self._line.reader.at_eof():
            return
        self._line.writer.write_eof()
        left = LEFT_OVER_BYTES
        async with asyncio.timeout(self._patience.left_over):
            while left > 0 and (sent := await self._line.reader.read(CHUNK)):
                left -= len(sent)


class _SlowHead(BefitError):
    """Path and headers did not come in time."""
