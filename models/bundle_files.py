"""Reads a bundle's files and believes none of them before its digest fits.

LightGBM crashes or scores wrongly on damaged text, so nothing but the digests stands between a bad disk
and a wrong decision: every byte that is used later is read here, once.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from documents.problem import BefitError
from models.calibration import Calibration, CalibrationInvalid
from models.features import FeatureSchema
from models.manifest import (
    CALIBRATION_FILE,
    HASHED_FILES,
    MANIFEST_FILE,
    MODEL_FILE,
    SCHEMA_FILE,
    InputScope,
    InputType,
    Manifest,
    manifest_from_json,
)

LEAST_GOLDEN = 20
_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
_PICKLE_NAMES = frozenset({".pkl", ".pickle", ".joblib", ".skops", ".dill", ".npy", ".npz", ".pt"})
_PICKLE_STARTS = (b"\x80", b"PK\x03\x04", b"\x93NUMPY")


class Refusal(StrEnum):
    """Why a bundle is not served."""

    MISSING_FILE = "MISSING_FILE"
    PICKLE = "PICKLE"
    MANIFEST_INVALID = "MANIFEST_INVALID"
    FILE_CHANGED = "FILE_CHANGED"
    SCHEMA_MISMATCH = "SCHEMA_MISMATCH"
    CALIBRATION_INVALID = "CALIBRATION_INVALID"
    MODEL_INVALID = "MODEL_INVALID"
    GOLDEN_MISMATCH = "GOLDEN_MISMATCH"
    CRASHED = "CRASHED"
    TIMED_OUT = "TIMED_OUT"


class BundleRefused(BefitError):
    """A bundle cannot be served; `reason` is for programs, `detail` for people. Raised by `load_bundle` and what it
    calls; nothing of the bundle is then in use."""

    def __init__(self, reason: Refusal, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason.value}: {detail}")


@dataclass(frozen=True, slots=True)
class BundleFiles:
    """What a bundle's files say; their digests fit, the model's text has not been looked at."""

    manifest: Manifest
    model_text: str
    calibration: Calibration
    schema: FeatureSchema


def read_files(directory: Path) -> BundleFiles:
    """Read and check all files. Raises BundleRefused."""
    _refuse_pickles(directory)
    manifest = _manifest(_content(directory, MANIFEST_FILE))
    contents = {name: _content(directory, name) for name in HASHED_FILES}
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != manifest.sha256.get(name):
            raise BundleRefused(Refusal.FILE_CHANGED, f"{name} is not the file that the manifest was written with")
    try:
        calibration = Calibration.from_json(contents[CALIBRATION_FILE])
    except CalibrationInvalid as error:
        raise BundleRefused(Refusal.CALIBRATION_INVALID, str(error)) from None
    schema = _schema(contents[SCHEMA_FILE], manifest)
    try:
        return BundleFiles(manifest, contents[MODEL_FILE].decode(), calibration, schema)
    except UnicodeDecodeError:
        raise BundleRefused(Refusal.MODEL_INVALID, f"{MODEL_FILE} is not UTF-8 text") from None


def read_raw(directory: Path) -> dict[str, bytes]:
    """The bytes of all of a bundle's files by name, unchecked. Raises BundleRefused where one is missing."""
    return {name: _content(directory, name) for name in (MANIFEST_FILE, *HASHED_FILES)}


def _refuse_pickles(directory: Path) -> None:
    try:
        names = sorted(path.name for path in directory.iterdir())
    except OSError as error:
        raise BundleRefused(Refusal.MISSING_FILE, f"{directory} cannot be read: {error.strerror}") from None
    for name in names:
        if Path(name).suffix.lower() in _PICKLE_NAMES:
            raise BundleRefused(Refusal.PICKLE, f"{name} can run code when it is opened")


def _content(directory: Path, name: str) -> bytes:
    try:
        with os.fdopen(os.open(directory / name, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            content = file.read()
    except OSError as error:
        raise BundleRefused(Refusal.MISSING_FILE, f"{name} cannot be read: {error.strerror}") from None
    if content.startswith(_PICKLE_STARTS):
        raise BundleRefused(Refusal.PICKLE, f"{name} is no text but something that can run code when it is opened")
    return content


def _manifest(content: bytes) -> Manifest:
    try:
        manifest = manifest_from_json(content)
    except _MALFORMED as error:
        raise BundleRefused(Refusal.MANIFEST_INVALID, f"{MANIFEST_FILE} {_wrong(error)}") from None
    names = [one.name for one in manifest.inputs]
    if not names or len(set(names)) != len(names):
        raise BundleRefused(Refusal.MANIFEST_INVALID, "no inputs, or two of one name")
    if len(manifest.golden) < LEAST_GOLDEN or any(len(one.row) != len(names) for one in manifest.golden):
        raise BundleRefused(Refusal.MANIFEST_INVALID, f"fewer than {LEAST_GOLDEN} golden rows of all inputs")
    return manifest


def _wrong(error: Exception) -> str:
    """What is wrong with a file that could not be read, after its name."""
    match error:
        case json.JSONDecodeError() | UnicodeDecodeError():
            return "is not JSON"
        case KeyError():
            return f"has no {error.args[0]!r}"
        case ValueError():
            return f"does not hold: {error}"
        case _:
            return "does not have the form of such a file"


def _schema(content: bytes, manifest: Manifest) -> FeatureSchema:
    try:
        schema = FeatureSchema.from_json(content)
    except _MALFORMED as error:
        raise BundleRefused(Refusal.SCHEMA_MISMATCH, f"{SCHEMA_FILE} {_wrong(error)}") from None
    if schema.hash.hex() != manifest.schema_hash:
        raise BundleRefused(Refusal.SCHEMA_MISMATCH, f"{SCHEMA_FILE} is not the schema that the manifest names")
    for one in manifest.uses(InputScope.CUSTOMER):
        if one.feature not in schema:
            raise BundleRefused(Refusal.SCHEMA_MISMATCH, f"{one.name} reads a feature that the schema lacks")
        if one.type == InputType.CATEGORY and one.values != schema.feature(one.feature).values:
            raise BundleRefused(Refusal.SCHEMA_MISMATCH, f"{one.name} has other values than its feature")
    return schema
