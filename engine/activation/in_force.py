"""What is in force, as all workers of all machines read it from the store. Times are seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

import msgspec

from documents.problem import BefitError, Problem

T = TypeVar("T")


class StateDamaged(BefitError):
    """What the store says is in force cannot be read."""


class Origin(StrEnum):
    """How a change came about."""

    START = "start"
    FILE = "file"
    ACTIVATE = "activate"
    ROLLBACK = "rollback"
    CHALLENGE = "challenge"
    END_CHALLENGE = "end-challenge"
    PROMOTE = "promote"


@dataclass(frozen=True, slots=True)
class Challenge:
    """Another policy or bundle on trial beside the one in force. `share` of the customers are decided by it; a shadow
    decides for nobody and is only compared. `id` names what is counted of it."""

    policy: str
    bundle: str
    share: float
    shadow: bool
    since: float
    author: str = ""

    @property
    def id(self) -> str:
        return f"{self.policy}-{self.bundle}-{self.since * 1000:.0f}"


@dataclass(frozen=True, slots=True)
class InForce:
    """What decides from `at` on: revisions of policy and bundle ("" = no model), a challenge. `epoch` counts changes
    from 1, `plan` tells two plans for one epoch apart."""

    epoch: int
    policy: str
    bundle: str
    at: float
    author: str = ""
    approver: str = ""
    origin: Origin = Origin.START
    note: str = ""
    challenge: Challenge | None = None
    plan: str = ""

    def decides_as(self, other: InForce) -> bool:
        """Whether both decide alike, whoever brought them about."""
        return (self.policy, self.bundle, self.challenge) == (other.policy, other.bundle, other.challenge)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to change; None = stays. A `bundle` of "" takes the model away. Another policy or bundle ends a
    challenge: what it was compared with is no more."""

    policy: str | None = None
    bundle: str | None = None
    challenge: Challenge | None = None

    def of(self, now: InForce) -> InForce:
        """What will be in force after `now`, without who and when."""
        policy = now.policy if self.policy is None else self.policy
        bundle = now.bundle if self.bundle is None else self.bundle
        return replace(now, epoch=now.epoch + 1, policy=policy, bundle=bundle, challenge=self.challenge)


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that waits for a second person."""

    change: Change
    author: str
    at: float
    origin: Origin
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The revisions by which it may be called."""
        change = self.change
        if change.challenge is not None:
            return (change.challenge.policy, change.challenge.bundle)
        return tuple(name for name in (change.policy, change.bundle) if name)

    @property
    def key(self) -> str:
        return self.names[0] if self.names else "no-model"

    def replaces(self, earlier: Pending) -> bool:
        """Whether it is what the same person's files say by now."""
        alike = (self.change.policy is None) == (earlier.change.policy is None)
        return alike and self.origin is earlier.origin is Origin.FILE and self.author == earlier.author


@dataclass(frozen=True, slots=True)
class Beat:
    """What a worker says of itself: the epoch it decides by, the plan it is ready to switch to, or why it is not."""

    writer: str
    at: float
    epoch: int
    ready: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Shared:
    """What a worker reads: what is in force, and what it is to make ready for."""

    in_force: InForce | None = None
    next: InForce | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Who stopped an action, when and why."""

    action: str
    by: str
    at: float
    reason: str


class Standing(StrEnum):
    """How the files of a machine stand to what is in force."""

    IN_FORCE = "IN_FORCE"
    REFUSED = "REFUSED"
    PENDING = "PENDING"
    DIFFERS = "DIFFERS"


@dataclass(frozen=True, slots=True)
class FailedCase:
    """A case of a suite that does not hold under a candidate; `told` in lines for people."""

    suite: str
    name: str
    told: str


@dataclass(frozen=True, slots=True)
class FileNotice:
    """How the files of one folder on one machine stand, and what is wrong with them."""

    folder: str
    revision: str
    at: float
    standing: Standing
    problems: tuple[Problem, ...] = ()
    failed: tuple[FailedCase, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """All that is told beside what is in force: what waits, how files stand, who stopped what, what workers say."""

    pending: tuple[Pending, ...] = ()
    files: tuple[FileNotice, ...] = ()
    stops: tuple[Stop, ...] = ()
    beats: tuple[Beat, ...] = ()


NO_OVERVIEW = Overview()


def packed(value: object) -> bytes:
    """Any of these values as JSON."""
    return msgspec.json.encode(value)


def unpacked(written: bytes, kind: type[T]) -> T:
    """Raises StateDamaged."""
    try:
        return msgspec.json.decode(written, type=kind)
    except msgspec.MsgspecError as error:
        raise StateDamaged(f"a {kind.__name__} in the store cannot be read") from error
