"""Puts policies and bundles in force while decisions are made: activate, approve, roll back, challenge, promote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.activation.asked import Activation, Challenging
from engine.activation.changing import Answer, Changing, Wish
from engine.activation.gathering import Gathered, Gathering
from engine.activation.in_force import Challenge, Change, InForce, Origin, Pending
from engine.activation.looking import HISTORY, Looking
from engine.activation.rollback import rolled_back
from engine.refusal import Refusal, RefusalKind
from rules.policy import Policy

NO_AUTHOR = Refusal("author-missing", "must be told: the policy asks for two people", "author")
NO_APPROVER = Refusal("approver-missing", "must be told", "approver")
SAME_PERSON = Refusal("same-person", "must be another person than the author", "approver", RefusalKind.NOT_READY)
NOT_PENDING = Refusal("not-pending", "nothing of this revision waits for approval", "revision", RefusalKind.NOT_FOUND)
NO_CHALLENGE = Refusal("no-challenge", "there is no challenger", kind=RefusalKind.NOT_FOUND)
NO_SHARE = Refusal("share-missing", "must be above 0 and at most 1, or the challenger a shadow", "share")
SAME_AS_IN_FORCE = Refusal(
    "same-as-in-force", "is what is in force; name another policy or model", "revision", RefusalKind.NOT_READY
)


class Activator(Looking):
    """Obeys `Activating` of engine/service/ports.py. `policy` is the one in force: it says how many people a change
    takes."""

    def __init__(self, changing: Changing, project: Path, policy: Callable[[], Policy]) -> None:
        super().__init__(changing.activations, changing.revisions)
        self._changing = changing
        self._gathering = Gathering(changing.revisions, project)
        self._policy = policy

    async def activate(self, wanted: Activation, origin: Origin = Origin.ACTIVATE) -> Answer:
        """Put another policy or bundle in force, or have it wait for another person. Raises StoreUnavailable."""

        async def work(now: InForce) -> Answer:
            gathered = await self._gathering.gather(wanted.source, now)
            wish = Wish(
                gathered,
                gathered.change(now),
                wanted.author.strip(),
                origin,
                wanted.note,
                by_another=self._policy().approval.by_another,
                dry_run=wanted.dry_run,
            )
            return await self._made(now, wish)

        return await self._changing.in_turn(work)

    async def approve(self, revision: str, approver: str) -> Answer:
        """Put what waits under this revision in force. Raises StoreUnavailable."""
        if not approver.strip():
            return NO_APPROVER

        async def work(now: InForce) -> Answer:
            found = [one for one in await self._changing.activations.pending() if revision in (one.key, *one.names)]
            if not found:
                return NOT_PENDING
            if found[0].author.casefold() == approver.strip().casefold():
                return SAME_PERSON
            return await self._approved(now, found[0], approver.strip())

        return await self._changing.in_turn(work)

    async def roll_back(self, revision: str, author: str, note: str) -> Answer:
        """Put back what was in force before, or an earlier revision. It was approved before, so that nobody needs to
        approve it again; its suites are not run. Raises StoreUnavailable."""

        async def work(now: InForce) -> Answer:
            change = rolled_back(await self._changing.activations.history(HISTORY), revision)
            if isinstance(change, Refusal):
                return change
            return await self._changing.make(now, await self._kept(now, change, author, Origin.ROLLBACK, note))

        return await self._changing.in_turn(work)

    async def challenge(self, wanted: Challenging) -> Answer:
        """Try another policy or bundle beside the one in force. A share of customers is a change as any other; a shadow
        decides for nobody and needs nobody's approval. Raises StoreUnavailable."""
        if not wanted.shadow and not 0.0 < wanted.share <= 1.0:
            return NO_SHARE

        async def work(now: InForce) -> Answer:
            gathered = await self._gathering.gather(wanted.source, now)
            if (gathered.policy, gathered.bundle) == (now.policy, now.bundle):
                return SAME_AS_IN_FORCE
            gathered = await self._beside(gathered, now)
            author, share = wanted.author.strip(), 0.0 if wanted.shadow else wanted.share
            since = self._changing.clock()
            trial = Challenge(gathered.policy, gathered.bundle, share, wanted.shadow, since, author)
            wish = Wish(gathered, Change(challenge=trial), author, Origin.CHALLENGE, wanted.note)
            wish = replace(wish, by_another=self._policy().approval.by_another and not wanted.shadow)
            return await self._made(now, wish)

        return await self._changing.in_turn(work)

    async def end_challenge(self, author: str, promote: bool) -> Answer:
        """Let the challenger be, or put it in force; the latter as any change. Raises StoreUnavailable."""

        async def work(now: InForce) -> Answer:
            trial = now.challenge
            if trial is None:
                return NO_CHALLENGE
            if not promote:
                return await self._changing.make(now, await self._kept(now, Change(), author, Origin.END_CHALLENGE))
            change = Change(trial.policy, trial.bundle)
            wish = await self._kept(now, change, author, Origin.PROMOTE)
            return await self._made(now, replace(wish, by_another=self._policy().approval.by_another))

        return await self._changing.in_turn(work)

    async def _made(self, now: InForce, wish: Wish) -> Answer:
        return NO_AUTHOR if wish.by_another and not wish.author else await self._changing.make(now, wish)

    async def _kept(self, now: InForce, change: Change, author: str, origin: Origin, note: str = "") -> Wish:
        then = change.of(now)
        gathered = await self._gathering.kept(then.policy, then.bundle)
        return Wish(gathered, change, author.strip(), origin, note)

    async def _beside(self, gathered: Gathered, now: InForce) -> Gathered:
        """The same as a challenger: it must be able to answer what the policy in force answers."""
        other = await self._gathering.kept_text(now.policy)
        return replace(gathered, candidate=replace(gathered.candidate, stands_in_for=other))

    async def _approved(self, now: InForce, pending: Pending, approver: str) -> Answer:
        then = pending.change.of(now)
        trial = then.challenge
        gathered = await self._gathering.kept(*((trial.policy, trial.bundle) if trial else (then.policy, then.bundle)))
        if trial is not None:
            gathered = await self._beside(gathered, now)
        wish = Wish(gathered, pending.change, pending.author, pending.origin, pending.note, approver)
        made = await self._changing.make(now, wish)
        if made.activated:
            await self._changing.activations.drop_pending(pending.key)
            await self._changing.note_approval(gathered, approver)
        return made
