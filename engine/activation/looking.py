"""What was in force and how challengers fared: looking changes nothing."""

from __future__ import annotations

from engine.activation.asked import Revisions, ToldChallenge
from engine.activation.store import Activations
from engine.revisions.store import Revisions as KeptRevisions

HISTORY = 1000


class Looking:
    """Reads from the store."""

    def __init__(self, activations: Activations, revisions: KeptRevisions) -> None:
        self._activations = activations
        self._revisions = revisions

    async def told_challenge(self) -> ToldChallenge | None:
        """The challenge that goes on, or the last one. Raises StoreUnavailable."""
        history = await self._activations.history(HISTORY)
        for was in history:
            if was.challenge is not None:
                counted = await self._activations.counted(was.challenge.id)
                return ToldChallenge(was.challenge, was is history[0], counted)
        return None

    async def revisions(self, newest: int) -> Revisions:
        """What was in force, and what the store has. Raises StoreUnavailable."""
        history = await self._activations.history(newest)
        return Revisions(history, await self._revisions.list(), await self._revisions.list_bundles())
