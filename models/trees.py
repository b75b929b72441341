"""LightGBM's model text read into plain arrays, checked before anything walks them.

LightGBM itself trusts its text: a damaged one crashes the process or loops for ever. Here every node
must be reached exactly once from the root, so a cycle is a refusal. Only what decides a prediction is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from documents.problem import BefitError

_CATEGORICAL = 1
_PROBABILITY_OBJECTIVES = ("binary", "cross_entropy")


class ModelTextInvalid(BefitError):
    """The text is not a LightGBM model that holds together; raised by `read_forest`."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree of n leaves and n - 1 nodes, as LightGBM numbers them. A child >= 0 is a node, else leaf ~child.

    `feature`, `left`, `right` int64 (n - 1,); `threshold` float64 (n - 1,), for a categorical node the index into
    `bitsets` (uint32 words); `decision` int64 (n - 1,): bit 0 categorical, bit 1 default left, bits 2-3
    missing type; `leaf_value` float64 (n,).
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    decision: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    leaf_value: NDArray[np.float64]
    bitsets: tuple[NDArray[np.uint32], ...]

    @property
    def leaves(self) -> int:
        return len(self.leaf_value)


@dataclass(frozen=True, slots=True)
class Forest:
    """All trees, whose sum is the margin. The probability is 1 / (1 + exp(-steepness x margin)); `steepness` is None
    where the objective gives no probability. `classes` is 1 unless there are trees per class; `linear` where
    leaves hold regressions, which are not read."""

    trees: tuple[Tree, ...]
    feature_names: tuple[str, ...]
    steepness: float | None
    classes: int
    linear: bool


@dataclass(frozen=True, slots=True)
class Walk:
    """A tree's leaves from left to right, and per node the positions of its left subtree: [first, middle)."""

    leaves: tuple[int, ...]
    first: tuple[int, ...]
    middle: tuple[int, ...]


def read_forest(text: str) -> Forest:
    """Read a model text. Raises ModelTextInvalid where it does not hold together."""
    whole, end, _ = text.partition("\nend of trees")
    head, *rest = whole.split("\nTree=")
    header = _fields(head)
    if not head.startswith("tree\n") or "feature_names" not in header or not end:
        raise ModelTextInvalid("the text does not begin and end as a LightGBM model does")
    if len(header.get("tree_sizes", "").split()) != len(rest):
        raise ModelTextInvalid(f"{len(rest)} trees, which is not what the header says")
    names = tuple(header["feature_names"].split())
    try:
        blocks = [_fields(block) for block in rest]
        return Forest(
            trees=tuple(_tree(block, len(names)) for block in blocks),
            feature_names=names,
            steepness=_steepness(header, len(blocks)),
            classes=int(header["num_tree_per_iteration"]),
            linear=any(block.get("is_linear", "0") != "0" for block in blocks),
        )
    except (KeyError, ValueError, OverflowError) as error:
        raise ModelTextInvalid(f"a tree cannot be read: {error}") from None


def walk(tree: Tree) -> Walk:
    """Visit every node once. Raises ModelTextInvalid where a node or leaf is reached twice or never."""
    nodes = tree.leaves - 1
    leaves: list[int] = []
    first, middle = [-1] * nodes, [-1] * nodes
    left, right = tree.left.tolist(), tree.right.tolist()
    ahead = [0 if nodes else ~0]
    while ahead:
        at = ahead.pop()
        if at < 0:
            leaves.append(~at)
        elif at >= nodes:
            middle[at - nodes] = len(leaves)
        elif first[at] >= 0:
            raise ModelTextInvalid(f"node {at} is reached twice")
        else:
            first[at] = len(leaves)
            ahead += (right[at], at + nodes, left[at])
    if sorted(leaves) != list(range(tree.leaves)) or -1 in middle:
        raise ModelTextInvalid("a leaf or node is reached twice or never")
    return Walk(tuple(leaves), tuple(first), tuple(middle))


def categorical(decision: int) -> bool:
    """Whether a node's decision type is membership in a set of categories."""
    return bool(decision & _CATEGORICAL)


def _fields(block: str) -> Mapping[str, str]:
    parts = (line.partition("=") for line in block.splitlines())
    return {key: value for key, _, value in parts}


def _tree(block: Mapping[str, str], features: int) -> Tree:
    leaves = int(block["num_leaves"])
    tree = Tree(
        feature=_whole(block["split_feature"], leaves - 1),
        threshold=_real(block["threshold"], leaves - 1),
        decision=_whole(block["decision_type"], leaves - 1),
        left=_whole(block["left_child"], leaves - 1),
        right=_whole(block["right_child"], leaves - 1),
        leaf_value=_real(block["leaf_value"], leaves),
        bitsets=tuple(_bitsets(block)) if int(block["num_cat"]) else (),
    )
    children = np.concatenate((tree.left, tree.right))
    if np.any(children < -leaves) or np.any(children > leaves - 2):
        raise ValueError("a child that does not exist")
    if np.any(tree.feature < 0) or np.any(tree.feature >= features):
        raise ValueError("a split on a feature that does not exist")
    sets = tree.threshold[(tree.decision & _CATEGORICAL) == 1]
    if np.any(sets < 0) or np.any(sets >= len(tree.bitsets)):
        raise ValueError("a categorical split without its set")
    return tree


def _bitsets(block: Mapping[str, str]) -> Iterator[NDArray[np.uint32]]:
    words = np.array(block["cat_threshold"].split(), dtype=np.int64).astype(np.uint32)
    bounds = _whole(block["cat_boundaries"], int(block["num_cat"]) + 1).tolist()
    if bounds != sorted(bounds) or bounds[0] != 0 or bounds[-1] != len(words):
        raise ValueError("category sets that overlap or end early")
    for start, end in pairwise(bounds):
        yield words[start:end]


def _whole(text: str, count: int) -> NDArray[np.int64]:
    found = np.array(text.split(), dtype=np.int64)
    return found if len(found) == count else _miscounted(count, len(found))


def _real(text: str, count: int) -> NDArray[np.float64]:
    found = np.array(text.split(), dtype=np.float64)
    return found if len(found) == count and not np.any(np.isnan(found)) else _miscounted(count, len(found))


def _miscounted(count: int, found: int) -> NoReturn:
    raise ValueError(f"{found} numbers where {count} belong")


def _steepness(header: Mapping[str, str], trees: int) -> float | None:
    name, *settings = header.get("objective", "").split() or [""]
    if name not in _PROBABILITY_OBJECTIVES:
        return None
    named = dict(setting.split(":") for setting in settings)
    # a random forest's raw score is a sum too; LightGBM averages it only on the way to the probability
    averaged = trees if "average_output" in header else 1
    return float(named.get("sigmoid", "1")) / max(averaged, 1)
