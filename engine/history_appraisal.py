"""What the policy says of the rows of a history: each one's tier, what its action gains on success, what it costs.

A history of outcomes tells successes; money is the policy's word. Features that the history does not have are unknown,
as they would be in a decision. Only rows whose choice had a known probability are asked about: no other row proves
anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from engine.history_terms import setting_of
from models.features import FeatureSchema, FeatureType
from models.gather import ValueReader
from models.history import Appraisal, History
from rules.compiled import CompiledPolicy
from rules.policy import ContextField
from rules.situation import Moment, Value
from rules.weights import weigh

Rows = npt.NDArray[np.float32]


def appraised(history: History, policy: CompiledPolicy, schema: FeatureSchema) -> History:
    """The history with what the policy says of its rows; as it is, where no choice has a probability."""
    asked = np.flatnonzero(history.probability > 0.0)
    if not len(asked):
        return history
    tiers = np.zeros(len(history), dtype=np.intp)
    gain, cost = np.zeros(len(history)), np.zeros(len(history))
    reader, bodies = ValueReader(schema), _bodies(history, schema, asked)
    for row, body, moment in zip(asked.tolist(), bodies, _moments(history, policy, asked), strict=True):
        values = policy.bind(reader.read(body).values, moment)
        tier = policy.place(values)
        weights = weigh(policy, policy.judge(values, tier), tier)
        action = history.actions[row]
        tiers[row], gain[row], cost[row] = tier.index, weights.gain[action], weights.cost[action]
    names = tuple(tier.name for tier in policy.policy.tiers)
    return replace(history, appraisal=Appraisal(names, tiers, gain, cost))


def _bodies(history: History, schema: FeatureSchema, rows: npt.NDArray[np.intp]) -> Rows:
    """The rows' features as vectors (len(rows), n_features) under the schema."""
    empty = np.full(len(history), np.nan, dtype=np.float32)
    columns = [history.inputs.get(f"customer.{name}", empty)[rows] for name in schema.names]
    return np.column_stack(columns).astype(np.float32)


def _moments(history: History, policy: CompiledPolicy, rows: npt.NDArray[np.intp]) -> Iterator[Moment]:
    setting = setting_of(policy.policy)
    channels = _texts(history, "moment.channel", tuple(setting.channels), rows)
    intents = _texts(history, "moment.intent", setting.intents, rows)
    told = [_context(history, one, rows) for one in policy.policy.context.values()]
    names = tuple(policy.policy.context)
    for place, now in enumerate(history.at[rows].tolist()):
        context = {
            name: value for name, column in zip(names, told, strict=True) if (value := column[place]) is not None
        }
        yield Moment(now, channels[place] or "", intents[place] or "", context=context)


def _texts(history: History, name: str, values: Sequence[str], rows: npt.NDArray[np.intp]) -> list[str | None]:
    column = history.inputs.get(name)
    if column is None:
        return [None] * len(rows)
    return [None if np.isnan(code) else values[int(code)] for code in column[rows].tolist()]


def _context(history: History, declared: ContextField, rows: npt.NDArray[np.intp]) -> Sequence[Value | None]:
    name = f"context.{declared.name}"
    if declared.values:
        return _texts(history, name, declared.values, rows)
    column = history.inputs.get(name)
    if column is None:
        return [None] * len(rows)
    flag = declared.type == FeatureType.FLAG.value
    return [None if np.isnan(one) else bool(one) if flag else one for one in column[rows].tolist()]
