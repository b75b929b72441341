"""The policies under which logged decisions were made: as they lie beside the log, else the project's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from documents.problem import BefitError
from documents.strict_yaml import read
from engine.project import FEATURES_FILE, POLICY_FILE
from engine.sink.layout import POLICIES
from engine.snapshot import facts_of
from models.feature_file import read_features
from rules.policy import Action, Channel, Policy
from rules.policy_file import read_policy


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
    """Policies by revision. `missing` are revisions that were not kept, for which the project's own policy stands."""

    def __init__(self, folder: Path, own: Policy) -> None:
        self.missing: set[str] = set()
        self._folder = folder
        self._own = PolicyKnown(own)
        self._known = {own.revision: self._own}

    def of(self, revision: str) -> PolicyKnown:
        """The policy of a revision."""
        if revision not in self._known:
            policy = _kept(self._folder / POLICIES / revision)
            if policy is None:
                self.missing.add(revision)
            self._known[revision] = self._own if policy is None else PolicyKnown(policy)
        return self._known[revision]


def _kept(folder: Path) -> Policy | None:
    """The policy in a folder; None where there is none that this version can read."""
    try:
        schema = read_features(read((folder / FEATURES_FILE).read_bytes(), FEATURES_FILE))
        policy, _ = read_policy(read((folder / POLICY_FILE).read_bytes(), POLICY_FILE), facts_of(schema))
    except (OSError, BefitError):
        return None
    return policy
