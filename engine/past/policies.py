"""The policies under which logged decisions were made, by the revision that each names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from documents.problem import BefitError
from documents.strict_yaml import read
from engine.project import FEATURES_FILE, POLICY_FILE
from engine.revisions.kept import ProjectText
from engine.sink.layout import POLICIES
from engine.snapshot import facts_of
from models.feature_file import read_features
from rules.policy import Action, Channel, Policy
from rules.policy_file import read_policy

Kept = Callable[[str], ProjectText | None]
"""The bytes of a revision; None where they were not kept."""


@dataclass(frozen=True)
class PolicyKnown:
    """A policy with its parts by the names that the log has for them."""

    policy: Policy

    @cached_property
    def actions(self) -> Mapping[int, Action]:
        """By stable id."""
        return {one.stable_id: one for one in self.policy.actions}

    @cached_property
    def arms(self) -> Mapping[str, str]:
        """What each comparison group does differently, by its id."""
        return {one.id: one.arm for one in self.policy.control_groups}

    def channel(self, name: str) -> Channel | None:
        return self.policy.channels.get(name)


class PoliciesKnown:
    """Policies by revision: the project's `own`, and those of which `kept` has the bytes. `missing` are revisions that
    were asked for and not kept."""

    def __init__(self, own: Policy, kept: Kept) -> None:
        self.missing: set[str] = set()
        self._own = PolicyKnown(own)
        self._kept = kept
        self._known: dict[str, PolicyKnown | None] = {own.revision: self._own}

    def of(self, revision: str) -> PolicyKnown:
        """The policy of a revision; the project's own stands for one that was not kept."""
        return self.find(revision) or self._own

    def find(self, revision: str) -> PolicyKnown | None:
        """The policy of a revision, None where it was not kept."""
        if revision not in self._known:
            text = self._kept(revision)
            policy = None if text is None else _read(text)
            if policy is None:
                self.missing.add(revision)
            self._known[revision] = None if policy is None else PolicyKnown(policy)
        return self._known[revision]


def kept_beside(folder: Path) -> Kept:
    """What a sink kept beside the log."""

    def kept(revision: str) -> ProjectText | None:
        place = folder / POLICIES / revision
        try:
            return ProjectText((place / POLICY_FILE).read_bytes(), (place / FEATURES_FILE).read_bytes())
        except OSError:
            return None

    return kept


def _read(text: ProjectText) -> Policy | None:
    """None where this version cannot read it."""
    try:
        schema = read_features(read(text.features, FEATURES_FILE))
        policy, _ = read_policy(read(text.policy, POLICY_FILE), facts_of(schema))
    except BefitError:
        return None
    return policy
