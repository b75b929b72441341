"""The whole demonstration: a company made up, learnt from and served as `befit serve` would; then the story."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from befit import Client
from documents.problem import BefitError
from engine.config import ListenConfig, ProjectConfig, ServeConfig, StoreConfig, WorkersConfig
from engine.demo.loading import write_customers
from engine.demo.pack import pack_folder
from engine.demo.performance import Performance
from engine.demo.preparing import Company, Learnt, Scale, found_company, learn
from engine.demo.programme import closing, hints, learnt_from, opening, ready
from engine.demo.scene import PATIENCE_MS, Scene, Stage
from engine.demo.steps import Steps
from engine.demo.story import tell
from engine.demo.telling import LEGEND, show
from engine.embedded.store import ephemeral_store
from engine.workers import supervisor

HOST = "127.0.0.1"
PORT, HTTP_PORT, METRICS_PORT = 50051, 8080, 9464
WORKERS = 2
WARM_UP = 60
"""Questions asked beforehand, dry runs, so that the times shown are those of a server that has run for a while."""


class ServerFailed(BefitError):
    """The demonstration's server ended before the story was told."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to show: `once` = end after the story; `port` None = the usual one, or any where that is taken."""

    once: bool
    port: int | None
    scale: Scale
    now: float


def give(plan: Plan, console: Console) -> tuple[Scene, ...]:
    """Give the demonstration on the console; the scenes as they came out.

    Raises BefitError where the server cannot run, ClientError where it does not answer, KeyboardInterrupt where it was
    stopped before the end.
    """
    listen = _listen(plan)
    scenes: list[Scene] = []
    with ExitStack() as owned:
        folder = Path(
            owned.enter_context(tempfile.TemporaryDirectory(prefix="befit-demo-", ignore_cleanup_errors=True))
        )
        store = owned.enter_context(ephemeral_store())
        company, learnt = _prepare(plan, folder, store.url, console)
        performance = Performance(_play(plan, company, console, scenes), stays=not plan.once)
        code = supervisor.serve(_config(listen, company, learnt, store.url), performance.begin)
        performance.end()
    if performance.failure:
        raise performance.failure
    if code:
        raise ServerFailed(f"the server ended with {code} before the story was told")
    if not performance.finished:
        raise KeyboardInterrupt
    return tuple(scenes)


def _prepare(plan: Plan, folder: Path, url: str, console: Console) -> tuple[Company, Learnt]:
    project, scale = pack_folder("telco"), plan.scale
    with Steps(console) as steps, ThreadPoolExecutor(1) as beside:
        console.print(opening())
        with steps.step(f"{scale.customers:,} customers and {scale.contacts:,} contacts of 180 days made up"):
            company = found_company(project, folder, scale, plan.now)
        loading = beside.submit(_load, company, url, steps)
        with steps.step("chances of acceptance learnt from the contacts") as done:
            learnt = learn(company, folder / "bundle", scale.training, done)
        loading.result()
    console.print(learnt_from(learnt))
    return company, learnt


def _load(company: Company, url: str, steps: Steps) -> None:
    with steps.step("customers written into the store") as done:
        asyncio.run(write_customers(company.customers, url, company.schema, done))


def _play(plan: Plan, company: Company, console: Console, scenes: list[Scene]) -> Callable[[ServeConfig], None]:
    def play(config: ServeConfig) -> None:
        with Client(f"{HOST}:{config.listen.port}") as client:
            client.wait_until_ready()
            _warm_up(client, company)
            console.print(ready(config.listen, WORKERS, LEGEND.format(currency=company.policy.currency)))
            stage = Stage(client, company.cast, {action.id: action for action in company.policy.actions})
            for number, scene in enumerate(tell(stage), start=1):
                show(console, number, scene)
                scenes.append(scene)
        console.print(closing(scenes))
        if not plan.once:
            for line in hints(config.listen, company.cast):
                console.print(line, soft_wrap=True)

    return play


def _warm_up(client: Client, company: Company) -> None:
    channels = list(company.policy.channels)
    for number in range(WARM_UP):
        client.decide(f"c-{number:05d}", channels[number % len(channels)], deadline_ms=PATIENCE_MS, dry_run=True)


def _config(listen: ListenConfig, company: Company, learnt: Learnt, url: str) -> ServeConfig:
    """As `befit serve --workers 2` would have it, but patient with a store that shares two busy cores with all else,
    and quick to end."""
    return ServeConfig(
        project=ProjectConfig(project=company.project, bundle=learnt.bundle, watch=False),
        listen=listen,
        store=StoreConfig(redis_url=url, read_timeout_ms=250.0, commit_timeout_ms=500.0),
        workers=WorkersConfig(workers=WORKERS, drain_pause_seconds=0.0, drain_grace_seconds=2.0),
    )


def _listen(plan: Plan) -> ListenConfig:
    """Where to listen: the usual ports where they are free, else any; any for a story that is told once. Raises
    PortInUse, before anything is made, where the port that was asked for is taken."""
    if plan.port and not _free(plan.port):
        raise supervisor.PortInUse(f"another program listens on {HOST}:{plan.port}")
    if plan.once:
        return ListenConfig(host=HOST, port=plan.port or 0, metrics_port=-1)
    port = (PORT if _free(PORT) else 0) if plan.port is None else plan.port
    http, metrics = (usual if _free(usual) else 0 for usual in (HTTP_PORT, METRICS_PORT))
    return ListenConfig(host=HOST, port=port, http_port=http, metrics_port=metrics)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
