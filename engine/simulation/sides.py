"""The two sides of a comparison: what each decides by, told so that another process can build it too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from documents.node import Source
from documents.strict_yaml import load
from engine.project import FEATURES_FILE, POLICY_FILE
from engine.simulation.changes import Change, with_changes
from engine.simulation.shared import sharing
from engine.snapshot import Snapshot, facts_of, snapshot_of
from engine.store import Settings
from models.bundle import Bundle, expect_schema, load_bundle
from models.feature_file import read_features
from models.features import FeatureSchema
from rules.policy_file import compile_source


@dataclass(frozen=True, slots=True)
class SidePlan:
    """One side: its documents, and its bundle's folder (None = the rules decide alone). `label` is for people."""

    label: str
    policy: Source
    features: Source
    bundle: Path | None = None

    def changed(self, changes: Sequence[Change]) -> SidePlan:
        """The same with numbers of the policy replaced. Raises ChangeInvalid."""
        label = ", ".join(map(str, changes)) or self.label
        return replace(self, label=label, policy=with_changes(self.policy, changes))


@dataclass(frozen=True, slots=True)
class Plan:
    """Both sides, and what a store says to either: actions that are stopped, schemas of stored vectors by hash."""

    before: SidePlan
    after: SidePlan
    stopped: frozenset[str] = frozenset()
    schemas: Mapping[str, bytes] = field(default_factory=dict)

    def under(self, settings: Settings) -> Plan:
        """The same under what all workers of a store share."""
        return replace(self, stopped=settings.stopped, schemas=settings.schemas)


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides ready to decide. `features` are those of either, as tables of customers are read; `alike`: what is
    known of a customer reads the same to both."""

    before: Snapshot
    after: Snapshot
    features: FeatureSchema
    alike: bool


def plan_of(path: Path, features: Path, label: str = "", bundle: Path | None = None) -> SidePlan:
    """A side from a project's folder, or from a policy file; a file without features.yaml beside it takes those of the
    folder `features`. Raises DocumentInvalid."""
    policy = path / POLICY_FILE if path.is_dir() else path
    beside = policy.parent / FEATURES_FILE
    declared = beside if beside.exists() else features / FEATURES_FILE
    return SidePlan(label or str(path), load(policy), load(declared), bundle)


def build(plan: Plan) -> Sides:
    """Raises DocumentInvalid and BundleRefused."""
    bundles: dict[Path, Bundle] = {}
    before = _snapshot(plan, plan.before, bundles)
    if plan.after == plan.before:
        return Sides(before, before, all_features(plan), alike=True)
    after = _snapshot(plan, plan.after, bundles)
    alike = before.schema == after.schema and before.pause_causes == after.pause_causes
    return Sides(*sharing(before, after), all_features(plan), alike)


def all_features(plan: Plan) -> FeatureSchema:
    """The features of both sides, as a table of customers may have them. Raises DocumentInvalid."""
    after, before = read_features(plan.after.features), read_features(plan.before.features)
    return FeatureSchema((*after.features, *(one for one in before.features if one.name not in after)))


def _snapshot(plan: Plan, side: SidePlan, bundles: dict[Path, Bundle]) -> Snapshot:
    schema = read_features(side.features)
    policy = compile_source(side.policy, facts_of(schema))
    bundle = None
    if side.bundle is not None:
        bundle = bundles[side.bundle] if side.bundle in bundles else load_bundle(side.bundle)
        bundles[side.bundle] = bundle
        expect_schema(bundle, schema)
    written = (FeatureSchema.from_json(one) for one in plan.schemas.values())
    known = {one.hash: one for one in (*written, all_features(plan))}
    return snapshot_of(policy, schema, bundle).with_schemas(known).with_stopped(plan.stopped)
