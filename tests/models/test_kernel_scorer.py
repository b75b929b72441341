"""The compiled kernel gives the margins of the scorer in numpy, bit by bit; without it numpy scores."""

import shutil

import lightgbm
import numpy as np
import pytest

from models import kernel_scorer as kernel_module
from models.kernel_build import COMPILERS, KernelNotBuilt, build_kernel
from models.kernel_scorer import KernelScorer, load_kernel
from models.manifest import Input, InputScope
from models.native_scorer import NativeScorer, native_scorer
from models.scorer import compile_scorer
from models.trees import read_forest

pytestmark = pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="there is no C compiler")
SCOPES = [
    *([InputScope.CUSTOMER] * 4),
    *([InputScope.MOMENT] * 2),
    *([InputScope.ACTION] * 2),
    *([InputScope.PAIR] * 2),
]
ODD = np.float32([np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-36, -3e38])


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    path = tmp_path_factory.mktemp("kernel") / "kernel.so"
    build_kernel(path)
    return path


def trained(leaves, scopes=SCOPES, seed=0):
    draws = np.random.default_rng(seed)
    rows = draws.normal(size=(600, len(scopes))).astype(np.float32)
    rows[draws.random(rows.shape) < 0.2] = np.nan
    label = np.nan_to_num(rows).sum(axis=1) + draws.normal(size=len(rows)) > 0
    settings = {"objective": "binary", "num_leaves": leaves, "min_data_in_leaf": 1, "num_threads": 1, "verbose": -1}
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, label), num_boost_round=150)
    inputs = tuple(Input(f"f{number}", scope) for number, scope in enumerate(scopes))
    return booster, read_forest(booster.model_to_string()), inputs


def awkward(draws, *shape):
    values = draws.normal(size=shape).astype(np.float32)
    odd = draws.random(shape) < 0.3
    values[odd] = draws.choice(ODD, size=int(odd.sum()))
    return values


@pytest.mark.parametrize("leaves", [2, 31, 33, 64])
@pytest.mark.parametrize("scopes", [SCOPES, SCOPES[:8]])
def test_margins_are_those_of_numpy_bit_by_bit(library, leaves, scopes):
    _, forest, inputs = trained(leaves, scopes)
    native = native_scorer(forest, inputs)
    assert isinstance(native, NativeScorer)
    kernel = KernelScorer(native, load_kernel(library))
    draws = np.random.default_rng(1)
    actions = kernel.prepare_actions(awkward(draws, 12, 2))
    pairs = scopes.count(InputScope.PAIR)
    for _ in range(40):
        chosen = draws.integers(0, 12, draws.integers(0, 20))
        parts = (awkward(draws, 4), awkward(draws, 2), actions, chosen, awkward(draws, len(chosen), pairs))
        assert kernel.score(*parts).tobytes() == native.score(*parts).tobytes()


def test_a_part_of_another_width_is_refused(library):
    _, forest, inputs = trained(7)
    native = native_scorer(forest, inputs)
    kernel = KernelScorer(native, load_kernel(library))
    actions = kernel.prepare_actions(np.zeros((1, 2), dtype=np.float32))
    short, pair = np.zeros(3, dtype=np.float32), np.zeros((1, 2), dtype=np.float32)
    with pytest.raises(ValueError, match="the model takes"):
        kernel.score(short, np.zeros(2, dtype=np.float32), actions, np.array([0]), pair)
    with pytest.raises(ValueError, match="the model takes"):
        kernel.score(np.zeros(4, dtype=np.float32), np.zeros(2, dtype=np.float32), actions, np.array([0]), None)


def test_a_model_is_scored_by_the_kernel_where_there_is_one(library, monkeypatch):
    booster, forest, inputs = trained(15)
    proof = awkward(np.random.default_rng(2), 20, len(inputs))
    for path, kind in ((library, KernelScorer), (library.with_name("none.so"), NativeScorer)):
        monkeypatch.setattr(kernel_module, "kernel_path", lambda path=path: path)
        assert isinstance(compile_scorer(forest, booster, inputs, proof), kind)


def test_a_file_that_is_no_library_leaves_numpy(tmp_path):
    broken = tmp_path / "kernel.so"
    broken.write_bytes(b"no library")
    assert load_kernel(broken) is None


def test_without_a_compiler_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KernelNotBuilt, match="no C compiler"):
        build_kernel(tmp_path / "kernel.so")
