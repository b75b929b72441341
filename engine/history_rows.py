"""The rows of a history as the rules read them: the customer's features, and the moment of the contact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from engine.history_terms import setting_of
from models.features import FeatureSchema, FeatureType
from models.history import History
from rules.policy import ContextField, Policy
from rules.situation import Moment, Value

Rows = npt.NDArray[np.float32]
Indexes = npt.NDArray[np.intp]


def bodies(history: History, schema: FeatureSchema, rows: Indexes) -> Rows:
    """The features of these rows as vectors float32 (len(rows), n_features) under the schema; what the history does not
    have is missing."""
    empty = np.full(len(history), np.nan, dtype=np.float32)
    columns = [history.inputs.get(f"customer.{name}", empty)[rows] for name in schema.names]
    return np.column_stack(columns).astype(np.float32)


def moments(history: History, policy: Policy, rows: Indexes) -> Iterator[Moment]:
    """When and where the contacts of these rows were, about what, and the declared context."""
    setting = setting_of(policy)
    channels = _texts(history, "moment.channel", tuple(setting.channels), rows)
    intents = _texts(history, "moment.intent", setting.intents, rows)
    told = [(one.name, _context(history, one, rows)) for one in policy.context.values()]
    for place, now in enumerate(history.at[rows].tolist()):
        found = ((name, column[place]) for name, column in told)
        context = {name: value for name, value in found if value is not None}
        yield Moment(now, channels[place] or "", intents[place] or "", context=context)


def _texts(history: History, name: str, values: Sequence[str], rows: Indexes) -> list[str | None]:
    column = history.inputs.get(name)
    if column is None:
        return [None] * len(rows)
    return [None if np.isnan(code) else values[int(code)] for code in column[rows].tolist()]


def _context(history: History, declared: ContextField, rows: Indexes) -> Sequence[Value | None]:
    name = f"context.{declared.name}"
    if declared.values:
        return _texts(history, name, declared.values, rows)
    column = history.inputs.get(name)
    if column is None:
        return [None] * len(rows)
    flag = declared.type == FeatureType.FLAG.value
    return [None if np.isnan(one) else bool(one) if flag else one for one in column[rows].tolist()]
