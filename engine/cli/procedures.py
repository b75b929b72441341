"""`befit procedures`: how long the steps of standard procedures take, by team, from the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.exits import UsageMistaken
from engine.cli.flags import flags
from engine.cli.load import store_url
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.config import StoreConfig, read
from engine.events.event_record import EventRecord
from engine.page.figures import clock
from engine.procedures.reading import procedure_events
from engine.procedures.times import StepTimes, times_by_team
from engine.project import load_snapshot
from engine.redis.keyspace import StoreOptions
from engine.redis.store import RedisStore

DAY = 86_400.0
_COLUMNS = ("procedure", "step", "team", "done ", "in time ", "median ", "slowest tenth ", "target ", "overdue now ")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProceduresFlags:
    """What `befit procedures` is told."""

    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml, and the store.")] = Path()
    redis_url: Annotated[str | None, typer.Option(help="Redis or Valkey; without one, the project's own store.")] = None
    days: Annotated[float, typer.Option(help="How many days to look back.", min=0.0)] = 30.0
    output: OutputOption = Output.TABLE


@flags
def procedures(told: ProceduresFlags) -> None:
    """Tell how long the steps of procedures take, by team, and which are overdue now. Nothing is written anywhere."""
    policy = load_snapshot(told.project, None).policy.policy
    if not policy.procedures:
        raise UsageMistaken("policy.yaml has no procedures")
    config, now = read(StoreConfig, {"redis_url": told.redis_url}), time.time()
    with store_url(config, told.project) as url:
        store = RedisStore(url, "procedures", StoreOptions(partitions=config.partitions))
        events = asyncio.run(_read(store, config.partitions, now - told.days * DAY))
    found = times_by_team(events, policy.procedures, now)
    if told.output is Output.JSON:
        print_json({"days": told.days, "events": len(events), "steps": [asdict(one) for one in found]})
    else:
        screen().print(table(f"{policy.company}: the last {told.days:g} days", _COLUMNS, _rows(found)))


async def _read(store: RedisStore, partitions: int, since: float) -> list[EventRecord]:
    await store.open()
    try:
        return await procedure_events(store, partitions, since)
    finally:
        await store.close()


def _rows(found: Iterable[StepTimes]) -> Iterable[tuple[str, ...]]:
    for one in found:
        share = f"{one.in_time / one.done:.0%}" if one.done else ""
        times = (clock(one.median_seconds), clock(one.slowest_tenth_seconds)) if one.done else ("", "")
        target = clock(one.within) if one.within else "none"
        yield (one.procedure, one.step, one.team, str(one.done), share, *times, target, str(one.overdue))
