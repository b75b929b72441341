"""A company's project on disk, loaded: features, policy and bundle as one snapshot."""

from __future__ import annotations

from pathlib import Path

from engine.snapshot import Snapshot, facts_of, snapshot_of
from models.bundle import expect_schema, load_bundle
from models.feature_file import load_features
from rules.policy_file import load_policy

FEATURES_FILE = "features.yaml"
POLICY_FILE = "policy.yaml"


def load_snapshot(project: Path, bundle: Path | None) -> Snapshot:
    """Load everything or nothing. Raises DocumentInvalid for the files, BundleRefused for the bundle."""
    schema = load_features(project / FEATURES_FILE)
    policy = load_policy(project / POLICY_FILE, facts_of(schema))
    if bundle is None:
        return snapshot_of(policy, schema, None)
    loaded = load_bundle(bundle)
    expect_schema(loaded, schema)
    return snapshot_of(policy, schema, loaded)
