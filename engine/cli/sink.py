"""`befit sink`: the log of a store as Parquet files, and the proof that nothing is missing."""

from __future__ import annotations

import asyncio
import secrets
import signal
import time
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from documents.duration import parse_duration
from engine.alerts.alerts import Alerts
from engine.cli.exits import GATE, UsageMistaken
from engine.cli.flags import flags
from engine.cli.load import TENANT, store_url
from engine.cli.output import Output, OutputOption
from engine.cli.sink_told import proof_told, round_told
from engine.config import StoreConfig, read
from engine.counts import Counts
from engine.events.recording import Events
from engine.learning.publishing import counts_in
from engine.outcomes.duty import DutyDesk
from engine.project import load_snapshot, read_text
from engine.redis.keyspace import StoreOptions
from engine.redis.store import RedisStore
from engine.sink.actions import ActionsKnown
from engine.sink.following import Follower, Rhythm
from engine.sink.gaps import Proof, check
from engine.sink.kafka import TOPIC, connect
from engine.sink.late_outcomes import LateOutcomes
from engine.sink.layout import NOTES, LogMissing
from engine.sink.pseudonyms import Pseudonyms, pseudonyms_of
from engine.sink.sink import Place, Sink, refuse_strange, refuse_strange_proof
from engine.sink.slice_notes import folder_id
from engine.sink.tables import Tables
from engine.sink.trimming import LEAST_KEPT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkFlags:
    """What `befit sink` is told."""

    out: Annotated[Path | None, typer.Option(help="Folder for the files; several sinks may share it.")] = None
    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml, and the store.")] = Path()
    redis_url: Annotated[str | None, typer.Option(help="Redis or Valkey; without one, the project's own store.")] = None
    follow: Annotated[bool, typer.Option("--follow", help="Go on until stopped with Ctrl-C or SIGTERM.")] = False
    every: Annotated[float, typer.Option(help="With --follow: seconds between passes.", min=0.1)] = 60.0
    trim: Annotated[bool | None, typer.Option(help="Remove from the store what is written and old.")] = None
    keep: Annotated[str, typer.Option(help="How long entries stay in the store at least, as in 72h or 7d.")] = "72h"
    learn: Annotated[
        str, typer.Option(help="With --follow: how often counts are published, as by `learn`; 0 = never.")
    ] = "15m"
    kafka: Annotated[str | None, typer.Option(help="HOST:PORT,... of Kafka, to which every entry goes too.")] = None
    topic: Annotated[str, typer.Option(help="Topic for --kafka.")] = TOPIC
    check: Annotated[bool, typer.Option("--check", help="Write nothing; say exactly what is missing.")] = False
    forget: Annotated[bool, typer.Option("--forget", help="Give the folder up: trimming waits for it no more.")] = False
    folder: Annotated[str, typer.Option(help="With --forget: the folder's id, where the folder itself is gone.")] = ""
    adopt: Annotated[bool, typer.Option("--adopt", help="Go on with a folder that this store does not know.")] = False
    pseudonym: Annotated[str | None, typer.Option(help="[TENANT:]CUSTOMER: print the name in the tables.")] = None
    output: OutputOption = Output.TABLE


