"""`befit load`: write customers from a file into the store that decisions are made from."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.cli.exits import NOT_COMPILED, UsageMistaken
from engine.cli.flags import flags
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen
from engine.config import StoreConfig, read
from engine.customers_file import CONSENT
from engine.embedded.store import project_store
from engine.load import Loaded, Loading, LoadJob
from engine.load_progress import Checkpoint, rejected_path
from engine.project import FEATURES_FILE, POLICY_FILE
from engine.redis.keyspace import StoreOptions
from engine.redis.store import RedisStore
from engine.snapshot import facts_of
from models.feature_file import load_features
from models.features import FeatureSchema
from models.table_file import column_names, count_rows
from rules.policy_file import load_policy

TENANT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadFlags:
    """What `befit load` is told."""

    customers: Annotated[Path, typer.Option(help="Parquet or CSV file with customer_id and features.")]
    project: Annotated[Path, typer.Option(help="Folder with features.yaml, and policy.yaml if there is one.")] = Path()
    redis_url: Annotated[str | None, typer.Option(help="Redis or Valkey; without one, the project's own store.")] = None
    rejected: Annotated[Path | None, typer.Option(help="Where rows that do not hold go; else beside the file.")] = None
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew, also where a load broke off.")] = False
    output: OutputOption = Output.TABLE


@flags
def load(told: LoadFlags) -> None:
    """Write all customers of a file; those who are known already get their features anew.

    A load that broke off goes on where it was. Ends with 3 where rows of the file do not hold; they are kept aside
    with their lines, and the others are written.
    """
    schema = load_features(told.project / FEATURES_FILE)
    job = LoadJob(told.customers, schema, TENANT, time.time(), _channels(told, schema))
    config = read(StoreConfig, {"redis_url": told.redis_url})
    total = count_rows(told.customers)
    rejected = told.rejected or rejected_path(told.customers)
    if rejected.resolve() == told.customers.resolve():
        raise UsageMistaken("--rejected is the file of customers itself: name another")
    began = time.perf_counter()
    with store_url(config, told.project) as url, bar(total) as shown:
        where = config.redis_url or "project"
        checkpoint = Checkpoint(told.project, told.customers, f"{schema.hash.hex()}\0{where}\0{TENANT}")
        if told.restart:
            checkpoint.clear()
        loading = Loading(job, checkpoint, rejected, lambda rows: shown.update(shown.task_ids[0], completed=rows))
        loaded = asyncio.run(_into_store(loading, url, config))
    _report(loaded, rejected, told.output, time.perf_counter() - began)
    if loaded.progress.rejected:
        raise typer.Exit(NOT_COMPILED)


def _channels(told: LoadFlags, schema: FeatureSchema) -> Collection[str] | None:
    """The channels of the project's policy; None where there is none, or where the file tells of no consent."""
    policy = told.project / POLICY_FILE
    if not policy.is_file() or not any(name.startswith(CONSENT) for name in column_names(told.customers)):
        return None
    return load_policy(policy, facts_of(schema)).policy.channels


async def _into_store(loading: Loading, url: str, config: StoreConfig) -> Loaded:
    store = RedisStore(url, "load", StoreOptions(partitions=config.partitions))
    try:
        await store.open()
        return await loading.into(store)
    finally:
        await store.close()


@contextlib.contextmanager
def store_url(config: StoreConfig, project: Path) -> Iterator[str]:
    """The store to write to: the one that was named, or the project's own. Raises UsageMistaken for a folder that is
    no project, in which an empty store would be made."""
    if config.redis_url:
        yield config.redis_url
        return
    if not any((project / name).is_file() for name in (POLICY_FILE, FEATURES_FILE)):
        raise UsageMistaken(f"{project} is no project: it has no {POLICY_FILE}; name one with --project")
    with project_store(project) as url:
        yield url


@contextlib.contextmanager
def bar(total: int) -> Iterator[Progress]:
    """A bar on stderr that shows how many rows of `total` are done; nothing where that is no terminal."""
    columns = (TextColumn("customers"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        shown.add_task("customers", total=total)
        yield shown


def _report(loaded: Loaded, rejected: Path, output: Output, seconds: float) -> None:
    if output is Output.JSON:
        print_json(_summary(loaded, rejected, seconds))
        return
    console, progress = screen(), loaded.progress
    fresh = progress.rows - loaded.resumed_at
    console.print(f"[bold]{progress.written:,} customers[/bold] in {seconds:.1f} s ({fresh / seconds:,.0f} a second)")
    if loaded.resumed_at:
        console.print(f"went on after row {loaded.resumed_at:,}, where an earlier load broke off")
    for note in (*loaded.notes, *loaded.problems):
        console.print(note.render(), style="yellow", markup=False, soft_wrap=True)
    if progress.rejected:
        kept = f"{progress.rejected:,} rows do not hold and were kept aside in {rejected}"
        console.print(kept, style="red", markup=False, soft_wrap=True)


def _summary(loaded: Loaded, rejected: Path, seconds: float) -> dict[str, Any]:
    return {
        "customers": loaded.progress.written,
        "rejected_rows": loaded.progress.rejected,
        "rejected_file": str(rejected) if loaded.progress.rejected else None,
        "resumed_at": loaded.resumed_at,
        "seconds": round(seconds, 3),
        "problems": [problem.render() for problem in loaded.problems],
        "notes": [note.render() for note in loaded.notes],
    }
