"""`befit train`: a model bundle from the company's history."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bars

from engine.action_table import action_table
from engine.cli.exits import UsageMistaken
from engine.cli.flags import flags
from engine.cli.output import Output, OutputOption
from engine.cli.times import moment
from engine.cli.train_report import show, summary
from engine.history_appraisal import appraised
from engine.history_terms import history_terms
from engine.learning.log_history import log_history
from engine.learning.log_source import contacts_of
from engine.snapshot import facts_of, snapshot_of
from models.bundle import load_bundle
from models.bundle_writer import expect_place, write_bundle
from models.feature_file import load_features
from models.features import FeatureSchema
from models.growing import Progress
from models.history import History, read_history
from models.history_together import together
from models.served import Level
from models.train import train as learn
from models.train_settings import SettingInvalid, read_settings
from rules.compiled import CompiledPolicy
from rules.policy_file import load_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainFlags:
    """What `befit train` is told."""

    out: Annotated[Path, typer.Option(help="Folder of the bundle; a bundle that stands there is replaced.")]
    history: Annotated[list[Path] | None, typer.Option(help="Parquet or CSV files of past contacts, one or more.")] = (
        None
    )
    from_log: Annotated[Path | None, typer.Option(help="Folder that `befit sink` wrote the log to.")] = None
    since: Annotated[str, typer.Option(help="Decisions of the log from this moment on.")] = ""
    until: Annotated[str, typer.Option(help="Decisions of the log before this moment.")] = ""
    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml.")] = Path()
    prior: Annotated[Path | None, typer.Option(help="Another market's bundle to start from.")] = None
    set: Annotated[list[str] | None, typer.Option(help="NAME=VALUE: features=age,value; seed=2 ...")] = None
    force: Annotated[Level | None, typer.Option(help="How personal to be, whatever the history proves.")] = None
    output: OutputOption = Output.TABLE


@flags
def train(told: TrainFlags) -> None:
    """Learn the chance of acceptance from what happened, and measure it on customers apart."""
    try:
        chosen = replace(read_settings(with_threads(told.set or [])), force=told.force)
    except SettingInvalid as mistake:
        raise UsageMistaken(str(mistake)) from None
    expect_place(told.out)
    prior = None if told.prior is None else load_bundle(told.prior)
    schema, policy = files_of(told.project)
    terms, chosen = history_terms(schema, policy.policy), replace(chosen, prior=prior)
    now = time.time()
    rows = _history(told, policy, schema, now)
    with _progress(shown=told.output is Output.TABLE) as progress:
        trained = learn(rows, terms, chosen, now, progress)
    manifest = write_bundle(told.out, trained.parts)
    show(summary(trained, manifest, told.out, rows.notes), told.output)


def _history(told: TrainFlags, policy: CompiledPolicy, schema: FeatureSchema, now: float) -> History:
    """What there is to learn from: tables, the log, or both. Raises DocumentInvalid, HistoryTooSmall, LogMissing."""
    if not told.history and told.from_log is None:
        raise UsageMistaken("name what to learn from: --history FILE..., --from-log FOLDER, or both")
    parts: list[History] = []
    if told.history:
        terms = history_terms(schema, policy.policy)
        parts.append(appraised(read_history(told.history, terms, now), policy, schema))
    if told.from_log is not None:
        snapshot = snapshot_of(policy, schema, None)
        bounds = moment(told.since, "--since"), moment(told.until, "--until")
        parts.append(log_history(contacts_of(told.from_log, snapshot, *bounds), snapshot))
    return together(parts[0], parts[-1], action_table(policy.policy)) if len(parts) > 1 else parts[0]


def with_threads(settings: list[str]) -> list[str]:
    """The settings, with all cores but one where they do not say: LightGBM's threads wait for each other, so one core
    that is busy with something else slows training down several times."""
    if any(one.startswith("threads=") for one in settings):
        return settings
    return [*settings, f"threads={max(1, (os.cpu_count() or 1) - 1)}"]


def files_of(project: Path) -> tuple[FeatureSchema, CompiledPolicy]:
    """What a project's files say of features and policy. Raises DocumentInvalid."""
    schema = load_features(project / "features.yaml")
    return schema, load_policy(project / "policy.yaml", facts_of(schema))


@contextmanager
def _progress(*, shown: bool) -> Iterator[Progress]:
    """A bar on the error stream, for people."""
    if not shown:
        yield lambda _step, _done: None
        return
    with Bars(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("reading", total=1.0)
        yield lambda step, done: bars.update(task, description=step, completed=done)
