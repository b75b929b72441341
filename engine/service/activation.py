"""AdminService's part that changes what is in force, on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from befit.v1 import activation_pb2 as pb
from befit.v1 import admin_pb2
from engine.activation.asked import Activated, Activation, Challenging, Source
from engine.refusal import Refusal
from engine.service.calls import Answer, Caller, Limits, Method, Unary
from engine.service.ports import Activating
from engine.wire.activation import activated_message, challenge_answer, revisions_message
from engine.wire.request import plain_refusal

MAX_NAME = 100
MAX_NOTE = 256
MAX_PATH = 1024
MAX_FILES = 200
SECONDS = 180.0
"""For a change: compiling, suites, all workers. The trial itself is given less (see engine/config.py)."""

NEWEST, MOST_NEWEST = 50, 1000
_FILE_NAME = re.compile(r"(?!.{201})\w[\w. -]*(/\w[\w. -]*)*", re.ASCII)
_REVISION = re.compile(r"[0-9a-f]{12}")
_BAD_FILE = Refusal("file-name-invalid", "must be relative paths without '..' or hidden parts", "files")
_MANY_FILES = Refusal("too-many-files", f"must be at most {MAX_FILES}", "files")
_BAD_REVISION = Refusal("revision-invalid", "must be 12 hex digits", "revision")


class ActivationMethods:
    """The methods of AdminService that change what is in force."""

    def __init__(self, activating: Activating, limits: Limits) -> None:
        self._activating = activating
        self._limits = limits

    def unaries(self) -> tuple[Unary[Any], ...]:
        """The methods."""
        most, bulk = self._limits.most_bytes, self._limits.bulk_bytes
        seconds, bulk_seconds = self._limits.seconds, self._limits.bulk_seconds
        return (
            Unary(Method("Activate", admin_pb2.ActivateRequest, bulk, SECONDS), self.activate),
            Unary(Method("Approve", pb.ApproveRequest, most, SECONDS), self.approve),
            Unary(Method("Rollback", pb.RollbackRequest, most, SECONDS), self.roll_back),
            Unary(Method("Challenge", pb.ChallengeRequest, bulk, SECONDS), self.challenge),
            Unary(Method("EndChallenge", pb.EndChallengeRequest, most, SECONDS), self.end_challenge),
            Unary(Method("GetChallenge", pb.GetChallengeRequest, most, seconds), self.get_challenge),
            Unary(Method("ListRevisions", pb.ListRevisionsRequest, most, bulk_seconds), self.list_revisions),
        )

    async def activate(self, wire: admin_pb2.ActivateRequest, context: Caller) -> Answer:
        """Put another policy or bundle in force."""
        del context
        refusal = _person(wire.author, "author") or _note(wire.note) or _named(wire)
        if refusal:
            return refusal
        source = Source(
            bundle=wire.bundle,
            without_model=wire.without_model,
            revision=wire.revision,
            reload_policy=wire.reload_policy,
            files={file.name: file.content for file in wire.files},
        )
        wanted = Activation(source=source, author=wire.author, note=wire.note, dry_run=wire.dry_run)
        activated = await self._activating.activate(wanted)
        return activated if isinstance(activated, Refusal) else activated_message(activated).SerializeToString()

    async def approve(self, wire: pb.ApproveRequest, context: Caller) -> Answer:
        """Put in force what waits for another person."""
        del context
        refusal = _person(wire.approver, "approver") or plain_refusal(wire.revision, "revision", MAX_NAME)
        return refusal or _wrapped(
            admin_pb2.ApproveResponse, await self._activating.approve(wire.revision, wire.approver)
        )

    async def roll_back(self, wire: pb.RollbackRequest, context: Caller) -> Answer:
        """Put back what was in force before."""
        del context
        refusal = _person(wire.author, "author") or _note(wire.note) or _revision(wire.revision)
        return refusal or _wrapped(
            admin_pb2.RollbackResponse, await self._activating.roll_back(wire.revision, wire.author, wire.note)
        )

    async def challenge(self, wire: pb.ChallengeRequest, context: Caller) -> Answer:
        """Try another policy or bundle beside what is in force."""
        del context
        refusal = _person(wire.author, "author") or _note(wire.note) or _named(wire)
        if refusal:
            return refusal
        files = {file.name: file.content for file in wire.files}
        source = Source(bundle=wire.bundle, revision=wire.revision, files=files)
        wanted = Challenging(source=source, share=wire.share, shadow=wire.shadow, author=wire.author, note=wire.note)
        return _wrapped(admin_pb2.ChallengeResponse, await self._activating.challenge(wanted))

    async def end_challenge(self, wire: pb.EndChallengeRequest, context: Caller) -> Answer:
        """Let the challenger be, or put it in force."""
        del context
        return _person(wire.author, "author") or _wrapped(
            admin_pb2.EndChallengeResponse, await self._activating.end_challenge(wire.author, wire.promote)
        )

    async def get_challenge(self, wire: pb.GetChallengeRequest, context: Caller) -> Answer:
        """How the challenger fares."""
        del wire, context
        return challenge_answer(await self._activating.told_challenge()).SerializeToString()

    async def list_revisions(self, wire: pb.ListRevisionsRequest, context: Caller) -> Answer:
        """What was in force."""
        del context
        found = await self._activating.revisions(min(wire.newest or NEWEST, MOST_NEWEST))
        return revisions_message(found).SerializeToString()


def _wrapped(reply: type[_Reply], answer: Activated | Refusal) -> Answer:
    return answer if isinstance(answer, Refusal) else reply(result=activated_message(answer)).SerializeToString()


_Reply = (
    admin_pb2.ApproveResponse
    | admin_pb2.RollbackResponse
    | admin_pb2.ChallengeResponse
    | admin_pb2.EndChallengeResponse
)


def _named(wire: admin_pb2.ActivateRequest | pb.ChallengeRequest) -> Refusal | None:
    """What is wrong with where policy and bundle come from."""
    return plain_refusal(wire.bundle, "bundle", MAX_PATH) or _revision(wire.revision) or _files(wire.files)


def _person(name: str, field: str) -> Refusal | None:
    return plain_refusal(name, field, MAX_NAME)


def _note(note: str) -> Refusal | None:
    return plain_refusal(note, "note", MAX_NOTE)


def _revision(revision: str) -> Refusal | None:
    return None if not revision or _REVISION.fullmatch(revision) else _BAD_REVISION


def _files(files: Iterable[pb.ProjectFile]) -> Refusal | None:
    names = [file.name for file in files]
    if len(names) > MAX_FILES:
        return _MANY_FILES
    return None if all(map(_FILE_NAME.fullmatch, names)) else _BAD_FILE