@flags
def sink(told: SinkFlags) -> None:
    """Write the log to Parquet files, each record once; what was begun before goes on where it was.

    Ends when all is written that was there, unless --follow, which trims the store behind itself too unless --no-trim.
    --check ends with 4 where entries are missing.
    """
    if told.pseudonym is not None:
        tenant, _, customer = told.pseudonym.rpartition(":")
        typer.echo(_names(told).customer(tenant or TENANT, customer))
        return
    if told.out is None and not (told.forget and told.folder):
        raise UsageMistaken("say where the files are to be: --out DIR")
    rhythm = Rhythm(every_s=told.every, keep_s=_kept_seconds(told), learn_s=_learn_seconds(told))
    config = read(StoreConfig, {"redis_url": told.redis_url})
    with store_url(config, told.project) as url:
        store = RedisStore(url, "sink", StoreOptions(partitions=config.partitions))
        if not asyncio.run(_run(store, told, _Asked(told.out or Path(), config.partitions, rhythm))):
            raise typer.Exit(GATE)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Where to write, of how many partitions, and how."""

    out: Path
    partitions: int
    rhythm: Rhythm


def _kept_seconds(told: SinkFlags) -> float | None:
    """How long entries are to stay; None = nothing is trimmed. Raises UsageMistaken for what is too short."""
    seconds = parse_duration(told.keep)
    if seconds is None or seconds < LEAST_KEPT_S:
        raise UsageMistaken(f"--keep is at least {LEAST_KEPT_S // 3600}h: outcomes find their decision for so long")
    trims = told.follow if told.trim is None else told.trim
    return seconds if trims else None


def _learn_seconds(told: SinkFlags) -> float:
    """How often counts are published (s), 0 = never. Raises UsageMistaken."""
    seconds = 0.0 if told.learn == "0" else parse_duration(told.learn)
    if seconds is None:
        raise UsageMistaken(f"--learn {told.learn}: write a duration as 15m, or 0")
    return seconds


async def _run(store: RedisStore, told: SinkFlags, asked: _Asked) -> bool:
    """Whether all is well."""
    try:
        await store.open()
        if told.check:
            return proof_told(await _proof(store, asked), told.output)
        if told.forget and told.folder:
            return await _forget(store, told.folder)
        place = Place(asked.out, folder_id(asked.out, asked.partitions, uuid.uuid4()), asked.partitions)
        if told.forget:
            await store.sinks.forget(place.id)
            return True
        if not told.adopt:
            await refuse_strange(store, place)
        await _write(store, told, place, asked.rhythm)
    finally:
        await store.close()
    return True


async def _forget(store: RedisStore, folder: str) -> bool:
    """Give up a folder that is gone. Raises UsageMistaken for one that the store does not know."""
    known = await store.sinks.reached()
    if folder not in known:
        raise UsageMistaken(f"--folder {folder}: the store knows of {', '.join(sorted(known)) or 'no folder'}")
    await store.sinks.forget(folder)
    return True


async def _proof(store: RedisStore, asked: _Asked) -> Proof:
    if not (asked.out / NOTES).is_dir():
        raise LogMissing(f"{asked.out} holds no log: write one with `befit sink --out {asked.out}`")
    place = Place(asked.out, folder_id(asked.out, asked.partitions, uuid.uuid4()), asked.partitions)
    await refuse_strange_proof(store, place)
    return await check(store, asked.out, asked.partitions)


async def _write(store: RedisStore, told: SinkFlags, place: Place, rhythm: Rhythm) -> None:
    own = read_text(told.project)
    snapshot = load_snapshot(told.project, None)
    tables = Tables(snapshot, _names(told), ActionsKnown(place.out, store.revisions, own))
    alerts = Alerts(store.alerts, Counts(), posted_by_others=True)
    duty = DutyDesk(Events(store, lambda: snapshot), alerts, lambda: snapshot)
    late = LateOutcomes(place.out, duty.attend, lambda: snapshot)
    outputs = () if told.kafka is None else (connect(told.kafka, told.topic),)
    sink = Sink(store, place, tables, outputs, late)
    look = partial(counts_in, place.out, snapshot)
    follower = Follower(store, sink, place.partitions, time.time, look)
    first = secrets.randbelow(len(place.slices))
    if not told.follow:
        round_told(await follower.once(rhythm, first), told.output)
        return
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for signalled in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signalled, stop.set)
    await follower.follow(rhythm, stop, lambda round_: round_told(round_, told.output), first)


def _names(told: SinkFlags) -> Pseudonyms:
    return pseudonyms_of(told.project, secrets.token_bytes(32))
