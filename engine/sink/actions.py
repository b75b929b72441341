"""What actions were called when a decision was made: from the policy of its revision, which is kept beside the log."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from documents.problem import BefitError
from documents.strict_yaml import read
from engine.project import FEATURES_FILE, POLICY_FILE
from engine.revisions.kept import ProjectText, RevisionDamaged
from engine.revisions.store import Revisions
from engine.sink.files import write_bytes
from engine.sink.layout import POLICIES
from engine.snapshot import facts_of
from models.feature_file import read_features
from rules.ledger import stable_id
from rules.policy_file import read_policy


class ActionSaid(NamedTuple):
    """An action as its policy declares it; kind, issue and group are "" where the policy is not known."""

    id: str
    kind: str = ""
    issue: str = ""
    group: str = ""


class ActionsKnown:
    """The actions of each revision by stable id; `own` is the project's text, used where it is of that revision."""

    def __init__(self, out: Path, revisions: Revisions, own: ProjectText | None) -> None:
        self._out = out
        self._revisions = revisions
        self._own = own
        self._known: dict[str, Mapping[int, ActionSaid]] = {}

    async def learn(self, revision: str) -> None:
        """Keep the policy beside the log and read its actions, if that was not done yet. Raises StoreUnavailable."""
        if revision in self._known or not revision:
            return
        text = self._kept(revision) or await self._text(revision)
        if text is not None:
            folder = self._out / POLICIES / revision
            for name, content in ((POLICY_FILE, text.policy), (FEATURES_FILE, text.features)):
                if not (folder / name).exists():
                    write_bytes(folder / name, content)
        self._known[revision] = {} if text is None else _actions(text)

    def of(self, revision: str, stable: int) -> ActionSaid:
        """The action of a stable id; by its number where the revision was never kept."""
        return self._known.get(revision, {}).get(stable) or ActionSaid(f"#{stable:08x}")

    def _kept(self, revision: str) -> ProjectText | None:
        folder = self._out / POLICIES / revision
        try:
            return ProjectText((folder / POLICY_FILE).read_bytes(), (folder / FEATURES_FILE).read_bytes())
        except FileNotFoundError:
            return None

    async def _text(self, revision: str) -> ProjectText | None:
        if self._own is not None and self._own.revision == revision:
            return self._own
        try:
            kept = await self._revisions.read(revision)
        except RevisionDamaged:
            return None
        return None if kept is None else kept.text


def _actions(text: ProjectText) -> Mapping[int, ActionSaid]:
    """Those of a policy; of one that this version cannot read, none."""
    try:
        schema = read_features(read(text.features, FEATURES_FILE))
        policy, _ = read_policy(read(text.policy, POLICY_FILE), facts_of(schema))
    except BefitError:
        return {}
    actions = () if policy is None else policy.actions
    return {stable_id(one.id): ActionSaid(one.id, one.kind.value, one.issue, one.group) for one in actions}
