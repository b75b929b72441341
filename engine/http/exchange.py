"""One request and its reply, without the bytes of HTTP."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from engine.http.problem import Problem

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `path` as it was sent, percent signs and all; headers' names in lower case; `body` reads at most so
    many bytes, or tells why not."""

    verb: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: Callable[[int], Awaitable[bytes | Problem]]

    def header(self, name: str) -> str:
        """The value of a header, "" where it was not sent; the first where it was sent several times."""
        return next((value for known, value in self.headers if known == name), "")

    @property
    def has_body(self) -> bool:
        return bool(self.header("transfer-encoding")) or self.header("content-length") not in ("", "0")


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply; `kind` is its content type."""

    status: int
    body: bytes
    kind: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


class Answers(Protocol):
    """What a connection needs of the server behind it. While it is `leaving`, each reply is the last."""

    @property
    def leaving(self) -> bool: ...

    async def answer(self, asked: Asked) -> Reply: ...

    def refused(self, why: Problem) -> Reply:
        """The reply to what is no request."""
        ...


class HttpCaller:
    """Who asks over HTTP: the headers stand for the metadata of gRPC. `ends_at` is time.monotonic; None = no end."""

    __slots__ = ("_ends_at", "_headers")

    def __init__(self, headers: tuple[tuple[str, str], ...], seconds: float | None) -> None:
        self._headers = headers
        self._ends_at = None if seconds is None else time.monotonic() + seconds

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return self._headers

    def time_remaining(self) -> float | None:
        return None if self._ends_at is None else max(0.0, self._ends_at - time.monotonic())
