"""Prepares the demonstration: draws the company, writes its tables, learns from its history as `befit train` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from engine.demo.cast import Cast, cast_story
from engine.demo.company.customers import Population
from engine.demo.company.personas import with_personas
from engine.demo.drawing import Size, draw_company
from engine.history_terms import history_terms
from models.bundle_writer import write_bundle
from models.features import FeatureSchema
from models.history import read_history
from models.served import Level
from models.train import train
from models.train_settings import read_settings
from rules.policy import Policy

TRAINING = ("rounds=300", "leaves=31", "learning_rate=0.015", "least_rows_per_leaf=100", "patience=300", "threads=1")
"""As `befit train --set` takes them. One thread: the customers are written beside it, and threads that wait for each
other on busy cores take many times as long."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the company is, and how its model is trained."""

    customers: int = 20_000
    contacts: int = 60_000
    training: tuple[str, ...] = TRAINING


@dataclass(frozen=True, slots=True)
class Company:
    """A company drawn as of `now` (s): its policy and features, its tables as files, and the cast of the story."""

    project: Path
    policy: Policy
    schema: FeatureSchema
    customers: Path
    history: Path
    cast: Cast
    now: float


@dataclass(frozen=True, slots=True)
class Learnt:
    """What training made: the bundle and its trees, the contacts it learnt from, and the order (AUC) it reaches on
    customers apart; None where those tell nothing."""

    bundle: Path
    trees: int
    contacts: int
    auc: float | None


def found_company(project: Path, folder: Path, scale: Scale, now: float) -> Company:
    """Draw customers and 180 days of their history, with the people of the story among them, and write both as tables
    into `folder`.

    Raises DocumentInvalid, CastTooSmall.
    """
    found: list[Cast] = []

    def cast(policy: Policy, drawn: Population) -> Population:
        found.append(cast_story(policy, drawn.ids, now))
        return with_personas(drawn, found[0].people)

    drawn = draw_company(project, folder, Size(scale.customers, scale.contacts), now, cast)
    return Company(project, drawn.policy, drawn.schema, drawn.customers, drawn.history, found[0], now)


def learn(company: Company, bundle: Path, training: tuple[str, ...], done: Callable[[float], None]) -> Learnt:
    """Train on the company's history and write the bundle; `done` is told how much of it is, in [0, 1]."""
    terms = history_terms(company.schema, company.policy)
    settings = replace(read_settings(training), force=Level.FULL)
    first = "learning from half of the customers"

    def progress(step: str, share: float) -> None:
        done(share / 2.0 if step == first else 0.5 + share / 2.0 if step == "learning from everything" else 0.0)

    history = read_history([company.history], terms)
    trained = train(history, terms, settings, company.now, progress)
    manifest = write_bundle(bundle, trained.parts)
    metrics = manifest.metrics
    return Learnt(bundle, int(metrics["trees"]), manifest.training.rows, metrics["auc"])
