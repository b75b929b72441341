"""What a model bundle says about itself: its inputs with their scopes, its training, its proofs.

A bundle is a directory of `model.txt` (LightGBM's text), `calibration.json`, `schema.json` and
`manifest.json`; the manifest carries the sha256 of the other three. Its revision is a digest of all
that it says, so a changed byte of meaning changes the revision.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from models.served import Level, Served

FORMAT = 1
MODEL_FILE = "model.txt"
CALIBRATION_FILE = "calibration.json"
SCHEMA_FILE = "schema.json"
MANIFEST_FILE = "manifest.json"
PARENTS = "parents"
"""The metric that names the revisions which a bundle was made from."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_.]")
HASHED_FILES = (MODEL_FILE, CALIBRATION_FILE, SCHEMA_FILE)


class InputScope(StrEnum):
    """What an input is about, and so how often it is evaluated: once per decision (customer, moment), once
    per catalogue (action), or once per candidate (pair: this customer with this action)."""

    CUSTOMER = "customer"
    MOMENT = "moment"
    ACTION = "action"
    PAIR = "pair"


class InputType(StrEnum):
    NUMBER = "number"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Input:
    """One column of the model, in the model's order.

    A category's number is its index in `values`. `feature` names the customer feature that a
    customer-scoped input reads; it is "" for all others.
    """

    name: str
    scope: InputScope
    type: InputType = InputType.NUMBER
    values: tuple[str, ...] = ()
    feature: str = ""


@dataclass(frozen=True, slots=True)
class Training:
    """What the model was trained on: closed rows between two moments (seconds since the epoch)."""

    start: float
    end: float
    rows: int


@dataclass(frozen=True, slots=True)
class Golden:
    """A row and the margin that the writer's LightGBM gave it; `row` is float32 values as floats, NaN missing."""

    row: tuple[float, ...]
    raw: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """All of `manifest.json`. `outcome` is the success that the propensity is of; `metrics` are held-out figures;
    `served` says whether the model is served, or a table."""

    name: str
    created_at: float
    schema_hash: str
    inputs: tuple[Input, ...]
    outcome: str
    training: Training
    metrics: Mapping[str, Any] = field(default_factory=dict)
    golden: tuple[Golden, ...] = ()
    sha256: Mapping[str, str] = field(default_factory=dict)
    served: Served = field(default_factory=Served)

    @property
    def revision(self) -> str:
        """The first 12 hex digits of the sha256 of everything the manifest says."""
        text = json.dumps(self._said(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def to_json(self) -> bytes:
        """The text of `manifest.json`. Raises ValueError where a metric is not finite."""
        said = self._said() | {"revision": self.revision}
        return json.dumps(said, indent=1, allow_nan=False).encode()

    def uses(self, scope: InputScope) -> tuple[Input, ...]:
        """The inputs of a scope, in the model's order."""
        return tuple(one for one in self.inputs if one.scope == scope)

    def _said(self) -> dict[str, Any]:
        training = {"from": self.training.start, "to": self.training.end, "rows": self.training.rows}
        served = {} if self.served.level is Level.FULL else {"served": self.served.to_json()}
        return {
            "format": FORMAT,
            "name": self.name,
            "created_at": self.created_at,
            "schema_hash": self.schema_hash,
            "inputs": [_said_of(one) for one in self.inputs],
            "outcome": self.outcome,
            "training": training,
            "metrics": dict(self.metrics),
            "golden": [{"row": [_or_null(value) for value in one.row], "raw": one.raw} for one in self.golden],
            "sha256": dict(self.sha256),
            **served,
        }


def column_names(inputs: Sequence[Input]) -> tuple[str, ...]:
    """The names under which LightGBM knows the inputs; it accepts neither spaces nor JSON's own characters."""
    return tuple(_UNSAFE.sub("_", one.name) for one in inputs)


def manifest_from_json(content: bytes) -> Manifest:
    """Read `manifest.json`. Raises ValueError, KeyError, AttributeError or TypeError where it is not one (the
    bundle's loader turns these into a refusal), ValueError too where its revision does not fit what it says."""
    said = json.loads(content, parse_constant=_refuse_constant)
    if said["format"] != FORMAT:
        raise ValueError(f"format {said['format']!r} is not {FORMAT}")
    manifest = Manifest(
        name=str(said["name"]),
        created_at=float(said["created_at"]),
        schema_hash=str(said["schema_hash"]),
        inputs=tuple(_input_from(one) for one in said["inputs"]),
        outcome=str(said["outcome"]),
        training=Training(said["training"]["from"], said["training"]["to"], said["training"]["rows"]),
        metrics=dict(said["metrics"]),
        golden=tuple(Golden(_row_from(one["row"]), float(one["raw"])) for one in said["golden"]),
        sha256={str(name): str(digest) for name, digest in said["sha256"].items()},
        served=Served.from_json(said["served"]) if "served" in said else Served(),
    )
    if manifest.revision != said["revision"]:
        raise ValueError("the revision does not fit what the manifest says")
    return manifest


def _said_of(one: Input) -> dict[str, Any]:
    said: dict[str, Any] = {"name": one.name, "scope": one.scope.value, "type": one.type.value}
    if one.values:
        said["values"] = list(one.values)
    if one.feature:
        said["feature"] = one.feature
    return said


def _input_from(said: Mapping[str, Any]) -> Input:
    values = tuple(str(value) for value in said.get("values", ()))
    return Input(str(said["name"]), InputScope(said["scope"]), InputType(said["type"]), values, said.get("feature", ""))


def _row_from(values: list[float | None]) -> tuple[float, ...]:
    return tuple(math.nan if value is None else float(value) for value in values)


def _or_null(value: float) -> float | None:
    return None if math.isnan(value) else value


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
