"""The actions as models see them: names, columns that inputs are made of, and what counts as success.

The rows stand in the catalogue's order; `engine` fills the table from the policy, since models never read one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.manifest import InputType

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ActionColumn:
    """An attribute of the actions. `cells` float32, shape (n_actions,): numbers, or for a category indexes in its
    `values`; NaN = missing."""

    name: str
    type: InputType
    cells: Floats
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActionTable:
    """All actions of a catalogue, column by column; every column has one entry per action.

    `stable_ids` (uint32) is how contacts name actions; `success` the outcome type that counts;
    `windows` the seconds in which it counts; `contacts` (bool) whether being chosen enters the contact ledger.
    """

    ids: tuple[str, ...]
    stable_ids: npt.NDArray[np.uint32]
    kinds: tuple[str, ...]
    issues: tuple[str, ...]
    groups: tuple[str, ...]
    success: tuple[str, ...]
    windows: npt.NDArray[np.float64]
    contacts: npt.NDArray[np.bool_]
    attributes: tuple[ActionColumn, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def index(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.ids)}

    @cached_property
    def group_codes(self) -> npt.NDArray[np.intp]:
        """A number per action, equal for actions of the same group of the same issue, from 0."""
        codes: dict[tuple[str, str], int] = {}
        pairs = zip(self.issues, self.groups, strict=True)
        return np.array([codes.setdefault(pair, len(codes)) for pair in pairs], dtype=np.intp)
