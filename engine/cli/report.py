"""`befit report`: what the log proves in money, what agents do, what customers say: a page, tables, JSON, a feed."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape

from engine.cli.exits import UsageMistaken
from engine.cli.flags import flags
from engine.cli.load import store_url
from engine.cli.output import Output, OutputOption
from engine.cli.report_plan import show_plan
from engine.cli.tables import print_json, print_sheets, screen
from engine.config import StoreConfig, read
from engine.customers_file import read_customers
from engine.events.book import EventBook
from engine.page.sheet import TERMINAL_ROWS
from engine.project import load_snapshot
from engine.redis.keyspace import StoreOptions
from engine.redis.store import RedisStore
from engine.report.gathering import Gathered, gather
from engine.report.past import Past, Span, past_in_files, past_in_store
from engine.report.plain import feed, plain
from engine.report.plan import Wanted
from engine.report.report import Report, counted
from engine.report.sentences import sentences
from engine.report.sheets import sheets
from engine.report.terms import ACTIVE_DAYS, PLANNED, Terms
from engine.snapshot import Snapshot
from models.features import FeatureType

_PAGE = "engine.report.page"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFlags:
    """What `befit report` is told."""

    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml, and the store.")] = Path()
    log: Annotated[Path | None, typer.Option(help="Folder that `befit sink` wrote; else the store is read.")] = None
    redis_url: Annotated[str | None, typer.Option(help="Redis or Valkey; without one, the project's own store.")] = None
    out: Annotated[Path | None, typer.Option(help="Write a page with plots, one .html file.")] = None
    since: Annotated[datetime | None, typer.Option(help="Decisions from then on, by the company's clock.")] = None
    until: Annotated[datetime | None, typer.Option(help="Decisions before then.")] = None
    active_days: Annotated[
        float, typer.Option(help="Active is who did something in the last so many days of the log.", min=0.1)
    ] = ACTIVE_DAYS
    customers: Annotated[Path | None, typer.Option(help="File of today's customers: tells who is still one.")] = None
    retained: Annotated[str, typer.Option(help="Flag feature in --customers that says who still is one.")] = ""
    referral: Annotated[list[str] | None, typer.Option(help="Type of outcome or event that is a referral.")] = None
    churn: Annotated[list[str] | None, typer.Option(help="Type of outcome or event by which a customer leaves.")] = None
    request: Annotated[list[str] | None, typer.Option(help="Type of outcome or event that asks for a product.")] = None
    outsourcer: Annotated[list[str] | None, typer.Option(help="PREFIX=NAME: teams so called work for NAME.")] = None
    planned: Annotated[int, typer.Option(help="Customers at which daily looks are sharpest.", min=1)] = PLANNED
    feed: Annotated[bool, typer.Option("--feed", help="Only what customers say, as JSON lines.")] = False
    plan: Annotated[bool, typer.Option("--plan", help="Only how many customers a comparison takes.")] = False
    rate: Annotated[float, typer.Option(help="--plan: what the comparison group achieves, as 0.05.")] = 0.05
    lift: Annotated[float, typer.Option(help="--plan: by how much more is to be seen, as 0.1.")] = 0.1
    share: Annotated[float, typer.Option(help="--plan: share of the comparison group, as 0.02.")] = 0.02
    per_day: Annotated[float, typer.Option(help="--plan: how many customers come newly a day.")] = 1000.0
    output: OutputOption = Output.TABLE


@flags
def report(told: ReportFlags) -> None:
    """Tell what decisions brought: against the comparison groups, by tier, channel and action; what agents follow; what
    customers say; times by team. Nothing is written but the page.

    Each decision of the log counts by the group that it was made for; customers are dealt anew every month.
    """
    if told.plan:
        show_plan(Wanted(told.rate, told.lift, told.share, told.per_day), told.output)
        return
    _check_page(told.out)
    snapshot = load_snapshot(told.project, None)
    terms = _terms(told, snapshot)
    zone = ZoneInfo(snapshot.policy.policy.time_zone)
    found = counted(_gathered(told, snapshot, zone), snapshot, terms)
    if told.out is not None:
        importlib.import_module(_PAGE).write_report(found, zone, told.out)
    _show(told, found)


def _show(told: ReportFlags, found: Report) -> None:
    if told.feed:
        for line in feed(found):
            typer.echo(line)
    elif told.output is Output.JSON:
        print_json(plain(found))
    else:
        console = screen()
        for line in sentences(found):
            console.print(escape(line), soft_wrap=True)
        print_sheets(console, sheets(found, TERMINAL_ROWS))
        if told.out is not None:
            console.print(f"[bold]{escape(str(told.out))}[/bold] has the page", soft_wrap=True)


def _gathered(told: ReportFlags, snapshot: Snapshot, zone: ZoneInfo) -> Gathered:
    span = Span(*(None if at is None else _moment(at, zone) for at in (told.since, told.until)))
    if told.log is not None:
        return gather(past_in_files(told.log, span), snapshot)
    config = read(StoreConfig, {"redis_url": told.redis_url})
    with store_url(config, told.project) as url:
        store = RedisStore(url, "report", StoreOptions(partitions=config.partitions))
        return gather(asyncio.run(_read(store, config.partitions, span)), snapshot)


async def _read(store: RedisStore, partitions: int, span: Span) -> Past:
    try:
        await store.open()
        return await past_in_store(store, partitions, span)
    finally:
        await store.close()


def _moment(at: datetime, zone: ZoneInfo) -> float:
    return (at if at.tzinfo else at.replace(tzinfo=zone)).timestamp()


def _terms(told: ReportFlags, snapshot: Snapshot) -> Terms:
    """Raises UsageMistaken, DocumentInvalid."""
    policy = snapshot.policy.policy
    known = {*policy.outcomes, *EventBook(policy, snapshot.schema).types}
    own = Terms.of(policy)
    return Terms(
        referrals=_types(told.referral, own.referrals, known),
        churn=_types(told.churn, own.churn, known),
        requests=_types(told.request, own.requests, known),
        active_days=told.active_days,
        retained=_retained(told, snapshot),
        outsourcers=_outsourcers(told.outsourcer or ()),
        planned=told.planned,
    )


def _types(given: Sequence[str] | None, otherwise: frozenset[str], known: set[str]) -> frozenset[str]:
    for name in given or ():
        if name not in known:
            raise UsageMistaken(f"the policy has no outcome or event {name!r}; it has {', '.join(sorted(known))}")
    return frozenset(given) if given else otherwise


def _retained(told: ReportFlags, snapshot: Snapshot) -> frozenset[str] | None:
    if told.customers is None:
        if told.retained:
            raise UsageMistaken("--retained names a feature in --customers FILE")
        return None
    place = _place(told.retained, snapshot) if told.retained else None
    kept: set[str] = set()
    for rows in read_customers(told.customers, snapshot.schema):
        here = zip(rows.customer_ids, rows.vectors, strict=True)
        kept |= {name for name, vector in here if place is None or vector[place] == 1.0}
    return frozenset(kept)


def _place(feature: str, snapshot: Snapshot) -> int:
    flags_ = {one.name for one in snapshot.schema.features if one.type is FeatureType.FLAG}
    if feature not in flags_:
        raise UsageMistaken(
            f"--retained {feature!r} is no flag of features.yaml; those are {', '.join(sorted(flags_))}"
        )
    return snapshot.schema.index(feature)


def _outsourcers(given: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    for prefix, equals, name in pairs:
        if not (prefix and equals and name):
            raise UsageMistaken(f"--outsourcer takes PREFIX=NAME, not {prefix + equals + name!r}")
    return {prefix: name for prefix, _, name in pairs}


def _check_page(path: Path | None) -> None:
    """Before anything takes its time."""
    if path is None:
        return
    if path.suffix != ".html":
        raise UsageMistaken(f"--out {path} does not end in .html")
    if importlib.util.find_spec("matplotlib") is None:
        raise UsageMistaken("plots need matplotlib: pip install 'befit[report]'")
