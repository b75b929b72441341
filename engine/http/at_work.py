"""What one worker serves over HTTP, joined once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from engine.config import ListenConfig
from engine.http.docs_page import SECURITY, docs_page
from engine.http.exchange import Asked, Reply
from engine.http.front import Front, Page
from engine.http.gateway import Gateway, served_routes
from engine.http.metrics_page import MetricsPage
from engine.http.openapi import openapi
from engine.service.calls import Calls, Unary

HTML = "text/html; charset=utf-8"


def front_of(
    unaries: Mapping[str, Unary[Any]], calls: Calls, listen: ListenConfig, channels: Callable[[], list[str]]
) -> Front:
    """All pages and routes. `channels` tells those of the policy in force, for examples."""
    served = served_routes(unaries, calls)
    routes = tuple(one.route for one in served)

    async def docs(asked: Asked) -> Reply:
        base = f"http://{asked.header('host') or 'localhost'}"
        page = await asyncio.to_thread(docs_page, routes, base, next(iter(channels()), "web"))
        return Reply(200, page, HTML, (("content-security-policy", SECURITY),))

    async def described(asked: Asked) -> Reply:
        del asked
        return Reply(200, await asyncio.to_thread(openapi, routes))

    pages: dict[str, Page] = {
        "/docs": docs,
        "/openapi.json": described,
        "/metrics": MetricsPage(listen.host, listen.metrics_port),
    }
    return Front(Gateway(served), pages, calls, listen.max_concurrent_calls)
