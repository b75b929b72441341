"""The snapshot in force, kept up with what all workers share: revisions, stopped actions, feature schemas,
live facts, learned counts."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.activation.in_force import InForce, Origin, StateDamaged
from engine.activation.loader import Loader
from engine.activation.politeness import Politeness
from engine.activation.rehearsal import rehearse
from engine.activation.takeover import Takeover
from engine.facts.store import FactsRead
from engine.learning.store import Learned
from engine.snapshot import Snapshot
from engine.store import Settings, Store, StoreUnavailable
from models.features import FeatureSchema

_LOG = logging.getLogger("befit.activation")
SECONDS_BETWEEN = 0.25
"""From one refresh to the next: how long an action that was stopped elsewhere may still be proposed here."""

SECONDS_UNDERWAY = 0.04
"""The same while a change is underway."""


@dataclass(frozen=True, slots=True)
class Switched:
    """A worker switched: to what, and how long after the agreed moment (s)."""

    to: InForce
    late: float


Shared = tuple[Settings, FactsRead, Learned]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A snapshot dressed ahead of its switch, and in what."""

    shared: Shared
    made: Snapshot
    dressed: Snapshot

    def holds(self, shared: Shared) -> bool:
        return all(one is other for one, other in zip(self.shared, shared, strict=True))


def _idle() -> bool:
    return False


def _unobserved(switched: Switched) -> None:
    del switched


class Live:
    """Holds the snapshot; a refresh swaps the reference, so each decision uses exactly one."""

    def __init__(
        self, snapshot: Snapshot, store: Store, writer: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        self._snapshot = snapshot
        self._store = store
        self.writer = writer
        self.clock = clock
        self._settings = Settings()
        self._facts = FactsRead()
        self._learned = Learned()
        self._politeness = Politeness(self._is_busy)
        self._loader = Loader(store.revisions, self._politeness, clock)
        self._loader.remember(snapshot)
        self.takeover = Takeover(self._load, self._switch, clock)
        self._ready: _Ready | None = None
        self.store_problem = ""
        self.observe: Callable[[Switched], None] = _unobserved
        self.busy: Callable[[], bool] = _idle

    def snapshot(self) -> Snapshot:
        """The revision in force."""
        return self._snapshot

    @property
    def in_force(self) -> InForce | None:
        """What the snapshot stands for; None until the store has told."""
        return self.takeover.in_force

    @property
    def pause(self) -> float:
        """Seconds until the next refresh is due."""
        return SECONDS_UNDERWAY if self.takeover.underway else SECONDS_BETWEEN

    async def begin(self) -> None:
        """Publish this project's schema, then read what is shared. Raises StoreUnavailable."""
        schema = self._snapshot.schema
        await self._store.keep_schema(schema.hash.hex(), schema.to_json())
        await self.refresh()
        if self.store_problem:
            raise StoreUnavailable(self.store_problem)

    def begins_as(self, in_force: InForce) -> None:
        """The snapshot it was made with is what is in force."""
        self.takeover.in_force = in_force
        self.observe(Switched(in_force, 0.0))

    async def refresh(self) -> None:
        """Read what is shared and apply what changed; the store being away leaves everything as it is."""
        try:
            settings = await self._store.read_settings()
            facts = await self._store.facts.read(self._facts)
            learned = await self._store.learned.read(self._learned)
            beat = self.takeover.beat(self.writer) if self.writer else None
            shared = await self._store.activations.read(beat)
        except (StoreUnavailable, StateDamaged) as problem:
            self.store_problem = problem.code if isinstance(problem, StoreUnavailable) else "state-damaged"
            return
        self.store_problem = ""
        if settings != self._settings or facts is not self._facts or learned is not self._learned:
            self._settings, self._facts, self._learned = settings, facts, learned
            self._snapshot = self._dressed(self._snapshot)
        self.takeover.follow(shared)

    async def close(self) -> None:
        """Have the store forget this worker. Raises StoreUnavailable."""
        await self.takeover.close()
        if self.writer:
            await self._store.activations.forget(self.writer)

    @property
    def stopped(self) -> tuple[str, ...]:
        """The actions that are stopped, by name."""
        return tuple(sorted(self._settings.stopped))

    async def _load(self, wanted: InForce) -> Snapshot:
        """Made ready as far as can be before the switch: what is shared seldom changes in between."""
        made = await self._loader.load(wanted)
        self._ready = _Ready(self._shared, made, await self._politeness.run(self._warmed, made))
        return made

    @property
    def _shared(self) -> Shared:
        return self._settings, self._facts, self._learned

    def _is_busy(self) -> bool:
        return self.busy()

    def _warmed(self, made: Snapshot) -> Snapshot:
        dressed = self._dressed(made)
        for one in (dressed, dressed.beside.challenger):
            if one is not None:
                rehearse(one, self.clock())
        return dressed

    def _switch(self, made: Snapshot, to: InForce) -> None:
        ready, self._ready = self._ready, None
        if ready is not None and ready.made is made and ready.holds(self._shared):
            self._snapshot = ready.dressed
        else:
            self._snapshot = self._dressed(made)
        said = (to.policy, to.bundle or "none", to.epoch, to.origin.value, to.author or "nobody named")
        level = logging.DEBUG if to.origin is Origin.START else logging.INFO
        _LOG.log(level, "policy %s, model %s in force (change %d, %s by %s)", *said)
        self.observe(Switched(to, self.clock() - to.at))

    def _dressed(self, snapshot: Snapshot) -> Snapshot:
        """With the actions that are stopped, the schemas that vectors were written under, and live facts of actions."""
        dressed = snapshot.with_stopped(self._settings.stopped).with_schemas(schemas_of(self._settings.schemas))
        return dressed.with_facts(self._facts).with_learned(self._learned)


def schemas_of(kept: Mapping[str, bytes]) -> dict[bytes, FeatureSchema]:
    """The schemas that can be read; one that cannot leaves its vectors unreadable, which decisions say."""
    found = {}
    for name, written in kept.items():
        try:
            schema = FeatureSchema.from_json(written)
        except (ValueError, KeyError, TypeError):
            continue
        if schema.hash.hex() == name:
            found[schema.hash] = schema
    return found
