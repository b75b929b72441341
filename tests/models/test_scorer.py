"""The native scorer gives LightGBM's own margins, whatever the model and however awkward the row."""

import lightgbm
import numpy as np
import pytest

from models.booster_scorer import BoosterScorer
from models.manifest import Input, InputScope, InputType
from models.native_scorer import NativeScorer
from models.scorer import TOLERANCE, compile_scorer, disparity, score_rows
from models.scoring import scope_columns
from models.trees import read_forest

MODELS = 200
ACCEPTED_AT_LEAST = 0.95
TINY = np.float32([0.0, -0.0, 1e-36, -1e-36, 1e-35, -1e-35, 1.1e-35, -1.1e-35, 3e38, -3e38])
ODD = np.float32([np.nan, -np.nan, np.inf, -np.inf])
ODD_CODES = np.float32([-1, -0.5, 0.99, 1.5, -7, 31, 32, 64, 1e6, 3e9, -3e9, np.nan, np.inf])


class Case:
    """A random model with its inputs, and rows that try it."""

    def __init__(self, seed, trees=None, leaves=None, columns=None):
        self.draws = np.random.default_rng(seed)
        self.columns = columns or int(self.draws.integers(3, 14))
        self.categories = [i for i in range(self.columns) if self.draws.random() < 0.25]
        scopes = self.draws.choice(list(InputScope), size=self.columns)
        types = [InputType.CATEGORY if i in self.categories else InputType.NUMBER for i in range(self.columns)]
        self.inputs = tuple(
            Input(f"f{i}", InputScope(scope), type_) for i, (scope, type_) in enumerate(zip(scopes, types, strict=True))
        )
        self.booster = self.trained(trees or int(self.draws.choice([1, 5, 20, 60, 200])), leaves)
        self.forest = read_forest(self.booster.model_to_string())
        self.rows = self.awkward(200)
        self.scorer = compile_scorer(self.forest, self.booster, self.inputs, self.rows[:20])

    def trained(self, trees, leaves):
        rows = int(self.draws.integers(300, 800))
        train = self.draws.normal(size=(rows, self.columns)).astype(np.float32)
        for column in range(self.columns):
            train[:, column] = self.column(column, train[:, column])
        train[self.draws.random(train.shape) < self.draws.choice([0, 0.1, 0.4])] = np.nan
        train[self.draws.random(train.shape) < self.draws.choice([0, 0.3])] = 0
        weights = self.draws.normal(size=self.columns)
        noise = self.draws.normal(size=rows)
        label = np.nan_to_num(train).clip(-9, 9) @ weights + noise > self.draws.normal()
        label[:2] = [True, False]
        settings = self.settings(leaves)
        dataset = lightgbm.Dataset(train, label, categorical_feature=self.categories, params=settings)
        text = lightgbm.train(settings, dataset, num_boost_round=trees).model_to_string()
        return lightgbm.Booster(model_str=text)

    def settings(self, leaves):
        choose = self.draws.choice
        settings = {
            "objective": choose(["binary", "cross_entropy"], p=[0.8, 0.2]),
            "num_leaves": leaves or int(choose([2, 4, 15, 31, 32, 33, 63, 64])),
            "min_data_in_leaf": int(choose([1, 5, 20])),
            "min_data_per_group": 5,
            "max_cat_to_onehot": int(choose([1, 4, 50])),
            "cat_smooth": 1.0,
            "learning_rate": 0.1,
            "zero_as_missing": bool(choose([True, False], p=[0.3, 0.7])),
            "use_missing": bool(choose([True, False], p=[0.8, 0.2])),
            "max_bin": int(choose([7, 63, 255])),
            "min_data_in_bin": 1,
            "feature_fraction": 0.8,
            "seed": int(self.draws.integers(1000)),
            "num_threads": 1,
            "verbose": -1,
        }
        if self.draws.random() < 0.1:
            settings |= {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}
        return {key: value.item() if isinstance(value, np.generic) else value for key, value in settings.items()}

    def column(self, column, normal):
        if column in self.categories:
            return self.draws.integers(0, self.draws.choice([2, 9, 40, 70]), size=len(normal))
        kind = self.draws.integers(4)
        whole = np.round(normal * 2)
        return (normal, whole, normal * 1e-35, np.where(normal > 0, normal, 0))[kind]

    def awkward(self, count):
        rows = (self.draws.normal(size=(count, self.columns)) * 2).astype(np.float32)
        for column in range(self.columns):
            edges = ODD_CODES if column in self.categories else np.concatenate((TINY, ODD, self.near(column)))
            picked = self.draws.random(count) < 0.6
            rows[picked, column] = self.draws.choice(edges, size=picked.sum())
            if column in self.categories:
                rows[~picked, column] = self.draws.integers(0, 75, size=(~picked).sum())
        return rows

    def near(self, column):
        """Each threshold of the column as float32, and its two neighbours."""
        found = [tree.threshold[(tree.feature == column) & (tree.decision & 1 == 0)] for tree in self.forest.trees]
        at = np.concatenate(found)
        at = at[np.abs(at) < 3e38].astype(np.float32)
        return np.concatenate((at, np.nextafter(at, np.float32(np.inf)), np.nextafter(at, np.float32(-np.inf))))

    def together(self, scorer):
        """Margins of ten candidates of one decision, and the whole rows they stand for."""
        columns = scope_columns(self.inputs)
        chosen = self.draws.choice(60, size=10, replace=False)
        rows = np.repeat(self.rows[:1], 10, axis=0)
        rows[:, columns.action] = self.rows[60:120][chosen][:, columns.action]
        rows[:, columns.pair] = self.rows[120:130][:, columns.pair]
        actions = scorer.prepare_actions(self.rows[60:120][:, columns.action])
        one = self.rows[0]
        found = scorer.score(one[columns.customer], one[columns.moment], actions, chosen, rows[:, columns.pair])
        return found, rows


