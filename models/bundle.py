"""A model in service: its manifest, scorer and calibration, loaded in three steps so that nothing bad gets half-way.

First every file's digest, then a throw-away process that loads the model and repeats the golden vectors,
only then this process. It takes seconds at worst; never on the hot path.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from models.bundle_files import BundleFiles, BundleRefused, Refusal, read_files
from models.calibration import Calibration
from models.features import FeatureSchema, FeatureType
from models.manifest import Input, InputScope, Manifest
from models.scorer import compile_scorer
from models.scoring import Scorer
from models.trial_load import read_model

__all__ = ["Bundle", "BundleRefused", "Refusal", "expect_inputs", "expect_schema", "inputs_of", "load_bundle"]

TRIAL_SECONDS = 20.0
_ROOT = Path(__file__).resolve().parent.parent
_NUMERIC = frozenset({FeatureType.NUMBER, FeatureType.INTEGER})


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything needed to score. `customer_schema` has the features of the customer inputs in their order: gather
    stored vectors into it."""

    manifest: Manifest
    schema: FeatureSchema
    customer_schema: FeatureSchema
    booster: lightgbm.Booster
    scorer: Scorer
    calibration: Calibration

    @property
    def revision(self) -> str:
        return self.manifest.revision

    def uses(self, scope: InputScope) -> tuple[Input, ...]:
        """The inputs of a scope, in the order in which the scorer takes them."""
        return self.manifest.uses(scope)


def load_bundle(directory: Path, trial_seconds: float = TRIAL_SECONDS) -> Bundle:
    """Load a bundle. Raises BundleRefused with the first reason found; then nothing was activated."""
    files = read_files(directory)
    tried = _trial(directory, trial_seconds)
    if tried != files.manifest.revision:
        raise BundleRefused(Refusal.FILE_CHANGED, "the bundle changed while it was being loaded")
    forest = read_model(files)
    booster = lightgbm.Booster(model_str=files.model_text)
    proof = np.array([golden.row for golden in files.manifest.golden], dtype=np.float32)
    return Bundle(
        manifest=files.manifest,
        schema=files.schema,
        customer_schema=inputs_of(files),
        booster=booster,
        scorer=compile_scorer(forest, booster, files.manifest.inputs, proof),
        calibration=files.calibration,
    )


def expect_schema(bundle: Bundle, live: FeatureSchema) -> None:
    """Raises BundleRefused where the features of today cannot feed the bundle: one is gone, has another type, or may
    not be read by models. More features, other orders and other category values do no harm."""
    expect_inputs(bundle.customer_schema, live)


def expect_inputs(inputs: FeatureSchema, live: FeatureSchema) -> None:
    """The same of the features that a bundle reads of customers. Raises BundleRefused."""
    for wanted in inputs.features:
        if wanted.name not in live:
            raise BundleRefused(Refusal.SCHEMA_MISMATCH, f"the feature {wanted.name} is no longer declared")
        found = live.feature(wanted.name)
        if found.type != wanted.type and not {found.type, wanted.type} <= _NUMERIC:
            raise BundleRefused(Refusal.SCHEMA_MISMATCH, f"{wanted.name} is now a {found.type}, was a {wanted.type}")
        if not found.trainable:
            raise BundleRefused(Refusal.SCHEMA_MISMATCH, f"{wanted.name} may not be read by models")


def _trial(directory: Path, seconds: float) -> str:
    """The revision that a throw-away process found to work."""
    command = [sys.executable, "-m", "models.trial_load", str(directory.resolve())]
    try:
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, timeout=seconds, check=False)  # noqa: S603 - ours
    except subprocess.TimeoutExpired:
        raise BundleRefused(Refusal.TIMED_OUT, f"the model did not load within {seconds:g} s") from None
    except OSError as error:
        raise BundleRefused(Refusal.CRASHED, f"the trial process cannot start: {error.strerror}") from None
    found = _said(done.stdout)
    if done.returncode == 0 and "reason" in found:
        raise BundleRefused(Refusal(found["reason"]), found["detail"])
    if done.returncode != 0 or "revision" not in found:
        raise BundleRefused(Refusal.CRASHED, f"the model ended its process with status {done.returncode}")
    return str(found["revision"])


def _said(output: bytes) -> dict[str, Any]:
    """The last line, which is ours: LightGBM prints warnings to the same place."""
    try:
        said = json.loads(output.strip().rpartition(b"\n")[2])
        return said if isinstance(said, dict) else {}
    except ValueError:
        return {}


def inputs_of(files: BundleFiles) -> FeatureSchema:
    """The features that a bundle reads of customers, in its order."""
    inputs = files.manifest.uses(InputScope.CUSTOMER)
    return FeatureSchema(tuple(files.schema.feature(one.feature) for one in inputs))
