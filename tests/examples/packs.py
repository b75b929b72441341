"""An example company as the tests see it: its files read once, and a small company drawn from one seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from engine.demo.company.customers import Population, draw_customers
from engine.demo.company.history import History, draw_history
from engine.demo.company.read_sketch import load_sketch
from engine.demo.company.records import customers_table, history_table
from engine.demo.company.sketch import Sketch
from engine.demo.company.truth import Truth, truth_of
from engine.demo.pack import pack_folder
from engine.project import load_snapshot
from engine.snapshot import Snapshot
from models.features import FeatureSchema
from rules.compiled import CompiledPolicy
from rules.policy import Policy

PACKS = ("telco", "bank", "retail", "hospital")
NOW = 1_790_000_000.0
SEED = 7
CUSTOMERS, CONTACTS = 8_000, 24_000
SILENT = ("REJECTED", "NO_RESPONSE")


@dataclass
class Pack:
    """One example company; everything is made when it is first asked for."""

    name: str

    @cached_property
    def folder(self) -> Path:
        return pack_folder(self.name)

    @cached_property
    def snapshot(self) -> Snapshot:
        return load_snapshot(self.folder, None)

    @property
    def schema(self) -> FeatureSchema:
        return self.snapshot.schema

    @property
    def compiled(self) -> CompiledPolicy:
        return self.snapshot.policy

    @property
    def policy(self) -> Policy:
        return self.compiled.policy

    @cached_property
    def sketch(self) -> Sketch:
        return load_sketch(self.folder, self.schema, self.policy)

    @cached_property
    def population(self) -> Population:
        return draw_customers(self.sketch, CUSTOMERS, SEED)

    @cached_property
    def truth(self) -> Truth:
        return truth_of(self.sketch, self.population, SEED)

    @cached_property
    def history(self) -> History:
        return draw_history(self.population, self.truth, CONTACTS, NOW)

    @cached_property
    def customers(self) -> pl.DataFrame:
        return customers_table(self.population, self.schema)

    @cached_property
    def contacts(self) -> pl.DataFrame:
        return history_table(self.sketch, self.population, self.history, self.schema)