def margins(booster, rows):
    return booster.predict(rows, raw_score=True, num_threads=1)


def test_margins_equal_lightgbms_for_random_models_and_nearly_all_are_taken():
    native = 0
    for seed in range(MODELS):
        case = Case(seed)
        if case.scorer.reason:
            continue
        native += 1
        assert disparity(case.scorer, case.booster, case.inputs, case.rows) <= TOLERANCE, f"seed {seed}"
        found, rows = case.together(case.scorer)
        assert found == pytest.approx(margins(case.booster, rows), rel=TOLERANCE, abs=TOLERANCE), f"seed {seed}"
        probabilities = case.booster.predict(rows, num_threads=1)
        assert case.scorer.propensity(found) == pytest.approx(probabilities, abs=TOLERANCE), f"seed {seed}"
    assert native >= ACCEPTED_AT_LEAST * MODELS


def test_a_thousand_trees_of_63_leaves_are_taken_and_equal():
    case = Case(4, trees=1000, leaves=63, columns=12)
    assert isinstance(case.scorer, NativeScorer)
    assert len(case.forest.trees) == 1000
    assert max(tree.leaves for tree in case.forest.trees) == 63
    assert disparity(case.scorer, case.booster, case.inputs, case.rows) <= TOLERANCE


def test_a_tree_of_more_than_64_leaves_goes_to_lightgbm():
    case = Case(2, trees=3, leaves=120)
    assert isinstance(case.scorer, BoosterScorer)
    assert "leaves" in case.scorer.reason
    found, rows = case.together(case.scorer)
    assert found == pytest.approx(margins(case.booster, rows), abs=TOLERANCE)


def test_linear_trees_go_to_lightgbm():
    draws = np.random.default_rng(0)
    train = draws.normal(size=(300, 2))
    settings = {"objective": "binary", "linear_tree": True, "verbose": -1, "num_threads": 1}
    dataset = lightgbm.Dataset(train, train[:, 0] > 0, params=settings)
    booster = lightgbm.train(settings, dataset, num_boost_round=3)
    inputs = (Input("a", InputScope.CUSTOMER), Input("b", InputScope.PAIR))
    rows = train[:10].astype(np.float32)
    scorer = compile_scorer(read_forest(booster.model_to_string()), booster, inputs, rows)
    assert scorer.reason == "linear trees"
    assert score_rows(scorer, inputs, rows) == pytest.approx(margins(booster, rows), abs=TOLERANCE)


def test_a_model_that_learned_nothing_is_one_leaf_and_taken():
    settings = {"objective": "binary", "min_data_in_leaf": 900, "verbose": -1}
    dataset = lightgbm.Dataset(np.arange(100.0)[:, None], np.arange(100) % 3 == 0, params=settings)
    booster = lightgbm.train(settings, dataset, num_boost_round=5)
    inputs = (Input("a", InputScope.CUSTOMER),)
    rows = np.float32([[1], [np.nan]])
    scorer = compile_scorer(read_forest(booster.model_to_string()), booster, inputs, rows)
    assert isinstance(scorer, NativeScorer)
    assert score_rows(scorer, inputs, rows) == pytest.approx(margins(booster, rows), abs=TOLERANCE)


def test_a_scorer_that_differs_from_lightgbm_is_not_used():
    case = Case(3)
    other = read_forest(case.booster.model_to_string().replace("leaf_value=0.", "leaf_value=0.1").replace("e-0", "e-1"))
    scorer = compile_scorer(other, case.booster, case.inputs, case.rows)
    assert "differ" in scorer.reason


@pytest.mark.parametrize("objective", ["regression", "poisson"])
def test_a_model_without_a_probability_is_no_scorer(objective):
    settings = {"objective": objective, "verbose": -1}
    booster = lightgbm.train(settings, lightgbm.Dataset(np.arange(100.0)[:, None], np.arange(100.0)), 2)
    with pytest.raises(ValueError, match="probability"):
        compile_scorer(
            read_forest(booster.model_to_string()), booster, (Input("a", InputScope.PAIR),), np.zeros((1, 1))
        )


def test_no_candidates_have_no_margins():
    case = Case(3)
    columns = scope_columns(case.inputs)
    for scorer in (case.scorer, BoosterScorer(case.booster, columns, 1.0, "for comparison")):
        actions = scorer.prepare_actions(case.rows[:, columns.action])
        one = case.rows[0]
        nobody = np.empty(0, dtype=np.intp)
        pair = case.rows[:0][:, columns.pair]
        assert scorer.score(one[columns.customer], one[columns.moment], actions, nobody, pair).shape == (0,)


def test_parts_of_another_width_are_never_scored():
    case = Case(3)
    columns = scope_columns(case.inputs)
    one, pair = case.rows[0], case.rows[:2][:, columns.pair]
    customer, moment, chosen = one[columns.customer], one[columns.moment], np.arange(2)
    for scorer in (case.scorer, BoosterScorer(case.booster, columns, 1.0, "for comparison")):
        actions = scorer.prepare_actions(case.rows[:2][:, columns.action])
        for parts in (
            (np.append(customer, one[:1]), moment, actions, chosen, pair),
            (customer, moment[1:], actions, chosen, pair),
            (customer, moment, actions, chosen, pair[:, 1:]),
            (customer, moment, actions, chosen, None),
        ):
            with pytest.raises(ValueError, match=r"inputs|width"):
                scorer.score(*parts)
