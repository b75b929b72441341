"""Which leaves a group of inputs leaves possible, looked up instead of computed.

Between two neighbouring thresholds of an input nothing changes, so every input has one row of masks (one
per tree) for each such interval: the AND of all its nodes that turn right there. Rows are filled by asking
LightGBM's own test about the interval's upper end, so missing values, zeros and categories need no case of
their own when scoring. Finding the rows is one binary search for all inputs: float32 values become integers
that sort alike, and each input has its own range of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.leaf_masks import ZERO, Masks, Nodes, goes_left, in_set
from models.trees import categorical

_INFINITY = np.float32(np.inf)
_FEW = 256
"""Rows that are gathered at once: fewer calls; of more, each is read and forgotten before the next."""

_LAST = 2**31 - 1  # above all missing values
_FIRST = -(2**31) + 0x7FFFFF - 1  # just below minus infinity, above missing values with the sign bit set


@dataclass(frozen=True, slots=True)
class PrefixMasks:
    """Rows of masks for a group of `width` columns. `used` (n_used,): those that any node tests. `base` int64
    (n_used,): where a column's keys begin. `keys` int64 (n_rows,), ascending: the upper end of each row's interval.
    `table` (n_rows, n_trees)."""

    width: int
    used: NDArray[np.intp]
    base: NDArray[np.int64]
    keys: NDArray[np.int64]
    table: Masks

    def of_one(self, values: NDArray[np.float32]) -> Masks:
        """The masks (n_trees,) of one row of values (width,). Raises ValueError on another width: such a row would be
        read at the wrong places, and look plausible."""
        self._expect(len(values))
        rows = self.keys.searchsorted(sortable(values.take(self.used)) + self.base)
        masks: Masks = np.bitwise_and.reduce(self.table.take(rows, axis=0), axis=0)
        return masks

    def narrow(self, masks: Masks, values: NDArray[np.float32]) -> None:
        """AND into `masks` (k, n_trees) what each row of `values` (k, width) leaves possible. Raises as `of_one`."""
        self._expect(values.shape[1])
        rows = self.keys.searchsorted(sortable(values.T.take(self.used, axis=0)) + self.base[:, None])
        if rows.size <= _FEW:
            masks &= np.bitwise_and.reduce(self.table.take(rows, axis=0), axis=0)
            return
        for row_of_each in rows:
            masks &= self.table.take(row_of_each, axis=0)

    def ends(self) -> list[NDArray[np.float32]]:
        """Per used column the upper ends of its intervals, a missing value (either sign bit) at both outer places."""
        column = (self.keys + 2**31) >> 32
        bits = _mirrored((self.keys - (column << 32)).astype(np.int32))
        return [bits[column == place].view(np.float32) for place in range(len(self.used))]

    def _expect(self, width: int) -> None:
        if width != self.width:
            raise ValueError(f"{width} inputs where the model takes {self.width}")


def sortable(values: NDArray[np.float32]) -> NDArray[np.int32]:
    """Integers in the order of the floats; missing values beyond either infinity, by their sign bit."""
    return _mirrored(values.view(np.int32))


def _mirrored(bits: NDArray[np.int32]) -> NDArray[np.int32]:
    """The order of floats is that of their bits, but for negative ones, which count downwards; its own inverse."""
    return bits ^ ((bits >> 31) & _LAST)


def rows_needed(nodes: Nodes, columns: NDArray[np.intp]) -> int:
    """How many table rows `prefix_masks` would make."""
    return sum(len(_ends(nodes, np.flatnonzero(nodes.feature == feature))) + 2 for feature in columns)


def prefix_masks(nodes: Nodes, columns: NDArray[np.intp]) -> PrefixMasks:
    """Tables for the columns given by their feature numbers (n_columns,)."""
    used = [place for place, feature in enumerate(columns) if np.any(nodes.feature == feature)]
    base = np.arange(len(used), dtype=np.int64) << 32
    keys, tables = [np.empty(0, dtype=np.int64)], [np.empty((0, len(nodes.leaf_value)), dtype=nodes.mask.dtype)]
    for start, place in zip(base, used, strict=True):
        here = np.flatnonzero(nodes.feature == columns[place])
        ends = _ends(nodes, here)
        uppers = sortable(ends).astype(np.int64)
        keys.append(start + np.concatenate(([_FIRST], uppers, [_LAST])))
        tables.append(_table(nodes, here, np.array([np.nan, *ends, np.nan])))
    places = np.array(used, dtype=np.intp)
    return PrefixMasks(len(columns), places, base, np.concatenate(keys), np.concatenate(tables))


def _ends(nodes: Nodes, here: NDArray[np.intp]) -> NDArray[np.float32]:
    """The upper ends of a feature's intervals, ascending, infinity last: float32 (n,)."""
    is_set = nodes.decision[here] & 1 == 1
    sets = [nodes.bitset[node] for node in here[is_set]]
    codes = np.arange(1, 1 + 32 * max((len(words) for words in sets), default=0), dtype=np.float32)
    whole = (
        np.concatenate((np.array([-1.0], dtype=np.float32), np.nextafter(codes, np.float32(0))))
        if len(codes)
        else codes
    )
    below = _rounded_down(nodes.threshold[here[~is_set]])
    outside = below[np.abs(below) > ZERO]
    zero = np.array([np.nextafter(np.float32(-ZERO), -_INFINITY), ZERO], dtype=np.float32)
    return np.unique(np.concatenate((whole, outside, zero, [_INFINITY])).astype(np.float32))


def _rounded_down(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """The largest float32 that is not above each threshold: x <= threshold means the same for either."""
    with np.errstate(over="ignore"):
        near = thresholds.astype(np.float32)
    return np.where(near.astype(np.float64) > thresholds, np.nextafter(near, -_INFINITY), near)


def _table(nodes: Nodes, here: NDArray[np.intp], values: NDArray[Any]) -> Masks:
    table = np.full((len(values), len(nodes.leaf_value)), np.iinfo(nodes.mask.dtype).max, dtype=nodes.mask.dtype)
    for decision in np.unique(nodes.decision[here]).tolist():
        alike = here[nodes.decision[here] == decision]
        if categorical(decision):
            left = np.array([in_set(nodes.bitset[node], values) for node in alike])
        else:
            left = goes_left(nodes.threshold[alike], decision, values)
        for node, stays in zip(alike.tolist(), left, strict=True):
            table[~stays, nodes.tree[node]] &= nodes.mask[node]
    return table
