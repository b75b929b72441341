"""The policy's actions as the models' table: where the catalogue meets what models may read of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from models.actions import ActionColumn, ActionTable
from models.manifest import InputType
from rules.policy import CONTACT_KINDS, Action, ContextField, Policy


def action_table(policy: Policy) -> ActionTable:
    """The table of a policy's actions, in the catalogue's order."""
    actions = policy.actions
    return ActionTable(
        ids=tuple(action.id for action in actions),
        stable_ids=np.array([action.stable_id for action in actions], dtype=np.uint32),
        kinds=tuple(action.kind.value for action in actions),
        issues=tuple(action.issue for action in actions),
        groups=tuple(action.group for action in actions),
        success=tuple(action.success for action in actions),
        windows=np.array([action.success_within for action in actions], dtype=np.float64),
        contacts=np.array([action.kind in CONTACT_KINDS for action in actions], dtype=np.bool_),
        attributes=_columns(actions, policy.attributes),
    )


def _columns(actions: Sequence[Action], declared: Mapping[str, ContextField]) -> tuple[ActionColumn, ...]:
    return tuple(_column(actions, field) for field in declared.values() if not field.live)


def _column(actions: Sequence[Action], field: ContextField) -> ActionColumn:
    cells = [_cell(action.attributes.get(field.name, field.default), field.values) for action in actions]
    kind = InputType.CATEGORY if field.values else InputType.NUMBER
    return ActionColumn(field.name, kind, _float32(cells), field.values)


def _cell(value: float | str | bool | None, values: Sequence[str]) -> float:
    if value is None:
        return math.nan
    if isinstance(value, str):
        return float(values.index(value)) if value in values else math.nan
    return float(value)


def _float32(cells: Sequence[float]) -> npt.NDArray[np.float32]:
    return np.array(cells, dtype=np.float32)
