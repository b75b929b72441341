"""`befit doctor`: whether installation, files and store are well, and what would mend what is not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from documents.problem import BefitError
from engine.cli.exits import GATE, UsageMistaken
from engine.cli.flags import flags
from engine.cli.load import store_url
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.config import StoreConfig, read
from engine.doctor.files import files
from engine.doctor.finding import Finding, State, note, wrong
from engine.doctor.installation import installation
from engine.doctor.log import log_findings
from engine.doctor.servers import server_findings
from engine.doctor.waiting import waiting
from engine.embedded.server_process import EmbeddedFailed
from engine.embedded.store import STORE_FOLDER
from engine.redis.keyspace import StoreOptions
from engine.redis.store import RedisStore
from engine.redis.url import UrlInvalid
from engine.store import StoreMismatch, StoreUnavailable

_STYLES: Mapping[State, str] = {State.WELL: "green", State.NOTE: "yellow", State.WRONG: "bold red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorFlags:
    """What `befit doctor` is told."""

    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml, and the store.")] = Path()
    bundle: Annotated[Path | None, typer.Option(help="Model bundle to look at too.")] = None
    redis_url: Annotated[str | None, typer.Option(help="Redis or Valkey; without one, the project's own store.")] = None
    output: OutputOption = Output.TABLE


@flags
def doctor(told: DoctorFlags) -> None:
    """Look at the installation, the project's files, the model and the store, and say what would mend what is not well.

    Changes nothing. Ends with 4 where something is wrong; notes alone end with 0.
    """
    now = time.time()
    found = [*installation(), *files(told.project, told.bundle, now), *_store(told, now)]
    if told.output is Output.JSON:
        print_json([asdict(one) for one in found])
    else:
        screen().print(table("", ("", "", "found", "what to do"), map(_row, found)))
    if any(one.state is State.WRONG for one in found):
        raise typer.Exit(GATE)


def _store(told: DoctorFlags, now: float) -> Iterator[Finding]:
    config = read(StoreConfig, {"redis_url": told.redis_url})
    if not config.redis_url and not (told.project / STORE_FOLDER).is_dir():
        yield note("store", "the project has none of its own yet", "befit load or befit serve makes it")
        return
    try:
        with store_url(config, told.project) as url:
            yield from asyncio.run(_examined(url, config, now))
    except UsageMistaken as mistaken:
        yield wrong("store", str(mistaken), "--project FOLDER")
    except StoreMismatch as mismatch:
        yield wrong("store", str(mismatch), "serve with the same BEFIT_PARTITIONS as before")
    except (StoreUnavailable, EmbeddedFailed, UrlInvalid) as away:
        yield wrong("store", f"does not answer: {_said(away)}", "start it, or name it with --redis-url")


async def _examined(url: str, config: StoreConfig, now: float) -> list[Finding]:
    store = RedisStore(url, "doctor", StoreOptions(partitions=config.partitions))
    try:
        await store.open()
        servers = [one for server in await store.vitals.servers() for one in server_findings(server)]
        log = log_findings(await store.vitals.streams(), await store.sinks.reached(), now)
        return [*servers, *log, *await waiting(store)]
    finally:
        await store.close()


def _said(away: BefitError) -> str:
    return f"{away} ({away.code})" if isinstance(away, StoreUnavailable) and str(away) != away.code else str(away)


def _row(one: Finding) -> tuple[str, ...]:
    style = _STYLES[one.state]
    return one.what, f"[{style}]{one.state}[/{style}]", escape(one.found), escape(one.mend)
