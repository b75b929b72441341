"""`befit replay`: make logged decisions again from what was logged, and say whether they come out the same."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn

from engine.activation.loader import Loader
from engine.cli.exits import GateFailed, UsageMistaken
from engine.cli.flags import flags
from engine.cli.load import store_url
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.config import StoreConfig, read
from engine.ids import partition_of
from engine.redis.keyspace import StoreOptions
from engine.redis.store import RedisStore
from engine.replaying.replay import Outcome, Replayed, Replayer
from engine.replaying.revisions import FilesFirst, NotReplayable, PastSnapshots

MOST_SHOWN = 20
"""How many decisions, and differences of one, are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFlags:
    """What `befit replay` is told."""

    decision: Annotated[str | None, typer.Argument(metavar="[DECISION_ID]", help="The decision to make again.")] = None
    all: Annotated[bool, typer.Option("--all", help="Make every decision of the log again.")] = False
    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml.")] = Path()
    bundle: Annotated[Path | None, typer.Option(help="The model, where the store does not keep it.")] = None
    redis_url: Annotated[str | None, typer.Option(help="Redis or Valkey; without one, the project's own store.")] = None
    output: OutputOption = Output.TABLE


@dataclass(slots=True)
class Tally:
    """What became of all replays: how many, and those that did not come out the same, the first of them."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    told: list[Replayed] = field(default_factory=list)

    def add(self, one: Replayed) -> None:
        self.counts[one.outcome] += 1
        if one.outcome is not Outcome.SAME and len(self.told) < MOST_SHOWN:
            self.told.append(one)


@flags
def replay(told: ReplayFlags) -> None:
    """Make a logged decision again, or all of them, under the revisions that made them, and compare byte for byte.

    Ends with 4 where one comes out otherwise, with what differs.
    """
    if (told.decision is None) is not told.all:
        raise UsageMistaken("name a decision, or say --all")
    if told.decision is not None and partition_of(told.decision) is None:
        raise UsageMistaken(f"{told.decision} is no decision's id")
    config = read(StoreConfig, {"redis_url": told.redis_url})
    began = time.perf_counter()
    with store_url(config, told.project) as url, _shown() as shown:
        tally = asyncio.run(_replay(told, config, url, shown))
    _report(told, tally, time.perf_counter() - began)
    if tally.counts[Outcome.DIFFERS]:
        raise GateFailed(f"{tally.counts[Outcome.DIFFERS]:,} decisions come out otherwise than they were logged")


async def _replay(told: ReplayFlags, config: StoreConfig, url: str, shown: Progress) -> Tally:
    """Raises StoreUnavailable, StoreMismatch, DocumentInvalid, UsageMistaken, NotReplayable."""
    store = RedisStore(url, "replay", StoreOptions(partitions=config.partitions))
    tally = Tally()
    task = shown.add_task("decisions", total=None)
    try:
        await store.open()
        revisions = FilesFirst.of(store.revisions, told.project, told.bundle)
        replayer = Replayer(store, PastSnapshots(store, Loader(revisions)))
        if told.decision is not None:
            tally.add(await _one(replayer, told.decision))
            return tally
        async for one in replayer.all(config.partitions):
            tally.add(one)
            shown.update(task, advance=1)
        return tally
    finally:
        await store.close()


async def _one(replayer: Replayer, decision: str) -> Replayed:
    found = await replayer.one(decision)
    if found is None:
        raise UsageMistaken(f"no decision {decision} is logged")
    if found.outcome is Outcome.NOT_REPLAYABLE:
        raise NotReplayable(f"{decision} {found.why}")
    return found


def _shown() -> Progress:
    """How many decisions are done, on stderr; nothing where that is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("decisions {task.completed:,.0f}"),)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _report(told: ReplayFlags, tally: Tally, seconds: float) -> None:
    if told.output is Output.JSON:
        print_json(_plain(tally) | {"seconds": round(seconds, 3)})
        return
    counts = {outcome: f"{tally.counts[outcome]:,}" for outcome in Outcome}
    screen().print(
        f"[bold]{counts[Outcome.SAME]} the same[/bold], {counts[Outcome.DIFFERS]} otherwise, "
        f"{counts[Outcome.NOT_REPLAYABLE]} that cannot be made again, in {seconds:.1f} s"
    )
    rows = [row for one in tally.told for row in _rows(one)]
    if rows:
        screen().print(table("", ("decision", "what", "logged", "now"), rows))


def _rows(one: Replayed) -> list[tuple[str, str, str, str]]:
    if one.outcome is Outcome.NOT_REPLAYABLE:
        return [(one.decision_id, one.why, "", "")]
    shown = one.differences[:MOST_SHOWN]
    names = (one.decision_id, *[""] * len(shown))
    return [(name, found.field, found.logged, found.now) for name, found in zip(names, shown, strict=False)]


def _plain(tally: Tally) -> dict[str, Any]:
    return {
        "same": tally.counts[Outcome.SAME],
        "differs": tally.counts[Outcome.DIFFERS],
        "not_replayable": tally.counts[Outcome.NOT_REPLAYABLE],
        "decisions": [
            {
                "decision_id": one.decision_id,
                "outcome": one.outcome.value,
                "policy": one.policy,
                "bundle": one.bundle,
                "why": one.why,
                "differences": [
                    {"field": found.field, "logged": found.logged, "now": found.now} for found in one.differences
                ],
            }
            for one in tally.told
        ],
    }
