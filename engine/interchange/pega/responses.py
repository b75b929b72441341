"""What models learnt from: every contact whose answer is known, with its score and the customer as decided by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine.interchange.pega.exposures import Exposure
from engine.interchange.pega.names import DIRECTIONS
from models.manifest import Input
from rules.policy import Action, Channel

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


class PegaModel(NamedTuple):
    """Pega has a model for each action in each channel. `treatment` "" where the action has none there."""

    id: str
    action: str
    issue: str
    group: str
    channel: str
    direction: str
    treatment: str


@dataclass(frozen=True, slots=True)
class Responses:
    """Contacts by row: `model` indexes `models`, `at` (s) the decision, `score` the chance it was chosen by, `values`
    float32 (rows, inputs), categories as codes, NaN = missing."""

    models: tuple[PegaModel, ...]
    inputs: tuple[Input, ...]
    model: Indexes
    at: Floats
    success: Flags
    score: Floats
    values: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.model)

    def until(self, end: float) -> Responses:
        """Those of decisions before `end` (s)."""
        kept = self.at < end
        rows = (self.model[kept], self.at[kept], self.success[kept], self.score[kept], self.values[kept])
        return Responses(self.models, self.inputs, *rows)


class ResponsesGathered:
    """Takes contacts up one after the other."""

    def __init__(self, inputs: tuple[Input, ...]) -> None:
        self._inputs = inputs
        self._models: dict[str, tuple[int, PegaModel]] = {}
        self._rows: list[tuple[int, float, bool, float]] = []
        self._values: list[npt.NDArray[np.float32]] = []

    def add(self, one: Exposure, values: npt.NDArray[np.float32]) -> None:
        """A contact that is closed, with the customer and the moment as inputs, float32 (inputs,)."""
        model = _model(one.action, one.channel)
        number, _ = self._models.setdefault(model.id, (len(self._models), model))
        self._rows.append((number, one.record.now, one.success, one.propensity))
        self._values.append(values)

    def responses(self) -> Responses:
        model, at, success, score = zip(*self._rows, strict=True) if self._rows else ((), (), (), ())
        return Responses(
            tuple(each for _, each in self._models.values()),
            self._inputs,
            np.array(model, dtype=np.intp),
            np.array(at, dtype=np.float64),
            np.array(success, dtype=np.bool_),
            np.array(score, dtype=np.float64),
            np.array(self._values, dtype=np.float32).reshape(len(self._values), len(self._inputs)),
        )


def _model(action: Action, channel: Channel) -> PegaModel:
    treatment = action.treatments.get(channel.name)
    direction = DIRECTIONS[channel.direction]
    named = (action.id, action.issue, action.group, channel.name, direction, treatment.id if treatment else "")
    return PegaModel(f"{channel.name}/{action.id}", *named)
