"""Trees of one model moved into another: their inputs found by name, their categories by value, their leaves scaled.

What a tree asks that the other model has no input for is missing there, so the branch that LightGBM takes for a
missing value is all that is left of the node. Categories that the tree does not know go where missing ones go, as
they would in the model that it comes from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from models.manifest import Input, InputType, column_names

_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_MISSING_SHIFT, _MISSING_NEVER = 2, 0
_BITS = 32
_BY_NODE = ("split_gain", "threshold", "decision_type", "internal_weight", "internal_count")
_BY_LEAF = ("leaf_weight", "leaf_count")

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the inputs of one model are in another: `own` the place by the other's place, None where there is none;
    `codes` the categories by the other's place: for each own code the other's code, None where it has none."""

    own: tuple[int | None, ...]
    codes: Mapping[int, tuple[int | None, ...]]


def places_of(inputs: Sequence[Input], own: Sequence[Input]) -> Places:
    """Inputs of the same name and type."""
    index = {(one.name, one.type): place for place, one in enumerate(own)}
    found = tuple(index.get((one.name, one.type)) for one in inputs)
    codes = {
        place: tuple(_code(one.values, value) for value in own[there].values)
        for place, (one, there) in enumerate(zip(inputs, found, strict=True))
        if there is not None and one.type is InputType.CATEGORY
    }
    return Places(found, codes)


def moved(model_text: str, places: Places, scale: float) -> list[str]:
    """The trees of a model text, without their headlines, each of their values times `scale`."""
    return [_Moving(tree, places, scale).text() for tree in _trees(model_text)]


def forest_text(inputs: Sequence[Input], trees: Sequence[str]) -> str:
    """A model text of these trees over these inputs: the chance of success as LightGBM's binary objective has it."""
    blocks = [f"Tree={number}\n{tree.strip()}\n\n\n" for number, tree in enumerate(trees)]
    head = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        f"max_feature_idx={len(inputs) - 1}\nobjective=binary sigmoid:1\n"
        f"feature_names={' '.join(column_names(inputs))}\nfeature_infos={' '.join(['none'] * len(inputs))}\n"
        f"tree_sizes={' '.join(str(len(block)) for block in blocks)}\n\n"
    )
    return f"{head}{''.join(blocks)}end of trees\n\nfeature_importances:\n\nparameters:\n\nend of parameters\n"


def trees_of(model_text: str) -> list[str]:
    """The trees of a model text, without their headlines."""
    whole, _, _ = model_text.partition("\nend of trees")
    return [block.partition("\n")[2] for block in whole.split("\nTree=")[1:]]


def stump(value: float) -> str:
    """A tree that says the same of everybody."""
    none = ("split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child")
    empty = "".join(f"{name}=\n" for name in none)
    return f"num_leaves=1\nnum_cat=0\n{empty}leaf_value={value!r}\nis_linear=0\nshrinkage=1"


def _trees(model_text: str) -> Iterator[Fields]:
    for block in trees_of(model_text):
        parts = (line.partition("=") for line in block.splitlines() if line)
        yield {key: value for key, _, value in parts}


def _code(values: Sequence[str], value: str) -> int | None:
    return values.index(value) if value in values else None


@dataclass(slots=True)
class _Moving:
    """One tree on its way. `nodes` and `leaves` are those of the old tree that are left, in their new order."""

    tree: Fields
    places: Places
    scale: float
    nodes: list[int] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)
    children: dict[int, tuple[int, int]] = field(default_factory=dict)

    def text(self) -> str:
        root = self._follow(0) if self._numbers("split_feature") else self._leaf(0)
        if root < 0:
            return stump(self.scale * float(self._words("leaf_value")[~self.leaves[0]]))
        return "\n".join(f"{name}={value}" for name, value in self._said().items())

    def _follow(self, node: int) -> int:
        """The new number of what is left of an old node or leaf, leaves as LightGBM numbers them."""
        if node < 0:
            return self._leaf(node)
        left, right = self._numbers("left_child")[node], self._numbers("right_child")[node]
        if self.places.own[self._numbers("split_feature")[node]] is None:
            return self._follow(left if self._missing_goes_left(node) else right)
        place = len(self.nodes)
        self.nodes.append(node)
        self.children[place] = (self._follow(left), self._follow(right))
        return place

    def _leaf(self, leaf: int) -> int:
        self.leaves.append(leaf if leaf < 0 else ~leaf)
        return ~(len(self.leaves) - 1)

    def _missing_goes_left(self, node: int) -> bool:
        decision = self._numbers("decision_type")[node]
        if decision & _CATEGORICAL:
            return False
        if decision >> _MISSING_SHIFT == _MISSING_NEVER:
            return float(self._words("threshold")[node]) >= 0.0
        return bool(decision & _DEFAULT_LEFT)

    def _said(self) -> dict[str, str]:
        features = [self.places.own[self._numbers("split_feature")[node]] for node in self.nodes]
        said = {"num_leaves": str(len(self.leaves)), "num_cat": "0", "split_feature": _joined(features)}
        said |= {name: _joined(self._words(name)[node] for node in self.nodes) for name in _BY_NODE}
        said |= {name: _joined(self._words(name)[~leaf] for leaf in self.leaves) for name in _BY_LEAF}
        said["leaf_value"] = _joined(self._scaled("leaf_value", ~leaf) for leaf in self.leaves)
        said["internal_value"] = _joined(self._scaled("internal_value", node) for node in self.nodes)
        pairs = [self.children[place] for place in range(len(self.nodes))]
        said["left_child"], said["right_child"] = (_joined(side) for side in zip(*pairs, strict=True))
        return said | self._categories(said["threshold"].split()) | {"is_linear": "0", "shrinkage": "1"}

    def _categories(self, thresholds: list[str]) -> dict[str, str]:
        """The sets of categories in own codes, and where each node finds its own."""
        bounds, words = [0], list[int]()
        for place, node in enumerate(self.nodes):
            if self._numbers("decision_type")[node] & _CATEGORICAL:
                thresholds[place] = str(len(bounds) - 1)
                words += self._recoded(node)
                bounds.append(len(words))
        if len(bounds) == 1:
            return {}
        sets = {"cat_boundaries": _joined(bounds), "cat_threshold": _joined(words)}
        return {"num_cat": str(len(bounds) - 1), "threshold": _joined(thresholds), **sets}

    def _recoded(self, node: int) -> list[int]:
        spans = list(pairwise(self._numbers("cat_boundaries")))
        start, end = spans[int(float(self._words("threshold")[node]))]
        words = self._numbers("cat_threshold")[start:end]
        codes = self.places.codes[self._numbers("split_feature")[node]]
        found = [0] * max(1, math.ceil(len(codes) / _BITS))
        for own, code in enumerate(codes):
            if code is not None and code < _BITS * len(words) and words[code // _BITS] >> code % _BITS & 1:
                found[own // _BITS] |= 1 << own % _BITS
        return found

    def _scaled(self, name: str, place: int) -> str:
        return repr(self.scale * float(self._words(name)[place]))

    def _words(self, name: str) -> list[str]:
        return self.tree[name].split()

    def _numbers(self, name: str) -> list[int]:
        return [int(word) for word in self._words(name)]


def _joined(words: Iterator[object] | Sequence[object]) -> str:
    return " ".join(map(str, words))
