"""A company's project, loaded: features, policy and bundle as one snapshot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from documents.problem import DocumentInvalid, Place, Problem
from documents.strict_yaml import read
from engine.revisions.kept import ProjectText
from engine.snapshot import Snapshot, facts_of, snapshot_of
from models.bundle import Bundle, expect_schema, load_bundle
from models.feature_file import read_features
from models.features import FeatureSchema
from rules.compiled import CompiledPolicy
from rules.policy_file import compile_source

FEATURES_FILE = "features.yaml"
POLICY_FILE = "policy.yaml"


def load_snapshot(project: Path, bundle: Path | None) -> Snapshot:
    """Load everything or nothing. Raises DocumentInvalid for the files, BundleRefused for the bundle."""
    policy, schema = compile_text(read_text(project), project)
    return joined(policy, schema, None if bundle is None else load_bundle(bundle))


def read_text(project: Path) -> ProjectText:
    """The bytes of a project's files. Raises DocumentInvalid where they cannot be read."""
    return ProjectText(bytes_of(project / POLICY_FILE), bytes_of(project / FEATURES_FILE))


def compile_text(text: ProjectText, project: Path) -> tuple[CompiledPolicy, FeatureSchema]:
    """A policy and its features, the policy under the revision of both. Mistakes are told as in the files of
    `project`. Raises DocumentInvalid with the mistakes of the features, else of the policy."""
    schema = read_features(read(text.features, str(project / FEATURES_FILE)))
    compiled = compile_source(read(text.policy, str(project / POLICY_FILE)), facts_of(schema))
    return replace(compiled, policy=replace(compiled.policy, revision=text.revision)), schema


def joined(policy: CompiledPolicy, schema: FeatureSchema, bundle: Bundle | None) -> Snapshot:
    """A snapshot of policy and bundle. Raises BundleRefused where the features cannot feed the bundle."""
    if bundle is not None:
        expect_schema(bundle, schema)
    return snapshot_of(policy, schema, bundle)


def bytes_of(path: Path) -> bytes:
    """What is in a file. Raises DocumentInvalid where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        problem = Problem("unreadable", Place(str(path), 1, 1), f"cannot be read: {error.strerror}", "check the path")
        raise DocumentInvalid([problem]) from None
