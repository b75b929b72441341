"""The two sides of a comparison: what each decides by, told so that another process can build it too."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from documents.node import Source
from documents.strict_yaml import read
from engine.facts.store import FactsRead
from engine.learning.store import Learned
from engine.project import FEATURES_FILE, POLICY_FILE, bytes_of, joined
from engine.revisions.kept import REVISION_DIGITS, KeptRevision, ProjectText
from engine.simulation.change import Change
from engine.simulation.changes import with_changes
from engine.simulation.sharing import sharing
from engine.snapshot import Snapshot, facts_of
from engine.store import Settings
from models.bundle import Bundle, load_bundle
from models.feature_file import read_features
from models.features import FeatureSchema
from rules.policy_file import compile_source
from rules.table_file import plain

UNSEEN = ("triggers", "events", "alerts", "procedures", "approval")
"""Sections of a policy that say what happens around decisions, and nothing of what is decided."""


@dataclass(frozen=True, slots=True)
class SidePlan:
    """One side: its documents, its revision, its bundle's folder (None = the rules decide alone). `label` is for
    people."""

    label: str
    policy: Source
    features: Source
    revision: str
    bundle: Path | None = None

    def changed(self, changes: Sequence[Change]) -> SidePlan:
        """The same with numbers of the policy replaced, under a revision of its own. Raises ChangeInvalid."""
        if not changes:
            return self
        said = ", ".join(map(str, changes))
        revision = hashlib.sha256(f"{self.revision} {said}".encode()).hexdigest()[:REVISION_DIGITS]
        return replace(self, label=said, policy=with_changes(self.policy, changes), revision=revision)


@dataclass(frozen=True, slots=True)
class Plan:
    """Both sides, and what a store says to either: what all workers share, live facts of actions, learned counts."""

    before: SidePlan
    after: SidePlan
    settings: Settings = field(default_factory=Settings)
    facts: FactsRead = field(default_factory=FactsRead)
    learned: Learned = field(default_factory=Learned)

    @property
    def unseen(self) -> tuple[str, ...]:
        """Sections in which the policies differ, and of which no decision tells."""
        before, after = (plain(side.policy.root) for side in (self.before, self.after))
        return tuple(name for name in UNSEEN if before.get(name) != after.get(name))


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides ready to decide. `features` are those of either, as tables of customers are read; `alike`: what is
    known of a customer reads the same to both."""

    before: Snapshot
    after: Snapshot
    features: FeatureSchema
    alike: bool


def plan_of(path: Path, features: Path, bundle: Path | None = None) -> SidePlan:
    """A side from a project's folder, or from a policy file; a file without features.yaml beside it takes those of the
    folder `features`. Raises DocumentInvalid."""
    policy = path / POLICY_FILE if path.is_dir() else path
    beside = policy.parent / FEATURES_FILE
    declared = beside if beside.exists() else features / FEATURES_FILE
    text = ProjectText(bytes_of(policy), bytes_of(declared))
    return _side(str(path), text, (str(policy), str(declared)), bundle)


def plan_of_kept(kept: KeptRevision, bundle: Path | None = None) -> SidePlan:
    """A side from a revision that the store keeps. Raises DocumentInvalid."""
    files = (f"{kept.revision}/{POLICY_FILE}", f"{kept.revision}/{FEATURES_FILE}")
    return _side(kept.revision, kept.text, files, bundle)


def _side(label: str, text: ProjectText, files: tuple[str, str], bundle: Path | None) -> SidePlan:
    return SidePlan(label, read(text.policy, files[0]), read(text.features, files[1]), text.revision, bundle)


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
    compiled = compile_source(side.policy, facts_of(schema))
    policy = replace(compiled, policy=replace(compiled.policy, revision=side.revision))
    written = (FeatureSchema.from_json(one) for one in plan.settings.schemas.values())
    known = {one.hash: one for one in (*written, all_features(plan))}
    made = joined(policy, schema, _bundle(side, bundles)).with_schemas(known)
    return made.with_stopped(plan.settings.stopped).with_facts(plan.facts).with_learned(plan.learned)


def _bundle(side: SidePlan, bundles: dict[Path, Bundle]) -> Bundle | None:
    """The side's bundle; one that both sides have is loaded once."""
    if side.bundle is None:
        return None
    if side.bundle not in bundles:
        bundles[side.bundle] = load_bundle(side.bundle)
    return bundles[side.bundle]
