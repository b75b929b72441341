"""What is and was in force, as messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from befit.v1 import activation_pb2 as pb
from befit.v1 import admin_pb2
from befit.v1.problem_pb2 import DocumentProblem
from documents.problem import Problem
from engine.activation.asked import Activated, Revisions, ToldChallenge
from engine.activation.in_force import Challenge, FailedCase, FileNotice, InForce, Overview, Pending
from engine.revisions.kept import About
from engine.wire.view import stamp


def activated_message(activated: Activated) -> admin_pb2.ActivateResponse:
    """What became of a change."""
    return admin_pb2.ActivateResponse(
        activated=activated.activated,
        policy_revision=activated.policy_revision,
        model_revision=activated.model_revision,
        problems=map(problem_of, activated.problems),
        bundle_refused=activated.bundle_refused,
        pending=activated.pending,
        revision=activated.revision,
        cases=activated.cases,
        failed_cases=failed_cases(activated.failed),
        fault=activated.fault,
        epoch=activated.epoch,
        workers=activated.workers,
        late_workers=activated.late,
        at=stamp(activated.at) if activated.at else None,
    )


def problem_of(problem: Problem) -> DocumentProblem:
    """A mistake in a file."""
    place = problem.place
    return DocumentProblem(
        code=problem.code,
        message=problem.message,
        hint=problem.hint,
        file=place.file,
        line=place.line,
        column=place.column,
    )


def failed_cases(failed: Iterable[FailedCase]) -> Iterator[pb.FailedCase]:
    return (pb.FailedCase(suite=one.suite, name=one.name, told=one.told) for one in failed)


def in_force_message(in_force: InForce) -> pb.InForceState:
    """What is or was in force."""
    return pb.InForceState(
        epoch=in_force.epoch,
        policy_revision=in_force.policy,
        model_revision=in_force.bundle,
        at=stamp(in_force.at),
        author=in_force.author,
        approver=in_force.approver,
        origin=in_force.origin.value,
        note=in_force.note,
        challenge=None if in_force.challenge is None else challenge_message(in_force.challenge),
    )


def challenge_message(challenge: Challenge) -> pb.ChallengeState:
    return pb.ChallengeState(
        policy_revision=challenge.policy,
        model_revision=challenge.bundle,
        share=challenge.share,
        shadow=challenge.shadow,
        since=stamp(challenge.since),
        author=challenge.author,
    )


def challenge_answer(told: ToldChallenge | None) -> pb.GetChallengeResponse:
    """How a challenger fares."""
    if told is None:
        return pb.GetChallengeResponse()
    counted = (pb.CountedInChallenge(name=name, amount=amount) for name, amount in sorted(told.counted.items()))
    challenge = challenge_message(told.challenge)
    return pb.GetChallengeResponse(challenge=challenge, underway=told.underway, counted=counted)


def revisions_message(found: Revisions) -> pb.ListRevisionsResponse:
    """What was in force, and what the store has."""
    return pb.ListRevisionsResponse(
        history=map(in_force_message, found.history),
        policies=map(_kept, found.policies),
        bundles=map(_kept, found.bundles),
    )


def add_overview(message: admin_pb2.GetStatusResponse, overview: Overview) -> None:
    """What is told beside what is in force, added to a status."""
    message.pending.extend(map(_pending, overview.pending))
    message.files.extend(map(_file, overview.files))
    message.stops.extend(
        pb.StoppedAction(action_id=one.action, by=one.by, at=stamp(one.at), reason=one.reason) for one in overview.stops
    )
    message.worker_states.extend(
        pb.WorkerState(name=one.writer, epoch=one.epoch, problem=one.problem) for one in overview.beats
    )


def _pending(pending: Pending) -> pb.PendingChange:
    change = pending.change
    return pb.PendingChange(
        revision=pending.key,
        policy_revision=change.policy or "",
        model_revision=change.bundle or "",
        without_model=change.bundle == "",
        challenge=None if change.challenge is None else challenge_message(change.challenge),
        author=pending.author,
        at=stamp(pending.at),
        note=pending.note,
    )


def _file(notice: FileNotice) -> pb.FileState:
    return pb.FileState(
        folder=notice.folder,
        revision=notice.revision,
        standing=pb.FileStanding.Value(f"FILE_STANDING_{notice.standing}"),
        at=stamp(notice.at),
        problems=map(problem_of, notice.problems),
        failed_cases=failed_cases(notice.failed),
        said=notice.said,
    )


def _kept(about: About) -> pb.KeptRevision:
    return pb.KeptRevision(
        revision=about.revision,
        at=stamp(about.at),
        author=about.author,
        approver=about.approver,
        origin=about.origin,
        note=about.note,
    )
