"""The rows a model learns from: one column per input that the history has and that varies in it.

A column in which every row says the same tells nothing and is left out, with the reason kept; `action.id`
always stays, so that every model can be told which action is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from documents.problem import BefitError
from documents.reader import did_you_mean
from models.actions import ActionTable
from models.features import FeatureSchema
from models.history import History
from models.history_check import Terms
from models.history_pairs import history_pairs
from models.inputs import action_inputs, action_matrix, customer_inputs, moment_inputs
from models.manifest import Input
from models.pair import pair_inputs

Floats = npt.NDArray[np.float32]

ALWAYS = "action.id"
NOT_THERE = "not in the history"


class FeatureRefused(BefitError):
    """A feature was asked for that no model may read, or that is not declared."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """`rows` float32, shape (n, len(inputs)), NaN = missing. `left_out` says by input name why it is no input."""

    inputs: tuple[Input, ...]
    rows: Floats
    left_out: Mapping[str, str]


def training_matrix(
    history: History, terms: Terms, features: Sequence[str] = (), prior: Sequence[Input] = ()
) -> Matrix:
    """The inputs and their values for every row of the history. `features` names the customer features to use; empty
    = all that models may read. What a `prior` model reads stays, also where the rows tell nothing of it. Raises
    FeatureRefused."""
    customer = _wanted(customer_inputs(terms.schema), terms.schema, features)
    moment = moment_inputs(terms.setting)
    shown = [terms.actions.ids[one] for one in np.unique(history.actions).tolist()]
    action = action_inputs(terms.actions, [*shown, *_known_before(prior, terms.actions, shown)])
    of_actions = action_matrix(action, terms.actions)[history.actions]
    pairs = history_pairs(history, terms.actions) if history.pairs is None else history.pairs
    columns = {one.name: history.inputs.get(one.name) for one in (*customer, *moment)}
    columns |= {one.name: of_actions[:, place] for place, one in enumerate(action)}
    pair = pair_inputs(terms.setting.outcomes)
    columns |= {one.name: pairs[:, place] for place, one in enumerate(pair)}
    read = {one.name for one in prior}
    left_out = {name: why for name, column in columns.items() if name not in read and (why := _idle(name, column))}
    inputs = tuple(one for one in (*customer, *moment, *action, *pair) if one.name not in left_out)
    missing = np.full(len(history), np.nan, dtype=np.float32)
    kept = [missing if column is None else column for name, column in columns.items() if name not in left_out]
    return Matrix(inputs, np.column_stack(kept), left_out)


def _known_before(prior: Sequence[Input], actions: ActionTable, shown: Sequence[str]) -> list[str]:
    """Actions that the history never showed and a prior model knows."""
    known = {value for one in prior if one.name == ALWAYS for value in one.values}
    return [one for one in actions.ids if one in known and one not in shown]


def _wanted(inputs: tuple[Input, ...], schema: FeatureSchema, features: Sequence[str]) -> tuple[Input, ...]:
    readable = {one.feature: one for one in inputs}
    for name in features:
        if name not in schema:
            raise FeatureRefused(f"{name!r} is no feature; {did_you_mean(name, schema.names)}")
        if name not in readable:
            known_after = schema.feature(name).known_after_outcome
            why = "it is known only after the outcome" if known_after else "it is declared `log: no`"
            raise FeatureRefused(f"no model may read {name!r}: {why}")
    return tuple(one for one in inputs if not features or one.feature in features)


def _idle(name: str, column: Floats | None) -> str:
    """Why a column tells nothing, "" where it tells something."""
    if column is None:
        return NOT_THERE
    missing = np.isnan(column)
    if missing.all():
        return "missing in every row" if name != ALWAYS else ""
    same = not missing.any() and bool((column == column[0]).all())
    return "the same in every row" if same and name != ALWAYS else ""
