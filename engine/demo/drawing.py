"""Draws the company of a project, as its `company.yaml` says, and writes its customers and history as tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.demo.company.customers import Population, draw_customers
from engine.demo.company.history import draw_history
from engine.demo.company.read_sketch import SKETCH_FILE, load_sketch
from engine.demo.company.records import customers_table, history_table, write_table
from engine.demo.company.truth import truth_of
from engine.snapshot import facts_of
from models.feature_file import load_features
from models.features import FeatureSchema
from rules.policy import Policy
from rules.policy_file import load_policy

SEED = 7
CUSTOMERS_FILE, HISTORY_FILE = "customers.parquet", "history.parquet"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A company's files and what was read of them; `contacts` rows of history were made."""

    policy: Policy
    schema: FeatureSchema
    population: Population
    contacts: int
    customers: Path
    history: Path


@dataclass(frozen=True, slots=True)
class Size:
    """How many customers, and how many contacts of 180 days."""

    customers: int
    contacts: int


def is_drawable(project: Path) -> bool:
    """Whether the project says how its customers are drawn."""
    return (project / SKETCH_FILE).is_file()


def draw_company(
    project: Path,
    folder: Path,
    size: Size,
    now: float,
    cast: Callable[[Policy, Population], Population] | None = None,
) -> Drawn:
    """Draw customers and 180 days of their history before `now` (s), and write both as tables into `folder`. `cast` may
    put people of its own among the customers. The same arguments draw the same. Raises DocumentInvalid."""
    schema = load_features(project / "features.yaml")
    policy = load_policy(project / "policy.yaml", facts_of(schema)).policy
    sketch = load_sketch(project, schema, policy)
    population = draw_customers(sketch, size.customers, SEED)
    if cast is not None:
        population = cast(policy, population)
    history = draw_history(population, truth_of(sketch, population, SEED), size.contacts, now)
    files = folder / CUSTOMERS_FILE, folder / HISTORY_FILE
    write_table(customers_table(population, schema), files[0])
    write_table(history_table(sketch, population, history, schema), files[1])
    return Drawn(policy, schema, population, len(history.at), *files)
