"""What changes what is in force, answering what the test tells it to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.activation.asked import Activated, Activation, Challenging, Revisions, ToldChallenge
from engine.refusal import Refusal


def _in_force() -> Activated:
    return Activated(activated=True, policy_revision="aaaaaaaaaaaa", model_revision="")


@dataclass
class FakeActivating:
    """Answers `activated` to every change; notes in `asked` what it was asked."""

    asked: list[Any] = field(default_factory=list)
    activated: Activated = field(default_factory=_in_force)
    challenger: ToldChallenge | None = None
    kept: Revisions = field(default_factory=lambda: Revisions((), (), ()))

    def _met(self, *asked: Any) -> None:
        self.asked += asked

    async def activate(self, wanted: Activation) -> Activated | Refusal:
        self._met(wanted)
        return self.activated

    async def approve(self, revision: str, approver: str) -> Activated | Refusal:
        self._met(revision, approver)
        return self.activated

    async def roll_back(self, revision: str, author: str, note: str) -> Activated | Refusal:
        self._met(revision, author, note)
        return self.activated

    async def challenge(self, wanted: Challenging) -> Activated | Refusal:
        self._met(wanted)
        return self.activated

    async def end_challenge(self, author: str, promote: bool) -> Activated | Refusal:
        self._met(author, promote)
        return self.activated

    async def told_challenge(self) -> ToldChallenge | None:
        self._met("challenge")
        return self.challenger

    async def revisions(self, newest: int) -> Revisions:
        self._met(newest)
        return self.kept
