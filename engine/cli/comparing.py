"""What `befit policy diff` and `befit simulate` share: what they are told, reading the store, asking both sides."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.cli.comparison_tables import tell_comparison, tell_rows
from engine.cli.decide import read_context
from engine.cli.exits import NOT_COMPILED, UsageMistaken
from engine.cli.load import store_url
from engine.cli.output import Output, OutputOption
from engine.cli.questions_asked import LogSource, Met, Source, file_source
from engine.cli.tables import print_json
from engine.config import StoreConfig, read
from engine.redis.keyspace import StoreOptions
from engine.redis.store import RedisStore
from engine.simulation.comparison import Comparison, compared
from engine.simulation.plain import plain
from engine.simulation.sides import Plan, Sides
from engine.simulation.sources import Past, read_past
from engine.simulation.spread import Spread
from models.table_file import count_rows

MOST_PROCESSES = 8
FEW = 2000
"""Questions for which another process would take longer to start than it helps."""
_REPORT = "engine.simulation.report.page"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparingFlags:
    """What both commands may be told."""

    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml, and the store.")] = Path()
    bundle: Annotated[Path | None, typer.Option(help="Model bundle; without one the rules decide.")] = None
    new_bundle: Annotated[Path | None, typer.Option(help="Another bundle for the new side.")] = None
    log: Annotated[bool, typer.Option("--log", help="Over logged decisions; so without --customers.")] = False
    newest: Annotated[int, typer.Option(help="How many logged decisions, the newest.", min=1)] = 20_000
    redis_url: Annotated[str | None, typer.Option(help="Redis or Valkey; without one, the project's own store.")] = None
    customers: Annotated[Path | None, typer.Option(help="Over a Parquet or CSV file with customer_id instead.")] = None
    channel: Annotated[str, typer.Option(help="Where the customers of the file are met.")] = ""
    intent: Annotated[str, typer.Option(help="What they come for.")] = ""
    context: Annotated[list[str] | None, typer.Option(help="KEY=VALUE of the moment; may be given again.")] = None
    at: Annotated[datetime | None, typer.Option(help="When they are met, by the company's clock; else now.")] = None
    report: Annotated[Path | None, typer.Option(help="Write a report with plots, one .html file.")] = None
    processes: Annotated[int, typer.Option(help="Over how many processes; 0 = one for each core.", min=0)] = 0
    output: OutputOption = Output.TABLE


def past_of(told: ComparingFlags, revisions: Sequence[str] = ()) -> Past:
    """What the store says: the log where it is asked for, and the kept ones among `revisions`.

    Without need for either the store is left alone. Raises StoreUnavailable, StoreMismatch, EmbeddedFailed,
    UsageMistaken.
    """
    if told.log and told.customers is not None:
        raise UsageMistaken("--log and --customers exclude each other")
    if told.report is not None:
        _check_report(told.report)
    if told.customers is not None and not revisions:
        return Past()
    config = read(StoreConfig, {"redis_url": told.redis_url})
    newest = told.newest if told.customers is None else 0
    with store_url(config, told.project) as url:
        store = RedisStore(url, "simulate", StoreOptions(partitions=config.partitions))
        return asyncio.run(_read(store, config.partitions, newest, revisions))


def compare_sides(told: ComparingFlags, past: Past, plan: Plan) -> tuple[Comparison, Source]:
    """Ask both sides everything. Raises DocumentInvalid, BundleRefused, UsageMistaken."""
    with spread_for(told, past, plan) as spread:
        source = source_of(told, past, spread.sides)
        named = (plan.before.label, plan.after.label, source.words)
        with bar("decisions", source.total) as shown:
            batches = source.batches(spread.sides.features)
            found = compared(spread, batches, named, lambda done: shown.update(shown.task_ids[0], completed=done))
    return replace(found, unseen=plan.unseen), source


def spread_for(told: ComparingFlags, past: Past, plan: Plan) -> Spread:
    """Both sides over as many processes as are worth it. Raises DocumentInvalid, BundleRefused."""
    asked = sum(map(len, past.batches)) if told.customers is None else count_rows(told.customers)
    processes = told.processes or (1 if asked <= FEW else min(MOST_PROCESSES, os.cpu_count() or 1))
    shared = replace(plan, settings=past.settings, facts=past.facts, learned=past.learned)
    return Spread(shared, processes)


def source_of(told: ComparingFlags, past: Past, sides: Sides) -> Source:
    """What is asked. Raises UsageMistaken."""
    if told.customers is None:
        return LogSource(past.batches)
    met = Met(told.channel, told.intent, read_context(told.context or ()))
    return file_source(told.customers, sides, met, told.at)


def show(told: ComparingFlags, found: Comparison, source: Source) -> None:
    """Tell what was found, and write the report; end with 3 where rows of the file do not hold."""
    if told.report is not None:
        importlib.import_module(_REPORT).write_report(found, told.report)
    if told.output is Output.JSON:
        print_json(plain(found) | {"wrong_rows": source.wrong, "problems": [one.render() for one in source.problems]})
    else:
        tell_comparison(found)
        tell_rows(source.wrong, source.problems, told.report)
    if source.wrong:
        raise typer.Exit(NOT_COMPILED)


@contextmanager
def bar(what: str, total: int | None) -> Iterator[Progress]:
    """A bar on stderr that shows how many are done; nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        shown.add_task(what, total=total)
        yield shown


async def _read(store: RedisStore, partitions: int, newest: int, revisions: Sequence[str]) -> Past:
    try:
        await store.open()
        return await read_past(store, partitions, newest, revisions)
    finally:
        await store.close()


def _check_report(path: Path) -> None:
    """Before anything takes its time."""
    if path.suffix != ".html":
        raise UsageMistaken(f"--report {path} does not end in .html")
    if importlib.util.find_spec("matplotlib") is None:
        raise UsageMistaken("plots need matplotlib: pip install 'befit[report]'")
