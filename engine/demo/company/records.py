"""Customers and history as the tables that a company hands over: what is known, and nothing of the truth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from engine.demo.company.customers import Population
from engine.demo.company.draws import Column, Texts
from engine.demo.company.history import History
from engine.demo.company.moments import columns_at
from engine.demo.company.sketch import Sketch, drawn
from models.features import FeatureSchema, FeatureType

_DECLINED = ("REJECTED", "NO_RESPONSE")
_POLARS: Mapping[FeatureType, type[pl.DataType]] = {
    FeatureType.NUMBER: pl.Float64,
    FeatureType.INTEGER: pl.Int64,
    FeatureType.FLAG: pl.Boolean,
}


def customers_table(population: Population, schema: FeatureSchema) -> pl.DataFrame:
    """One row per customer: id, zone, the batch features, consent as `consent:<channel>:<purpose>`."""
    columns = {"customer_id": pl.Series(population.ids), "time_zone": pl.Series(population.zones)}
    columns |= _typed(population.columns, schema)
    columns |= {f"consent:{name}": pl.Series(given) for name, given in population.consent.items()}
    return pl.DataFrame(columns)


def history_table(sketch: Sketch, population: Population, history: History, schema: FeatureSchema) -> pl.DataFrame:
    """One row per contact. Of anonymous visitors nothing is known beside what they did at the time."""
    who = history.moments.who
    hidden = history.anonymous
    known = pl.DataFrame(_typed({name: column[who] for name, column in population.columns.items()}, schema))
    known = known.select(pl.when(~pl.Series(hidden)).then(pl.col(name)).alias(name) for name in known.columns)
    ids = np.where(hidden, np.char.add("v-", np.arange(len(who)).astype(np.str_)), np.array(population.ids)[who])
    contact = {
        "customer_id": pl.Series(ids),
        "at": pl.from_epoch(pl.Series((history.at * 1e6).astype(np.int64)), time_unit="us").dt.replace_time_zone("UTC"),
        "channel": pl.Series(np.array(sketch.channels)[history.moments.channel]),
        "action": pl.Series(np.array(sketch.actions)[history.action]),
        "outcome": pl.Series(history.outcome),
        "probability": pl.Series(history.probability),
    }
    context = {f"context.{name}": _plain(column) for name, column in history.moments.context.items()}
    passing = pl.DataFrame(_typed(_passing(sketch, population, history), schema))
    return pl.DataFrame(contact | context).hstack(known).hstack(passing)


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a table as Parquet, whole or not at all."""
    part = path.with_suffix(".part")
    table.write_parquet(part)
    part.replace(path)


def _passing(sketch: Sketch, population: Population, history: History) -> dict[str, Column]:
    """The real-time features at each contact, and what was only known once it was over."""
    accepted = {"accepted": ~np.isin(history.outcome, _DECLINED)}
    known = columns_at(sketch, population, history.moments) | accepted
    told = drawn(sketch.contacts.afterwards, known, (len(history.at), 10), len(history.at))
    return {**history.moments.features, **told}


def _typed(columns: Mapping[str, Column], schema: FeatureSchema) -> dict[str, pl.Series]:
    """Columns with the types of their features; NaN and "" become null."""
    return {name: _series(column, schema.feature(name).type) for name, column in columns.items()}


def _plain(column: Column) -> pl.Series:
    return _texts(np.asarray(column)) if column.dtype.kind == "U" else pl.Series(column).fill_nan(None)


def _series(column: Column, type_: FeatureType) -> pl.Series:
    if type_ is FeatureType.CATEGORY:
        return _texts(np.asarray(column, dtype=np.str_))
    numbers = pl.Series(np.asarray(column, dtype=np.float64)).fill_nan(None)
    return numbers.cast(_POLARS[type_])


def _texts(column: Texts) -> pl.Series:
    texts = pl.Series(column)
    return texts.set(texts == "", None)
