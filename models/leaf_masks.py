"""A forest as bits: leaf i of a tree, counted from the left, is bit i; each node knows what its right turn rules out.

QuickScorer's idea (Lucchese et al., SIGIR 2015): a node whose test fails clears the bits of its left
subtree; whatever the order of the tests, the leaf that is reached is the lowest bit left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.trees import Forest, Tree, Walk, categorical, walk

MAX_LEAVES = 64
ZERO = float(np.float32(1e-35))
_DEFAULT_LEFT = 2
_MISSING_ZERO = 1
_MISSING_NAN = 2

Masks = NDArray[Any]  # uint32 up to 32 leaves, else uint64


@dataclass(frozen=True, slots=True)
class NotCovered:
    """Why the native scorer leaves a model to LightGBM's own predictor."""

    reason: str


@dataclass(frozen=True, slots=True)
class Nodes:
    """All nodes of all trees side by side, each array (n_nodes,). `mask` has the bits of the left subtree cleared;
    `bitset` is a categorical node's set, empty for a numerical one. `leaf_value` is float64 (n_trees, width),
    leaves from the left."""

    tree: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    decision: NDArray[np.int64]
    mask: Masks
    bitset: tuple[NDArray[np.uint32], ...]
    leaf_value: NDArray[np.float64]


def nodes_of(forest: Forest) -> Nodes | NotCovered:
    """Number leaves and nodes. Raises ModelTextInvalid where a tree is not a tree."""
    widest = max((tree.leaves for tree in forest.trees), default=1)
    if forest.linear:
        return NotCovered("linear trees")
    if forest.classes != 1:
        return NotCovered("more than one tree per round")
    if widest > MAX_LEAVES:
        return NotCovered(f"a tree of {widest} leaves, more than {MAX_LEAVES}")
    walks = [walk(tree) for tree in forest.trees]
    width = 32 if widest <= 32 else 64
    leaf_value = np.zeros((len(forest.trees), width))
    for row, tree, path in zip(leaf_value, forest.trees, walks, strict=True):
        row[: tree.leaves] = tree.leaf_value[list(path.leaves)]
    trees = forest.trees
    return Nodes(
        tree=np.repeat(np.arange(len(trees)), [tree.leaves - 1 for tree in trees]),
        feature=_joined([tree.feature for tree in trees], np.int64),
        threshold=_joined([tree.threshold for tree in trees], np.float64),
        decision=_joined([tree.decision for tree in trees], np.int64),
        mask=_joined([_masks(path, width) for path in walks], np.dtype(f"u{width // 8}").type),
        bitset=tuple(found for tree in trees for found in _bitsets(tree)),
        leaf_value=leaf_value,
    )


def goes_left(threshold: NDArray[np.float64], decision: int, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """LightGBM's numerical test, (n_nodes, n_values), of nodes with thresholds (n_nodes,) and one decision type."""
    missing = (decision >> 2) & 3
    found = np.where(np.abs(values) <= ZERO, 0.0, values)
    if missing != _MISSING_NAN:
        found = np.where(np.isnan(found), 0.0, found)
    by_default = np.isnan(found) if missing == _MISSING_NAN else (found == 0.0) & (missing == _MISSING_ZERO)
    return np.where(by_default, bool(decision & _DEFAULT_LEFT), found <= threshold[:, None])


def in_set(bitset: NDArray[np.uint32], values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """LightGBM's categorical test, (n_values,): truncated to a whole number, is it in the set? Missing never is."""
    possible = (values > -1.0) & (values < 32.0 * len(bitset))
    codes = np.where(possible, values, 0.0).astype(np.int64)
    found: NDArray[np.bool_] = possible & ((bitset[codes >> 5] >> (codes & 31).astype(np.uint32)) & 1).astype(bool)
    return found


def _masks(path: Walk, width: int) -> Masks:
    full = (1 << width) - 1
    spans = zip(path.first, path.middle, strict=True)
    return np.array([full ^ ((1 << middle) - (1 << first)) for first, middle in spans], dtype=f"u{width // 8}")


def _bitsets(tree: Tree) -> list[NDArray[np.uint32]]:
    none = np.empty(0, dtype=np.uint32)
    nodes = zip(tree.decision.tolist(), tree.threshold.tolist(), strict=True)
    return [tree.bitsets[int(threshold)] if categorical(decision) else none for decision, threshold in nodes]


def _joined(parts: list[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype=dtype), *parts])
