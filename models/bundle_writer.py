"""Writes a bundle whole or not at all: into a directory beside its place, then one rename.

Golden vectors are chosen to catch a model that changed on its way: sampled rows, rows with values missing,
and rows that sit exactly on thresholds, just below and just above.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from documents.problem import BefitError
from models.calibration import Calibration
from models.features import FeatureSchema
from models.manifest import (
    CALIBRATION_FILE,
    MANIFEST_FILE,
    MODEL_FILE,
    SCHEMA_FILE,
    Golden,
    Input,
    Manifest,
    Training,
    column_names,
)
from models.served import Served
from models.trees import Forest, categorical, read_forest

Rows = NDArray[np.float32]

_LARGEST_FLOAT32 = 3.4e38
_SAMPLED = 12
_ON_THRESHOLD = 12


class BundleUnwritable(BefitError):
    """The parts do not make a bundle (names differ, no rows, a margin that is not finite), or its place is taken by
    something that is no bundle; raised by `write_bundle`."""


@dataclass(frozen=True, slots=True)
class BundleParts:
    """What training hands over. `model_text` is LightGBM's, trained with `column_names(inputs)` as feature names;
    `sample` float32 (n_rows, n_inputs) are rows like those served, in the order of `inputs`."""

    name: str
    created_at: float
    model_text: str
    inputs: tuple[Input, ...]
    schema: FeatureSchema
    outcome: str
    training: Training
    calibration: Calibration
    metrics: Mapping[str, Any]
    sample: Rows
    served: Served = field(default_factory=Served)


def write_bundle(directory: Path, parts: BundleParts) -> Manifest:
    """Write the bundle. One that stands there is replaced by two renames, between which a reader finds none.
    Raises BundleUnwritable, ModelTextInvalid, OSError."""
    expect_place(directory)
    files = {
        MODEL_FILE: parts.model_text.encode(),
        CALIBRATION_FILE: parts.calibration.to_json(),
        SCHEMA_FILE: parts.schema.to_json(),
    }
    manifest = _manifest(parts, files)
    directory.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        for name, content in {**files, MANIFEST_FILE: manifest.to_json()}.items():
            _write_through(fresh / name, content)
        fresh.chmod(0o755)
        _put_in_place(fresh, directory)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return manifest


def expect_place(directory: Path) -> None:
    """Whether a bundle may be written there, told before hours of training. Raises BundleUnwritable, OSError."""
    if directory.exists() and not (directory / MANIFEST_FILE).is_file() and any(directory.iterdir()):
        raise BundleUnwritable(f"{directory} holds something that is no bundle")


def golden_rows(forest: Forest, sample: Rows) -> Rows:
    """At least 24 rows (n, n_inputs): of the sample, with values missing, and on thresholds."""
    picked = sample[np.linspace(0, len(sample) - 1, _SAMPLED).astype(np.intp)]
    missing = picked[:4].copy()
    missing[0] = np.nan
    missing[1, ::2] = np.nan
    missing[2, 1::2] = np.nan
    missing[3] = 0.0
    return np.concatenate((picked, missing, on_threshold_rows(forest, picked, _ON_THRESHOLD)))


def on_threshold_rows(forest: Forest, base: Rows, count: int) -> Rows:
    """`count` copies of `base` rows in which every split feature sits on one of its thresholds, or next to it."""
    rows = base[np.arange(count) % len(base)].copy()
    for feature, thresholds in _thresholds(forest):
        at = thresholds[(np.arange(count) * len(thresholds)) // count]
        beside = np.where(np.arange(count) % 3 == 0, at, np.where(np.arange(count) % 3 == 1, -np.inf, np.inf))
        rows[:, feature] = np.where(beside == at, at, np.nextafter(at, beside.astype(np.float32)))
    return rows


def _thresholds(forest: Forest) -> Iterator[tuple[int, Rows]]:
    split: dict[int, set[float]] = {}
    for tree in forest.trees:
        for feature, threshold, decision in zip(tree.feature, tree.threshold, tree.decision, strict=True):
            if not categorical(decision) and abs(threshold) < _LARGEST_FLOAT32:
                split.setdefault(int(feature), set()).add(float(threshold))
    for feature, thresholds in sorted(split.items()):
        yield feature, np.array(sorted(thresholds)).astype(np.float32)


def _manifest(parts: BundleParts, files: Mapping[str, bytes]) -> Manifest:
    return Manifest(
        name=parts.name,
        created_at=parts.created_at,
        schema_hash=parts.schema.hash.hex(),
        inputs=parts.inputs,
        outcome=parts.outcome,
        training=parts.training,
        metrics=parts.metrics,
        golden=_golden(parts),
        sha256={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        served=parts.served,
    )


def _golden(parts: BundleParts) -> tuple[Golden, ...]:
    forest = read_forest(parts.model_text)
    if forest.classes != 1 or forest.steepness is None:
        raise BundleUnwritable("the model's margin is not that of one probability")
    if forest.feature_names != column_names(parts.inputs):
        raise BundleUnwritable("the model's feature names are not column_names(inputs)")
    if parts.sample.ndim != 2 or parts.sample.shape[1] != len(parts.inputs) or not len(parts.sample):
        raise BundleUnwritable(f"sample rows of shape {parts.sample.shape} for {len(parts.inputs)} inputs")
    rows = golden_rows(forest, np.where(np.isinf(parts.sample), np.nan, parts.sample).astype(np.float32))
    booster = lightgbm.Booster(model_str=parts.model_text)
    raw = np.asarray(booster.predict(rows, raw_score=True, num_threads=1), dtype=np.float64)
    if not np.all(np.isfinite(raw)):
        raise BundleUnwritable("the model gives a margin that is not finite")
    return tuple(Golden(tuple(row), margin) for row, margin in zip(rows.tolist(), raw.tolist(), strict=True))


def _write_through(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put_in_place(fresh: Path, directory: Path) -> None:
    if not directory.exists():
        fresh.rename(directory)
        return
    old = fresh.with_name(fresh.name + "-old")
    directory.rename(old)
    fresh.rename(directory)
    shutil.rmtree(old, ignore_errors=True)
