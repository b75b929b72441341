"""Loads a bundle in a throw-away process, since a model that kills or hangs its process must not take ours along.

    python -m models.trial_load DIRECTORY

Prints one JSON object: {"revision": ...} when the model loads and gives the golden margins, else
{"reason": ..., "detail": ...}. Whatever else happens is a crash.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import lightgbm
import numpy as np

from models.bundle_files import BundleFiles, BundleRefused, Refusal, read_files
from models.manifest import column_names
from models.scorer import TOLERANCE
from models.trees import Forest, ModelTextInvalid, read_forest, walk


def main(directory: str) -> None:
    """Try the bundle and print what was found."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        files = read_files(Path(directory))
        try_model(files)
        said = {"revision": files.manifest.revision}
    except BundleRefused as refused:
        said = {"reason": refused.reason.value, "detail": refused.detail}
    sys.stdout.write(json.dumps(said) + "\n")


def try_model(files: BundleFiles) -> None:
    """Load the model and hold it to the golden vectors. Raises BundleRefused, or does not come back."""
    read_model(files)
    try:
        booster = lightgbm.Booster(model_str=files.model_text)
        rows = np.array([golden.row for golden in files.manifest.golden], dtype=np.float32)
        found = np.asarray(booster.predict(rows, raw_score=True, num_threads=1))
    except lightgbm.basic.LightGBMError as error:
        raise BundleRefused(Refusal.MODEL_INVALID, f"LightGBM refuses it: {error}") from None
    expected = np.array([golden.raw for golden in files.manifest.golden])
    if found.shape != expected.shape or not np.allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE):
        raise BundleRefused(Refusal.GOLDEN_MISMATCH, "the model does not give the margins that the manifest holds")


def read_model(files: BundleFiles) -> Forest:
    """Read the model's text ourselves first: it must be whole, about these inputs, and give a probability."""
    try:
        forest = read_forest(files.model_text)
        for tree in forest.trees:
            walk(tree)
    except ModelTextInvalid as error:
        raise BundleRefused(Refusal.MODEL_INVALID, str(error)) from None
    if forest.feature_names != column_names(files.manifest.inputs):
        raise BundleRefused(Refusal.MODEL_INVALID, "the model's features are not the manifest's inputs")
    if forest.classes != 1 or forest.steepness is None:
        raise BundleRefused(Refusal.MODEL_INVALID, "the model's margin is not that of one probability")
    return forest


if __name__ == "__main__":
    main(sys.argv[1])
