"""The calls that change what is in force, made as `befit.calls` makes the others; send them with a client's `run`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict, Unpack

from befit.calls import Call, Method
from befit.v1 import activation_pb2, admin_pb2
from befit.v1.activation_pb2 import ProjectFile

ACTIVATE = Method("/befit.v1.AdminService/Activate", admin_pb2.ActivateResponse)
APPROVE = Method("/befit.v1.AdminService/Approve", admin_pb2.ApproveResponse)
ROLLBACK = Method("/befit.v1.AdminService/Rollback", admin_pb2.RollbackResponse)
CHALLENGE = Method("/befit.v1.AdminService/Challenge", admin_pb2.ChallengeResponse)
END_CHALLENGE = Method("/befit.v1.AdminService/EndChallenge", admin_pb2.EndChallengeResponse)
GET_CHALLENGE = Method("/befit.v1.AdminService/GetChallenge", activation_pb2.GetChallengeResponse)
LIST_REVISIONS = Method("/befit.v1.AdminService/ListRevisions", activation_pb2.ListRevisionsResponse)
STOP_ACTION = Method("/befit.v1.AdminService/StopAction", admin_pb2.StopActionResponse)

StopCall = Call[admin_pb2.StopActionResponse]


class ActivateOptions(TypedDict, total=False):
    """What to put in force, and who wants it. `files` by name stand for the server's own."""

    bundle: str
    without_model: bool
    reload_policy: bool
    revision: str
    files: Mapping[str, bytes]
    author: str
    note: str
    dry_run: bool


class ChallengeOptions(TypedDict, total=False):
    """Which challenger to try, and how; see ChallengeRequest."""

    bundle: str
    revision: str
    files: Mapping[str, bytes]
    share: float
    shadow: bool
    author: str
    note: str


def activate(**options: Unpack[ActivateOptions]) -> Call[admin_pb2.ActivateResponse]:
    request = admin_pb2.ActivateRequest(
        bundle=options.get("bundle", ""),
        without_model=options.get("without_model", False),
        reload_policy=options.get("reload_policy", False),
        revision=options.get("revision", ""),
        files=_files(options.get("files", {})),
        author=options.get("author", ""),
        note=options.get("note", ""),
        dry_run=options.get("dry_run", False),
    )
    return Call(ACTIVATE, request)


def approve(revision: str, approver: str) -> Call[admin_pb2.ApproveResponse]:
    return Call(APPROVE, activation_pb2.ApproveRequest(revision=revision, approver=approver))


def roll_back(revision: str = "", author: str = "", note: str = "") -> Call[admin_pb2.RollbackResponse]:
    return Call(ROLLBACK, activation_pb2.RollbackRequest(revision=revision, author=author, note=note))


def challenge(**options: Unpack[ChallengeOptions]) -> Call[admin_pb2.ChallengeResponse]:
    request = activation_pb2.ChallengeRequest(
        files=_files(options.get("files", {})),
        bundle=options.get("bundle", ""),
        revision=options.get("revision", ""),
        share=options.get("share", 0.0),
        shadow=options.get("shadow", False),
        author=options.get("author", ""),
        note=options.get("note", ""),
    )
    return Call(CHALLENGE, request)


def end_challenge(author: str, *, promote: bool) -> Call[admin_pb2.EndChallengeResponse]:
    return Call(END_CHALLENGE, activation_pb2.EndChallengeRequest(author=author, promote=promote))


def get_challenge() -> Call[activation_pb2.GetChallengeResponse]:
    return Call(GET_CHALLENGE, activation_pb2.GetChallengeRequest())


def list_revisions(newest: int = 0) -> Call[activation_pb2.ListRevisionsResponse]:
    return Call(LIST_REVISIONS, activation_pb2.ListRevisionsRequest(newest=newest))


def stop_action(action_id: str, *, stopped: bool, reason: str, author: str) -> StopCall:
    """As `befit.calls` has it, with who wants it."""
    request = admin_pb2.StopActionRequest(action_id=action_id, stopped=stopped, reason=reason, author=author)
    return Call(STOP_ACTION, request)


def _files(files: Mapping[str, bytes]) -> list[ProjectFile]:
    return [ProjectFile(name=name, content=content) for name, content in files.items()]
