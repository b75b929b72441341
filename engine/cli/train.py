"""`befit train`: a model bundle from the company's history."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bars

from engine.cli.exits import UsageMistaken
from engine.cli.output import Output, OutputOption
from engine.cli.train_report import show, summary
from engine.history_terms import history_terms
from engine.snapshot import facts_of
from models.bundle_writer import expect_place, write_bundle
from models.feature_file import load_features
from models.history import read_history
from models.history_check import Terms
from models.train import Progress
from models.train import train as learn
from models.train_settings import SettingInvalid, read_settings
from rules.policy_file import load_policy


def train(
    history: Annotated[list[Path], typer.Option(help="Parquet or CSV files of past contacts, one or more.")],
    out: Annotated[Path, typer.Option(help="Folder of the bundle; a bundle that stands there is replaced.")],
    project: Annotated[Path, typer.Option(help="Folder with policy.yaml and features.yaml.")] = Path(),
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE: features=age,value; seed=2 ...")
    ] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Learn the chance of acceptance from what happened, and measure it on customers apart."""
    try:
        chosen = read_settings(with_threads(settings or []))
    except SettingInvalid as mistake:
        raise UsageMistaken(str(mistake)) from None
    expect_place(out)
    terms = terms_of(project)
    now = time.time()
    rows = read_history(history, terms, now)
    with _progress(shown=output is Output.TABLE) as progress:
        trained = learn(rows, terms, chosen, now, progress)
    manifest = write_bundle(out, trained.parts)
    show(summary(trained, manifest, out, rows.notes), output)


def with_threads(settings: list[str]) -> list[str]:
    """The settings, with all cores but one where they do not say: LightGBM's threads wait for each other, so one core
    that is busy with something else slows training down several times."""
    if any(one.startswith("threads=") for one in settings):
        return settings
    return [*settings, f"threads={max(1, (os.cpu_count() or 1) - 1)}"]


def terms_of(project: Path) -> Terms:
    """What a project's files say a history's words mean. Raises DocumentInvalid."""
    schema = load_features(project / "features.yaml")
    policy = load_policy(project / "policy.yaml", facts_of(schema)).policy
    return history_terms(schema, policy)


@contextmanager
def _progress(*, shown: bool) -> Iterator[Progress]:
    """A bar on the error stream, for people."""
    if not shown:
        yield lambda _step, _done: None
        return
    with Bars(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("reading", total=1.0)
        yield lambda step, done: bars.update(task, description=step, completed=done)
