"""`befit drift`: whether customers, scores and calibration are still those that a model learnt from."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from engine.cli.exits import GATE, UsageMistaken
from engine.cli.flags import flags
from engine.cli.load import store_url
from engine.cli.output import Output, OutputOption
from engine.cli.tables import print_json, screen, table
from engine.cli.times import moment
from engine.config import StoreConfig, read
from engine.history_appraisal import appraised
from engine.history_terms import history_terms
from engine.learning.log_history import log_history
from engine.learning.log_source import contacts_of
from engine.learning.untried import untried
from engine.project import load_snapshot
from engine.redis.keyspace import StoreOptions
from engine.redis.store import RedisStore
from engine.snapshot import Snapshot
from models.bundle import load_bundle
from models.bundle_writer import expect_place, write_bundle
from models.drift import NOTICED
from models.drift_report import DriftReport, drift_report
from models.history import History, read_history
from models.judged_rows import NothingToJudge, judged_rows
from models.repair import repaired
from models.split import HistoryTooSmall


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftFlags:
    """What `befit drift` is told."""

    bundle: Annotated[Path, typer.Option(help="Model bundle that is held against newer contacts.")]
    log: Annotated[Path | None, typer.Option(help="Folder that `befit sink` wrote the log to.")] = None
    history: Annotated[list[Path] | None, typer.Option(help="Parquet or CSV files of contacts instead.")] = None
    since: Annotated[str, typer.Option(help="Contacts after this moment; else after those it learnt from.")] = ""
    until: Annotated[str, typer.Option(help="Contacts of the log before this moment.")] = ""
    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml, and the store.")] = Path()
    repair: Annotated[Path | None, typer.Option(help="Write the bundle here, calibrated by these contacts.")] = None
    publish: Annotated[bool, typer.Option("--publish", help="Put the figures on the workers' gauges.")] = False
    redis_url: Annotated[str | None, typer.Option(help="Store for --publish; without one, the project's own.")] = None
    output: OutputOption = Output.TABLE


@flags
def drift(told: DriftFlags) -> None:
    """Tell how far each input and the propensity have moved since training (population stability index), and how well
    propensities hit the rates of the newest closed contacts.

    Ends with 4 where an index is above 0.25 or calibration errs by more than noise and a tenth of the rate; with
    --repair where it still does.
    """
    if bool(told.history) == (told.log is not None):
        raise UsageMistaken("name either --log FOLDER or --history FILE...")
    if told.repair is not None:
        expect_place(told.repair)
    try:
        found, said = _found(told)
    except (NothingToJudge, HistoryTooSmall) as nothing:
        raise UsageMistaken(str(nothing)) from None
    if told.publish:
        asyncio.run(_publish(told, orjson.dumps(found.to_json())))
    _show(said, told.output)
    if said["repaired"]["still_alarming"] if "repaired" in said else found.alarms:
        raise typer.Exit(GATE)


def _found(told: DriftFlags) -> tuple[DriftReport, dict[str, Any]]:
    """What was found, and all that there is to tell of it; the repaired bundle is written."""
    bundle, snapshot = load_bundle(told.bundle), load_snapshot(told.project, told.bundle)
    since = moment(told.since, "--since")
    since = bundle.manifest.training.end if since is None else since
    terms = history_terms(snapshot.schema, snapshot.policy.policy)
    rows = judged_rows(bundle, _history(told, snapshot, since), terms, since)
    found = drift_report(bundle, rows)
    rested = untried(bundle.manifest, snapshot.policy.policy, rows.actions, found.last)
    said = found.to_json() | {"untried": [one.to_json() for one in rested]}
    if told.repair is None:
        return found, said
    fixed = repaired(bundle, rows, terms.actions.ids, time.time())
    told_of = {
        "bundle": str(told.repair),
        "revision": write_bundle(told.repair, fixed.parts).revision,
        "before": fixed.before.error,
        "after": fixed.after.error,
        "still_alarming": fixed.after.alarming,
    }
    return found, said | {"repaired": told_of}


def _history(told: DriftFlags, snapshot: Snapshot, since: float) -> History:
    """The contacts to judge by. Raises DocumentInvalid, LogMissing, HistoryTooSmall."""
    if told.log is not None:
        return log_history(contacts_of(told.log, snapshot, since, moment(told.until, "--until")), snapshot)
    terms = history_terms(snapshot.schema, snapshot.policy.policy)
    return appraised(read_history(told.history or [], terms, time.time()), snapshot.policy, snapshot.schema)


async def _publish(told: DriftFlags, written: bytes) -> None:
    config = read(StoreConfig, {"redis_url": told.redis_url})
    with store_url(config, told.project) as url:
        store = RedisStore(url, "drift", StoreOptions(partitions=config.partitions))
        try:
            await store.open()
            await store.learned.publish_drift(written)
        finally:
            await store.close()


def _show(said: Mapping[str, Any], output: Output) -> None:
    if output is Output.JSON:
        print_json(said)
        return
    console = screen()
    console.print(
        f"model {said['model']} against {said['rows']:,} contacts with {said['customers']:,} customers since it learnt",
        markup=False,
    )
    moved = [*said["inputs"].values(), said["score"]]
    rows = [(one["name"], f"{one['index']:.3f}", f"{one['by_chance']:.3f}", _mark(one)) for one in moved]
    console.print(table("", ("input", "index ", "by chance ", ""), rows))
    console.print(_told_calibration(said))
    if rested := [_told_untried(one) for one in said["untried"]]:
        console.print(f"not tried since the model learnt: {', '.join(rested)}", markup=False)
    if "repaired" in said:
        one = said["repaired"]
        console.print(f"{one['bundle']} revision {one['revision']}: error {one['before']:.4f} -> {one['after']:.4f}")
        if one["still_alarming"]:
            console.print("[red]that is not enough: the order of customers has changed; train anew[/red]")


def _told_calibration(said: Mapping[str, Any]) -> str:
    one = said["calibration"]
    if one is None:
        return "too few contacts are closed to judge calibration"
    return (
        f"{one['rows']:,} closed contacts: rate {one['rate']:.2%} (in training {said['then_rate']:.2%}), expected "
        f"{one['propensity']:.2%}; calibration error {one['error']:.4f}, by chance {one['by_chance']:.4f}{_ring(one)}"
    )


def _told_untried(one: Mapping[str, Any]) -> str:
    return f"{one['action']} ({one['successes']:,} of {one['contacts']:,} before)" if one["contacts"] else one["action"]


def _mark(one: Mapping[str, Any]) -> str:
    if one["alarming"]:
        return "[red]another population[/red]"
    return "moved" if one["index"] > NOTICED + one["by_chance"] else ""


def _ring(one: Mapping[str, Any]) -> str:
    return " [red]alarm[/red]" if one["alarming"] else ""
