"""Which inputs a model may have, and how the moment and the actions become numbers.

Serving encodes one moment per decision and all actions once per bundle; training encodes a column of moments and
takes rows of the same action matrix, so both sides give a value the same number. What an input's `values`
do not hold - an action that history never saw, a channel opened since - is missing (NaN), never another's code.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from models.actions import ActionTable
from models.features import FeatureSchema, FeatureType
from models.manifest import Input, InputScope, InputType

Value = float | str | bool
Floats = npt.NDArray[np.float32]

DIRECTIONS = ("inbound", "outbound")


@dataclass(frozen=True, slots=True)
class ContextKey:
    """A declared key of the request's context; `values` only where it is a category."""

    name: str
    type: FeatureType
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and about what customers are met, as the policy declares it.

    `channels` maps each channel to its direction; `outcomes` are its own outcome types beside the standard
    ones; `time_zone` is the zone of local hours, an IANA name.
    """

    channels: Mapping[str, str]
    intents: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    context: tuple[ContextKey, ...] = ()
    time_zone: str = "UTC"


class MomentSeen(msgspec.Struct, frozen=True):
    """One moment as models see it: `hour` 0 to 23 and `weekday` 1 (Monday) to 7, both local to the customer."""

    channel: str
    direction: str
    hour: float
    weekday: float
    intent: str
    context: Mapping[str, Value]


def customer_inputs(schema: FeatureSchema) -> tuple[Input, ...]:
    """An input for each feature that models may read; those known after the outcome or not logged have none."""
    return tuple(
        Input(
            f"customer.{one.name}",
            InputScope.CUSTOMER,
            _input_type(one.type),
            one.values,
            one.name,
        )
        for one in schema.features
        if one.trainable
    )


def moment_inputs(setting: Setting) -> tuple[Input, ...]:
    """Channel, direction, local time, intent and the declared context."""
    return (
        _moment_category("moment.channel", tuple(setting.channels)),
        _moment_category("moment.direction", DIRECTIONS),
        Input("moment.hour", InputScope.MOMENT),
        Input("moment.weekday", InputScope.MOMENT),
        _moment_category("moment.intent", setting.intents),
        *(
            Input(f"context.{one.name}", InputScope.MOMENT, _input_type(one.type), one.values)
            for one in setting.context
        ),
    )


def action_inputs(actions: ActionTable, known: Sequence[str]) -> tuple[Input, ...]:
    """What an action is: its id among the `known` ones (those of the history), its place in the order of the
    business, its attributes. A new action has no id here, yet its kind, issue, group and attributes tell of it."""
    named = {
        "action.id": tuple(known),
        "action.kind": _distinct(actions.kinds),
        "action.issue": _distinct(actions.issues),
        "action.group": _distinct(actions.groups),
    }
    places = tuple(Input(name, InputScope.ACTION, InputType.CATEGORY, values) for name, values in named.items())
    return places + tuple(
        Input(f"action.{one.name}", InputScope.ACTION, one.type, one.values) for one in actions.attributes
    )


def action_matrix(inputs: Sequence[Input], actions: ActionTable) -> Floats:
    """The values of action-scoped `inputs` for every action, float32, shape (n_actions, len(inputs))."""
    matrix = np.full((len(actions), len(inputs)), np.nan, dtype=np.float32)
    texts = {"id": actions.ids, "kind": actions.kinds, "issue": actions.issues, "group": actions.groups}
    columns = {one.name: one for one in actions.attributes}
    for place, one in enumerate(inputs):
        name = one.name.removeprefix("action.")
        if name in texts:
            matrix[:, place] = codes(one.values, texts[name])
        elif name in columns and columns[name].type == one.type:
            column = columns[name]
            category = one.type is InputType.CATEGORY
            matrix[:, place] = recoded(column.values, one.values, column.cells) if category else column.cells
    return matrix


class _Reading(NamedTuple):
    """How one moment input is read; `places` None = a number."""

    name: str
    from_context: bool
    places: Mapping[object, float] | None


class MomentEncoder:
    """Turns a moment into the values of a bundle's moment inputs; built once per bundle."""

    __slots__ = ("_readings",)

    def __init__(self, inputs: Sequence[Input]) -> None:
        self._readings = tuple(_reading(one) for one in inputs)

    def encode(self, moment: MomentSeen) -> Floats:
        """float32, shape (len(inputs),); what is absent or unknown is NaN."""
        values = np.empty(len(self._readings), dtype=np.float32)
        for place, (name, from_context, places) in enumerate(self._readings):
            value = moment.context.get(name) if from_context else getattr(moment, name, None)
            if places is None:
                values[place] = math.nan if value is None or isinstance(value, str) else value
            else:
                values[place] = places.get(value, math.nan)
        return values


def _reading(one: Input) -> _Reading:
    room, _, name = one.name.partition(".")
    places: dict[object, float] = {value: float(i) for i, value in enumerate(one.values)}
    return _Reading(name, room == "context", places if one.type is InputType.CATEGORY else None)


def codes(values: Sequence[str], texts: Sequence[str]) -> Floats:
    """The index of each text in `values`, NaN where it is not among them; float32, shape (len(texts),)."""
    place = {value: float(i) for i, value in enumerate(values)}
    return np.array([place.get(text, math.nan) for text in texts], dtype=np.float32)


def recoded(written: Sequence[str], wanted: Sequence[str], cells: Floats) -> Floats:
    """Category codes under `written` values as codes under `wanted` ones; NaN where a value is not wanted."""
    table = np.append(codes(wanted, written), np.float32(math.nan))
    return table[np.where(np.isnan(cells), len(written), cells).astype(np.intp)]


def _input_type(kind: FeatureType) -> InputType:
    return InputType.CATEGORY if kind is FeatureType.CATEGORY else InputType.NUMBER


def _moment_category(name: str, values: tuple[str, ...]) -> Input:
    return Input(name, InputScope.MOMENT, InputType.CATEGORY, values)


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
