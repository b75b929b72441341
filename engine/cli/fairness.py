"""`befit fairness`: tiers, service levels and offers by the groups of protected features."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from engine.cli.exits import GATE, UsageMistaken
from engine.cli.flags import flags
from engine.cli.load import store_url
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.config import StoreConfig, read
from engine.fairness.from_batch import got_from_batch, groups_from
from engine.fairness.rates import FOUR_FIFTHS, LEAST_CUSTOMERS, Rate, rates
from engine.fairness.seen import Got, protected
from engine.fairness.seen import table as seen_table
from engine.fairness.sources import read_files, read_log
from engine.project import load_snapshot
from engine.redis.keyspace import StoreOptions
from engine.redis.store import RedisStore
from engine.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessFlags:
    """What `befit fairness` is told."""

    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml, and the store.")] = Path()
    log: Annotated[Path | None, typer.Option(help="Folder that `befit sink` wrote; else the store is read.")] = None
    batch: Annotated[Path | None, typer.Option(help="What befit batch wrote, instead of a log.")] = None
    customers: Annotated[Path | None, typer.Option(help="File that tells the groups; needed with --batch.")] = None
    redis_url: Annotated[str | None, typer.Option(help="Redis or Valkey; without one, the project's own store.")] = None
    newest: Annotated[int, typer.Option(help="How many logged decisions, the newest.", min=1)] = 100_000
    bands: Annotated[list[str] | None, typer.Option(help="FEATURE=18,30,65: bands of a number; else quarters.")] = None
    least: Annotated[
        float | None,
        typer.Option(help="End with 4 where a ratio is certainly below this, as in 0.8.", min=0.0, max=1.0),
    ] = None
    output: OutputOption = Output.TABLE


@flags
def fairness(told: FairnessFlags) -> None:
    """Compare what the groups of protected features get: tiers, service levels, offers. Nothing is written anywhere.

    Each customer counts once. Ends with 4 where --least is given and a disparity is found.
    """
    snapshot = load_snapshot(told.project, None)
    features = protected(snapshot.schema)
    if not features:
        raise UsageMistaken("features.yaml declares no feature as protected: true")
    bands = _bands(told.bands or (), [one.name for one in features])
    got = _got(told, snapshot)
    if not got:
        raise UsageMistaken("there are no decisions to look at")
    seen = seen_table(got, features, bands)
    found = rates(seen, snapshot.policy.policy, FOUR_FIFTHS if told.least is None else told.least)
    marked = [one for one in found if one.disparity]
    if told.output is Output.JSON:
        print_json({"customers": len(got), "disparities": len(marked), "rates": [asdict(one) for one in found]})
    else:
        _show(screen(), found, len(got))
    if told.least is not None and marked:
        raise typer.Exit(GATE)


def _got(told: FairnessFlags, snapshot: Snapshot) -> dict[str, Got]:
    if told.batch is not None and told.customers is None:
        raise UsageMistaken("--batch needs --customers: the batch does not tell the groups")
    if told.batch is not None and told.log is not None:
        raise UsageMistaken("--batch and --log are two things to look at: give one")
    got = _logged(told, snapshot) if told.batch is None else got_from_batch(snapshot, told.batch)
    if told.customers is not None:
        groups = groups_from(snapshot, told.customers)
        for customer, one in got.items():
            one.groups = dict(groups.get(customer, {}))
    return got


def _logged(told: FairnessFlags, snapshot: Snapshot) -> dict[str, Got]:
    if told.log is not None:
        return read_files(told.log, snapshot, told.newest)
    config = read(StoreConfig, {"redis_url": told.redis_url})
    with store_url(config, told.project) as url:
        store = RedisStore(url, "fairness", StoreOptions(partitions=config.partitions))
        return asyncio.run(_read(store, snapshot, config.partitions, told.newest))


async def _read(store: RedisStore, snapshot: Snapshot, partitions: int, newest: int) -> dict[str, Got]:
    try:
        await store.open()
        return await read_log(store, snapshot, partitions, newest)
    finally:
        await store.close()


def _bands(given: Sequence[str], names: Sequence[str]) -> Mapping[str, tuple[float, ...]]:
    """The edges of bands by feature. Raises UsageMistaken."""
    found: dict[str, tuple[float, ...]] = {}
    for text in given:
        name, equals, edges = text.partition("=")
        if not equals or name not in names:
            raise UsageMistaken(f"--bands takes FEATURE=18,30,65 with one of {', '.join(names)}, not {text!r}")
        try:
            found[name] = tuple(sorted(float(edge) for edge in edges.split(",")))
        except ValueError:
            raise UsageMistaken(f"--bands {text!r}: the edges are numbers with commas between") from None
    return found


def _show(console: Console, found: Sequence[Rate], customers: int) -> None:
    features = list(dict.fromkeys(one.feature for one in found))
    for feature in features:
        rows = [_row(one) for one in found if one.feature == feature]
        columns = ("measure", "group", "customers ", "have it ", "95 % ", "against", "ratio ", "")
        console.print(table(f"{feature}, {customers:,} customers", columns, rows))
    marked = sum(1 for one in found if one.disparity)
    console.print(
        f"{marked} marked: clearly below the group that does best. "
        f"Groups of fewer than {LEAST_CUSTOMERS} customers are told but not compared.",
        style="red" if marked else None,
    )


def _row(one: Rate) -> tuple[str, ...]:
    ratio = "" if one.ratio is None else f"{one.ratio:.2f} ({one.ratio_low or 0:.2f}-{one.ratio_high or 0:.2f})"
    within = f"{one.low:.1%}-{one.high:.1%}"
    against = one.best if one.ratio is not None else ""
    mark = "disparity" if one.disparity else ""
    return one.measure, one.group, f"{one.customers:,}", f"{one.rate:.1%}", within, against, ratio, mark
