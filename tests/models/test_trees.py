"""A model's text is read whole or refused; no damage makes the reader loop, crash or invent."""

import re

import lightgbm
import numpy as np
import pytest

from models.leaf_masks import nodes_of
from models.trees import ModelTextInvalid, read_forest, walk


@pytest.fixture(scope="module")
def text():
    draws = np.random.default_rng(5)
    rows = draws.normal(size=(400, 3))
    rows[:, 2] = draws.integers(0, 40, size=400)
    settings = {"objective": "binary", "num_leaves": 6, "verbose": -1, "num_threads": 1, "min_data_per_group": 5}
    settings["cat_smooth"] = 1
    label = rows[:, 0] + rows[:, 2] % 3 > 1
    dataset = lightgbm.Dataset(rows, label, categorical_feature=[2], params=settings)
    return lightgbm.train(settings, dataset, num_boost_round=5).model_to_string()


def test_every_leaf_is_reached_once_from_left_to_right(text):
    for tree in read_forest(text).trees:
        path = walk(tree)
        assert sorted(path.leaves) == list(range(tree.leaves))
        assert all(first < middle for first, middle in zip(path.first, path.middle, strict=True))


def test_text_cut_before_its_end_is_refused(text):
    end = text.index("end of trees")
    for cut in range(0, end, max(end // 60, 1)):
        with pytest.raises(ModelTextInvalid):
            read_forest(text[:cut])


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"left_child=\S+", "left_child=0"),
        (r"left_child=\S+", "left_child=99"),
        (r"right_child=\S+", "right_child=-99"),
        (r"right_child=(\S+) \S+", r"right_child=\1 \1"),
        (r"split_feature=\S+", "split_feature=3"),
        (r"split_feature=\S+", "split_feature=-1"),
        (r"num_leaves=\d+", "num_leaves=7"),
        (r"num_leaves=\d+", "num_leaves=0"),
        (r"threshold=\S+", "threshold=nan"),
        (r"threshold=\S+", "threshold=x"),
        (r"leaf_value=\S+", "leaf_value=nan"),
        (r"cat_boundaries=0", "cat_boundaries=1"),
        (r"num_cat=[1-9]", "num_cat=9"),
        (r"num_tree_per_iteration=1", "num_tree_per_iteration=many"),
        (r"tree_sizes=\d+ ", "tree_sizes="),
        (r"Tree=1", "Trees=1"),
        (r"^tree\n", "forest\n"),
        (r"sigmoid:1", "sigmoid"),
    ],
)
def test_damage_to_the_structure_is_refused(text, pattern, replacement):
    damaged = re.sub(pattern, replacement, text, count=1)
    assert damaged != text
    with pytest.raises(ModelTextInvalid):
        nodes_of(read_forest(damaged))


def test_any_flipped_byte_is_read_or_refused(text):
    draws = np.random.default_rng(2)
    for place in draws.integers(0, text.index("end of trees"), size=300):
        damaged = text[:place] + chr(int(draws.integers(1, 127))) + text[place + 1 :]
        try:
            nodes_of(read_forest(damaged))
        except ModelTextInvalid:
            continue


def test_two_nodes_that_are_each_others_child_are_refused():
    tree = """\
tree
num_tree_per_iteration=1
max_feature_idx=0
objective=binary sigmoid:1
feature_names=a
tree_sizes=1

Tree=0
num_leaves=4
num_cat=0
split_feature=0 0 0
threshold=1 2 3
decision_type=2 2 2
left_child=-1 2 1
right_child=-2 -3 -4
leaf_value=1 2 3 4

end of trees
"""
    with pytest.raises(ModelTextInvalid, match="twice or never"):
        walk(read_forest(tree).trees[0])
