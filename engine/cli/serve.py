"""`befit serve`: run a server until it is told to stop."""

from __future__ import annotations

import dataclasses
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.flags import flags
from engine.cli.tables import screen
from engine.config import ServeConfig, read_serve
from engine.workers import supervisor


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeFlags:
    """What `befit serve` may be told; None = not told. Names are those of the settings."""

    project: Annotated[Path | None, typer.Option(help="Folder with policy.yaml and features.yaml.")] = None
    bundle: Annotated[Path | None, typer.Option(help="Model bundle; without one the rules decide.")] = None
    redis_url: Annotated[str | None, typer.Option(help="Redis or Valkey; without one, one is run here.")] = None
    workers: Annotated[int | None, typer.Option(help="Worker processes.")] = None
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None
    port: Annotated[int | None, typer.Option(help="Port for gRPC; 0 = any.")] = None
    http_port: Annotated[int | None, typer.Option(help="Port for JSON over HTTP and /docs; -1 = none.")] = None
    metrics_port: Annotated[int | None, typer.Option(help="Port for /metrics; -1 = none.")] = None
    plaintext: Annotated[bool | None, typer.Option(help="Beyond this machine: something else guards it.")] = None
    watch: Annotated[bool | None, typer.Option(help="Put changed files of the project in force.")] = None
    reflection: Annotated[bool | None, typer.Option(help="Let tools list the services.")] = None


@flags
def serve(told: ServeFlags) -> None:
    """Answer decisions over gRPC, and HTTP where asked, until stopped with Ctrl-C or SIGTERM.

    Every option can be given as a variable too, and more settings besides: BEFIT_PORT, BEFIT_REDIS_URL, ...
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(process)d %(message)s")
    raise typer.Exit(supervisor.serve(read_serve(dataclasses.asdict(told)), announce))


def announce(config: ServeConfig) -> None:
    """Say where the server answers."""
    listen = config.listen
    lines = [f"gRPC     {listen.host}:{listen.port}"]
    if listen.http_port >= 0:
        lines.append(f"http     http://{listen.host}:{listen.http_port}/docs")
    if listen.metrics_port >= 0:
        lines.append(f"metrics  http://{listen.host}:{listen.metrics_port}/metrics")
    lines.append(f"store    {store_shown(config.store.redis_url)}")
    screen().print("\n".join(["[bold]Befit answers[/bold]", *lines]), soft_wrap=True)


def store_shown(url: str) -> str:
    """The store's address without its credentials."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
