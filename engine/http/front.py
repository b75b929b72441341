"""All that is served at one port: the routes of the contract, the page about them, and what probes and scrapers ask.

An error that nobody foresaw is noted by its type and place and answered without its text, as over gRPC.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson

from engine.http import problem
from engine.http.exchange import Asked, Reply
from engine.http.gateway import Gateway, Served
from engine.http.problem import Problem
from engine.http.routing import Found, Router
from engine.refusal import TOO_LATE
from engine.service.calls import STORE_AWAY, Calls, UnforeseenError, contained
from engine.store import StoreUnavailable

Page = Callable[[Asked], Awaitable[Reply | Problem]]
OTHER = "other"


@dataclass(slots=True)
class Standing:
    """How this worker stands: `leaving` once it was told to stop, `full_quality` while the store answers."""

    leaving: bool = False
    full_quality: bool = True


class Front:
    """Answers everything that comes over HTTP; of the contract's routes at most `most_at_once` at a time."""

    def __init__(self, gateway: Gateway, pages: dict[str, Page], calls: Calls, most_at_once: int) -> None:
        self.standing = Standing()
        own: dict[str, Page] = {"/healthz": self._alive, "/readyz": self._ready}
        self._gateway = gateway
        self._pages = Router(("GET", path, (path, page)) for path, page in {**own, **pages}.items())
        self._calls = calls
        self._most = most_at_once
        self._underway = 0

    async def answer(self, asked: Asked) -> Reply:
        """The reply, whatever is asked."""
        route, answering = self._served(asked)
        answered = answering if isinstance(answering, Problem) else await self._answered(route, answering)
        return self._noted(route, answered)

    def refused(self, why: Problem) -> Reply:
        """The reply to what is no request."""
        return self._noted(OTHER, why)

    def note(self, met: UnforeseenError) -> None:
        """A connection ended by an error that nobody foresaw."""
        self._calls.note_unforeseen("HTTP", met)

    @property
    def leaving(self) -> bool:
        return self.standing.leaving

    def _noted(self, route: str, answered: Reply | Problem) -> Reply:
        if isinstance(answered, Problem):
            answered = Reply(answered.status, answered.body(), problem.KIND, answered.headers)
        self._calls.counts.add("befit_http_replies", (route, str(int(answered.status))))
        return answered

    def _served(self, asked: Asked) -> tuple[str, Callable[[], Awaitable[Reply | Problem]] | Problem]:
        """The name of what answers, and that itself."""
        page = self._pages.find(asked.verb, asked.path)
        if isinstance(page, Found):
            name, answer = page.served
            return name, lambda: answer(asked)
        found = self._gateway.find(asked.verb, asked.path)
        if isinstance(found, Found):
            route = found.served.route
            return f"{route.verb} {route.path}", lambda: self._counted(found, asked)
        return OTHER, found if page is problem.NO_PATH else page

    async def _counted(self, found: Found[Served], asked: Asked) -> Reply | Problem:
        """A route's answer; where too many are in progress, none. Pages are no work, and probes must be answered."""
        if self._underway >= self._most:
            return problem.BUSY
        self._underway += 1
        try:
            return await self._gateway.answer(found, asked)
        finally:
            self._underway -= 1

    async def _answered(self, route: str, answering: Callable[[], Awaitable[Reply | Problem]]) -> Reply | Problem:
        try:
            return await contained(answering())
        except TimeoutError:
            return Problem.of(TOO_LATE)
        except StoreUnavailable:
            return Problem.of(STORE_AWAY)
        except UnforeseenError as met:
            self._calls.note_unforeseen(f"HTTP {route}", met)
            return problem.UNFORESEEN

    async def _alive(self, asked: Asked) -> Reply:
        """The loop turns."""
        del asked
        return Reply(200, b'{"status":"SERVING"}')

    async def _ready(self, asked: Asked) -> Reply:
        """Whether to send requests here; the store may be away, decisions are made all the same."""
        del asked
        told = {"ready": not self.standing.leaving, "fullQuality": self.standing.full_quality}
        return Reply(503 if self.standing.leaving else 200, orjson.dumps(told))
