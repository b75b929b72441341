"""What is in force, and the switch that stops an action everywhere."""

from __future__ import annotations

import logging
from collections.abc import Callable

from documents.reader import did_you_mean
from engine.activation.files_told import as_things_stand
from engine.activation.in_force import NO_OVERVIEW, Overview, StateDamaged, Stop
from engine.activation.switching import ALIVE_SECONDS
from engine.limits.standing import LimitStanding
from engine.live import Live
from engine.refusal import Refusal, RefusalKind
from engine.service.ports import ScorerKind, Status
from engine.store import Store, StoreUnavailable

_LOG = logging.getLogger("befit.admin")


class Admin:
    """Answers for one worker. A stop reaches the other workers with their next refresh, within a quarter second."""

    def __init__(
        self, live: Live, store: Store, partitions: int, limits: Callable[[], tuple[LimitStanding, ...]] = tuple
    ) -> None:
        self._live = live
        self._store = store
        self._partitions = partitions
        self._limits = limits

    async def status(self) -> Status:
        """What is active, as this worker sees it; what all share only while the store answers."""
        await self._live.refresh()
        snapshot = self._live.snapshot()
        bundle = snapshot.expectation.bundle
        reason = bundle.scorer.reason if bundle else ""
        kind = ScorerKind.NONE if bundle is None else ScorerKind.FALLBACK if reason else ScorerKind.NATIVE
        return Status(
            policy_revision=snapshot.policy_revision,
            company=snapshot.policy.policy.company,
            model_revision=snapshot.model_revision,
            model_name=bundle.manifest.name if bundle else "",
            schema_hash=snapshot.schema.hash.hex(),
            scorer=kind,
            scorer_reason=reason,
            store_problem=self._live.store_problem,
            stopped_actions=self._live.stopped,
            actions=len(snapshot.policy.catalogue),
            partitions=self._partitions,
            in_force=self._live.in_force,
            overview=await self._overview(),
            limits=self._limits(),
            words=snapshot.policy.policy.vocabulary,
        )

    async def _overview(self) -> Overview:
        shared = self._store.activations
        try:
            pending, files = await shared.pending(), await shared.files()
            now, in_force = self._live.clock(), self._live.in_force
            files = tuple(as_things_stand(one, in_force, pending) for one in files)
            alive = tuple(beat for beat in await shared.beats() if beat.at > now - ALIVE_SECONDS)
            return Overview(pending, files, await shared.stops(), alive)
        except (StoreUnavailable, StateDamaged):
            return NO_OVERVIEW

    async def stop_action(self, wanted: Stop, stopped: bool) -> tuple[str, ...] | Refusal:
        """Stop an action, or let it run again, in all channels. Raises StoreUnavailable."""
        if stopped and not self._is_known(wanted.action):
            return self._unknown(wanted.action)
        await self._store.activations.tell_stop(wanted, stopped)
        await self._store.stop_action(wanted.action, stopped)
        said = (wanted.action, "stopped" if stopped else "runs again", wanted.by or "nobody named")
        _LOG.warning("action %s %s by %s: %s", *said, wanted.reason or "no reason given")
        await self._live.refresh()
        return self._live.stopped

    def _unknown(self, action: str) -> Refusal:
        near = did_you_mean(action, self._live.snapshot().policy.catalogue.ids)
        message = f"must be an action of the policy{f': {near}' if near else ''}"
        return Refusal("action-unknown", message, "action_id", RefusalKind.NOT_FOUND)

    def _is_known(self, action: str) -> bool:
        """Whether what decides, for whomever, has it."""
        snapshot = self._live.snapshot()
        all_of_them = (snapshot, snapshot.beside.challenger)
        return any(one is not None and action in one.policy.catalogue.index for one in all_of_them)
