"""Gathers a candidate: what was asked for, together with the half of what is in force that stays."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from documents.problem import BefitError, DocumentInvalid
from engine.activation.asked import Source
from engine.activation.candidate import Candidate
from engine.activation.in_force import Change, InForce
from engine.project import FEATURES_FILE, POLICY_FILE, read_text
from engine.refusal import Refusal, RefusalKind
from engine.revisions.kept import ProjectText
from engine.revisions.store import Revisions
from models.bundle_files import BundleRefused, read_raw
from models.bundle_files import Refusal as BundleRefusal
from models.manifest import MANIFEST_FILE, manifest_from_json


class NotThere(BefitError):
    """What was asked for cannot be tried; `refusal` says why."""

    def __init__(self, code: str, message: str, field: str, kind: RefusalKind = RefusalKind.NOT_FOUND) -> None:
        self.refusal = Refusal(code, message, field, kind)
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A candidate, the revisions it would put in force, and what of it the store does not have yet."""

    candidate: Candidate
    policy: str
    bundle: str
    new_text: ProjectText | None = None
    new_bundle: Mapping[str, bytes] | None = None

    def change(self, now: InForce) -> Change:
        """What would change."""
        policy = None if self.policy == now.policy else self.policy
        return Change(policy, None if self.bundle == now.bundle else self.bundle)


class Gathering:
    """Reads what a source names. Raises NotThere, DocumentInvalid, BundleRefused, StoreUnavailable, RevisionDamaged."""

    def __init__(self, revisions: Revisions, project: Path) -> None:
        self._revisions = revisions
        self._project = project

    async def gather(self, source: Source, now: InForce) -> Gathered:
        """The candidate that a source means while `now` is in force."""
        text, suites = await self._text(source, now)
        if source.without_model:
            return Gathered(Candidate(text, None, suites), text.revision, "", text)
        folder, files = _within(self._project, source.bundle), source.bundle_files
        if folder is not None:
            files = await asyncio.to_thread(read_raw, folder)
        elif not files:
            name = source.bundle or now.bundle
            kept = await self.kept_bundle(name) if name else None
            proved = name == now.bundle
            return Gathered(Candidate(text, kept, suites, proved=proved), text.revision, name, text)
        return Gathered(Candidate(text, files, suites), text.revision, bundle_revision(files), text, files)

    async def kept(self, policy: str, bundle: str) -> Gathered:
        """Revisions that were tried before: suites are not run, and a bundle is not proved, again."""
        files = await self.kept_bundle(bundle) if bundle else None
        return Gathered(Candidate(await self.kept_text(policy), files, None, proved=True), policy, bundle)

    async def kept_text(self, revision: str) -> ProjectText:
        found = await self._revisions.read(revision)
        if found is None:
            raise NotThere("revision-unknown", "the store has no policy of this revision", "revision")
        return found.text

    async def kept_bundle(self, revision: str) -> Mapping[str, bytes]:
        found = await self._revisions.read_bundle(revision)
        if found is None:
            raise NotThere("bundle-unknown", "is neither a folder of the project nor a bundle in the store", "bundle")
        return found.files

    async def _text(self, source: Source, now: InForce) -> tuple[ProjectText, Path | Mapping[str, bytes] | None]:
        """A policy's bytes and the suites that are to hold under it: those that lie beside it."""
        if source.files:
            if not {POLICY_FILE, FEATURES_FILE} <= source.files.keys():
                message = f"must have {POLICY_FILE} and {FEATURES_FILE}"
                raise NotThere("files-incomplete", message, "files", RefusalKind.INVALID)
            suites = {name: text for name, text in source.files.items() if name not in (POLICY_FILE, FEATURES_FILE)}
            return ProjectText(source.files[POLICY_FILE], source.files[FEATURES_FILE]), suites
        if source.reload_policy:
            return await asyncio.to_thread(read_text, self._project), self._project
        text = await self.kept_text(source.revision or now.policy)
        return text, self._project if await asyncio.to_thread(_lies_in, self._project, text) else None


def bundle_revision(files: Mapping[str, bytes]) -> str:
    """The revision that a bundle's manifest names. Raises BundleRefused."""
    try:
        return manifest_from_json(files[MANIFEST_FILE]).revision
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleRefused(BundleRefusal.MANIFEST_INVALID, f"{MANIFEST_FILE} cannot be read") from error


def _lies_in(project: Path, text: ProjectText) -> bool:
    try:
        return read_text(project) == text
    except DocumentInvalid:
        return False


def _within(project: Path, bundle: str) -> Path | None:
    """The folder that a bundle's path names; None where there is no such folder. Raises NotThere for a path that leads
    out of the project."""
    if not bundle:
        return None
    folder = (project / bundle).resolve()
    if not folder.is_relative_to(project.resolve()):
        raise NotThere("path-outside", "must not lead out of the project", "bundle", RefusalKind.INVALID)
    return folder if folder.is_dir() else None
