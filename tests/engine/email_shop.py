"""The e-mail shop of examples/hillstrom with made-up customers: each answers the e-mail for what they buy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from engine.cli.train import files_of
from engine.history_terms import history_terms
from models.bundle_writer import write_bundle
from models.fit import FitSettings
from models.history import read_history
from models.train import TrainSettings, train

PROJECT = Path(__file__).parents[2] / "examples" / "hillstrom"
ARMS = ("mens_email", "womens_email", "no_email")


def customers(count: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "customer_id": [f"c{one}" for one in range(count)],
            "row_id": np.arange(count) + 1_000,
            "recency": rng.integers(1, 13, count),
            "history": rng.gamma(2.0, 120.0, count).round(2),
            "mens": rng.random(count) < 0.5,
            "zip_code": rng.choice(["Rural", "Surburban", "Urban"], count),
        }
    )


def history(count: int, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng([seed, 1])
    people = customers(count, seed)
    arm = rng.integers(0, 3, count)
    answers = np.where(people["mens"].to_numpy(), arm == 0, arm == 1)
    chance = np.where(arm == 2, 0.05, np.where(answers, 0.4, 0.1)) + 0.1 * (people["recency"].to_numpy() < 4)
    visited = rng.random(count) < chance
    return people.drop("row_id").with_columns(
        at=pl.lit("2008-03-20T09:00:00"),
        channel=pl.lit("email"),
        action=pl.Series([ARMS[one] for one in arm]),
        outcome=pl.Series(np.where(visited, "VISIT", "NO_RESPONSE")),
        probability=pl.lit(1 / 3),
    )


def make_bundle(folder: Path, rounds: int = 200) -> Path:
    """A bundle trained on 4,000 made-up contacts."""
    history(4_000).write_parquet(folder / "history.parquet")
    schema, policy = files_of(PROJECT)
    terms = history_terms(schema, policy.policy)
    rows = read_history([folder / "history.parquet"], terms)
    settings = TrainSettings(fit=FitSettings(rounds=rounds, threads=1))
    write_bundle(folder / "bundle", train(rows, terms, settings, 1_750_000_000.0, lambda _step, _done: None).parts)
    return folder / "bundle"


def project_with(folder: Path, *added: str, replaced: dict[str, str] | None = None) -> Path:
    """The project with texts of its policy replaced, and sections added."""
    policy = (PROJECT / "policy.yaml").read_text()
    for old, new in (replaced or {}).items():
        assert old in policy
        policy = policy.replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.yaml").write_text("\n".join([policy, *added]))
    (folder / "features.yaml").write_text((PROJECT / "features.yaml").read_text())
    return folder
