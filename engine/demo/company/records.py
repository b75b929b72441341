"""Customers and history as the tables that a company hands over: what is known, and nothing of the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from engine.demo.company.customers import Column, Population
from engine.demo.company.history import History, channel_names
from engine.demo.company.offered import Offered
from engine.demo.company.traits import Floats, Texts
from models.features import FeatureSchema, FeatureType

_TOPIC_OF_PAGE = {"basket": "accessories", "": ""}


def customers_table(population: Population, schema: FeatureSchema) -> pl.DataFrame:
    """One row per customer: id, zone, the batch features, consent as `consent:<channel>:<purpose>`."""
    columns = {"customer_id": pl.Series(population.ids), "time_zone": pl.Series(population.zones)}
    columns |= _typed(population.columns, schema)
    columns |= {f"consent:{name}": pl.Series(given) for name, given in population.consent.items()}
    return pl.DataFrame(columns)


def history_table(
    population: Population, history: History, offered: Sequence[Offered], schema: FeatureSchema
) -> pl.DataFrame:
    """One row per contact. Of anonymous visitors nothing is known beside what they did in the shop."""
    who = history.moments.who
    hidden = history.anonymous
    known = pl.DataFrame(_typed({name: column[who] for name, column in population.columns.items()}, schema))
    known = known.select(pl.when(~pl.Series(hidden)).then(pl.col(name)).alias(name) for name in known.columns)
    ids = np.where(hidden, np.char.add("v-", np.arange(len(who)).astype(np.str_)), np.array(population.ids)[who])
    contact = {
        "customer_id": pl.Series(ids),
        "at": pl.from_epoch(pl.Series((history.at * 1e6).astype(np.int64)), time_unit="us").dt.replace_time_zone("UTC"),
        "channel": pl.Series(channel_names(history)),
        "action": pl.Series(np.array([one.id for one in offered])[history.action]),
        "outcome": pl.Series(history.outcome),
        "probability": pl.Series(history.probability),
    }
    return (
        pl.DataFrame(contact | _context(history)).hstack(known).hstack(pl.DataFrame(_typed(_passing(history), schema)))
    )


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a table as Parquet, whole or not at all."""
    part = path.with_suffix(".part")
    table.write_parquet(part)
    part.replace(path)


def _context(history: History) -> dict[str, pl.Series]:
    moments = history.moments
    queue = np.where(moments.among("call_centre"), moments.queue, np.nan)
    return {
        "context.page": _texts(moments.page),
        "context.queue_minutes": pl.Series(queue).fill_nan(None),
    }


def _passing(history: History) -> dict[str, Column]:
    """The real-time features at each contact, and what was only known once it was over."""
    moments = history.moments
    topics = np.array([_TOPIC_OF_PAGE.get(page, page) for page in moments.page.tolist()])
    opened = np.where(moments.app_opens_14d > 0.0, 86400.0 * 14.0 / (1.0 + moments.app_opens_14d), np.nan)
    return {
        "pages_viewed_7d": moments.pages_viewed_7d,
        "last_page_topic": topics,
        "phones_viewed_3d": moments.phones_viewed_3d,
        "tariffs_viewed_3d": moments.tariffs_viewed_3d,
        "cancellation_viewed_7d": moments.cancellation_viewed_7d,
        "help_viewed_2d": moments.help_viewed_2d,
        "basket_value": moments.basket_value,
        "spent_30d": moments.spent_30d,
        "app_opens_14d": moments.app_opens_14d,
        "since_app_open": opened,
        "last_call_seconds": _call_seconds(history),
    }


def _call_seconds(history: History) -> Floats:
    """Calls in which something is accepted last longer: a leak for whoever lets a model read it."""
    accepted = ~np.isin(history.outcome, ["REJECTED", "NO_RESPONSE"])
    spread = 1.0 + 0.5 * np.sin(history.at)
    return np.where(history.moments.among("call_centre"), np.floor((150.0 + 260.0 * accepted) * spread), np.nan)


def _typed(columns: Mapping[str, Column], schema: FeatureSchema) -> dict[str, pl.Series]:
    """Columns with the types of their features; NaN and "" become null."""
    return {name: _series(column, schema.feature(name).type) for name, column in columns.items()}


def _series(column: Column, type_: FeatureType) -> pl.Series:
    if type_ is FeatureType.CATEGORY:
        return _texts(np.asarray(column, dtype=np.str_))
    if type_ is FeatureType.FLAG:
        return pl.Series(column)
    numbers = pl.Series(np.asarray(column, dtype=np.float64)).fill_nan(None)
    return numbers.cast(pl.Int64) if type_ is FeatureType.INTEGER else numbers


def _texts(column: Texts) -> pl.Series:
    texts = pl.Series(column)
    return texts.set(texts == "", None)
