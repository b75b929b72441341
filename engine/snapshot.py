"""What decisions are made by at one time: policy, features, model. Swapped by reference, never changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.events.book import EventBook
from engine.events.overlay import Overlay
from engine.expectation import Expectation
from engine.facts.store import FactsRead
from engine.ids import CustomerKey
from engine.learning.store import Learned
from engine.procedures.need import procedures_by_need
from models.bundle import Bundle
from models.explore import draw
from models.features import Feature, FeatureSchema
from models.gather import Gather, ReadValues, ValueReader
from rules.comparisons import TierComparisons
from rules.compiled import CompiledPolicy
from rules.content import Contents
from rules.facts import Fact, FactSchema
from rules.ledger import stable_id
from rules.live import LiveColumn, LiveFacts
from rules.policy import CONTACT_KINDS, Policy
from rules.procedure import Procedure
from rules.reasons import Reasons


@dataclass(frozen=True, slots=True)
class Reading:
    """How vectors written under one schema are read under the schema of today; `unlogged` are the places in them that
    are not to be logged, `personal` those of personal features, each by either schema."""

    written: FeatureSchema
    gather: Gather | None
    reader: ValueReader
    unlogged: tuple[int, ...]
    personal: tuple[int, ...]

    @classmethod
    def of(cls, written: FeatureSchema, wanted: FeatureSchema) -> Reading:
        gather = None if written.hash == wanted.hash else Gather(written, wanted)
        either = (*written.features, *wanted.features)
        unlogged = _places(written, {one.name for one in either if not one.logged})
        personal = _places(written, {one.name for one in either if one.personal})
        return cls(written, gather, ValueReader(wanted), unlogged, personal)

    def values(self, body: npt.NDArray[np.float32]) -> ReadValues:
        """The known values of a stored body (n_written,), by today's names."""
        return self.reader.read(body if self.gather is None else self.gather.gather(body))

    def row(self, body: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """A stored body (n_written,) as a fresh row of today's schema."""
        return body.copy() if self.gather is None else self.gather.gather(body)


def _places(schema: FeatureSchema, names: set[str]) -> tuple[int, ...]:
    return tuple(place for place, name in enumerate(schema.names) if name in names)


@dataclass(frozen=True)
class Beside:
    """Other snapshots at hand. `challenger` decides for `share` of the customers, or for nobody where it is a shadow;
    `challenge` names what is counted of it. `earlier` ones by (policy, model) answer what they decided again."""

    challenger: Snapshot | None = None
    share: float = 0.0
    shadow: bool = False
    challenge: str = ""
    earlier: Mapping[tuple[str, str], Snapshot] = field(default_factory=dict)

    def challenger_of(self, salt: str, customer: CustomerKey) -> Snapshot | None:
        """The challenger, where it decides for this customer."""
        challenger = self.challenger
        if challenger is None or self.shadow:
            return None
        revisions = (challenger.policy_revision, challenger.model_revision)
        drawn = draw(salt, "challenge", *revisions, customer.tenant, customer.customer)
        return challenger if drawn < self.share else None

    def changed(self, change: Callable[[Snapshot], Snapshot]) -> Beside:
        """The same with another challenger, where there is one; itself where that stays the same."""
        challenger = self.challenger and change(self.challenger)
        return self if challenger is self.challenger else replace(self, challenger=challenger)

    def that_decided(self, policy: str, model: str) -> Snapshot | None:
        """The snapshot of these revisions, where it is at hand."""
        challenger = self.challenger
        if challenger is not None and (challenger.policy_revision, challenger.model_revision) == (policy, model):
            return challenger
        return self.earlier.get((policy, model))


NOTHING_BESIDE = Beside()


@dataclass(frozen=True)
class Snapshot:
    """One revision of everything a decision reads beside the customer.

    `readings` has one for every feature schema that stored vectors may carry, by its hash. `stopped` is a bitmask
    over the catalogue, `mandatory` one flag per action, and a bitmask too. `explored` are the placements (channel,
    name) that exploration is for. `pause_causes` names pause rules by the crc32 that the store keeps.
    """

    policy: CompiledPolicy
    schema: FeatureSchema
    readings: Mapping[bytes, Reading]
    expectation: Expectation
    pause_causes: Mapping[int, str]
    mandatory: npt.NDArray[np.bool_]
    mandatory_mask: int
    explored: frozenset[tuple[str, str]]
    contents: Contents
    reasons: Reasons
    stopped: int = 0
    beside: Beside = NOTHING_BESIDE
    facts: LiveFacts | None = None

    def live(self, now: float) -> tuple[LiveColumn, ...]:
        """The live facts of the actions at `now` (s)."""
        return (self.facts or self.policy.unposted).at(now)

    @property
    def policy_revision(self) -> str:
        return self.policy.policy.revision

    @cached_property
    def personal(self) -> frozenset[str]:
        """The names of the personal features."""
        return frozenset(one.name for one in self.schema.features if one.personal)

    @cached_property
    def comparing(self) -> TierComparisons:
        """What tells people why a tier is what it is."""
        return TierComparisons(self.policy.policy, facts_of(self.schema))

    @cached_property
    def events(self) -> EventBook:
        """The events that may be told, and what they change."""
        return EventBook(self.policy.policy, self.schema)

    @cached_property
    def procedures(self) -> Mapping[tuple[str, str], Procedure]:
        """Standard procedures by (channel, intent)."""
        return procedures_by_need(self.policy.policy)

    @cached_property
    def overlay(self) -> Overlay:
        """How real-time state is laid over rows of today's schema."""
        return Overlay.of(self.schema, self.filled)

    @cached_property
    def impersonal_overlay(self) -> Overlay:
        """The same for a customer who opted out of personalisation."""
        return Overlay.of(self.schema, self.filled, self.personal)

    @cached_property
    def filled(self) -> frozenset[str]:
        """The features that answers to an ASK fill."""
        return frozenset(one.fills for one in self.policy.catalogue.actions if one.fills)

    @property
    def model_revision(self) -> str:
        return self.expectation.revision

    def with_stopped(self, actions: frozenset[str]) -> Snapshot:
        """The same with these actions stopped; ids that the policy does not have are passed over."""
        catalogue = self.policy.catalogue
        stopped = sum(1 << catalogue.index[action] for action in actions if action in catalogue.index)
        beside = self.beside.changed(lambda one: one.with_stopped(actions))
        if stopped == self.stopped and beside is self.beside:
            return self
        return replace(self, stopped=stopped, beside=beside)

    def with_facts(self, read: FactsRead) -> Snapshot:
        """The same with live facts of actions as they were posted; those that the policy lacks are passed over."""
        beside = self.beside.changed(lambda one: one.with_facts(read))
        return replace(self, facts=self._facts_of(read), beside=beside)

    def with_learned(self, learned: Learned) -> Snapshot:
        """The same with counts of what contacts came to."""
        beside = self.beside.changed(lambda one: one.with_learned(learned))
        if learned.number == self.expectation.learned and beside is self.beside:
            return self
        return replace(self, expectation=self.expectation.with_learned(learned), beside=beside)

    def _facts_of(self, read: FactsRead) -> LiveFacts:
        """The facts as they were read: only what changed is entered where that is known."""
        if self.facts is not None and self.facts.revision == read.revision:
            return self.facts
        if self.facts is not None and self.facts.revision == read.since:
            return self.facts.with_posted(read.changed, read.revision)
        return self.policy.with_posted(read.facts, read.revision)

    def with_schemas(self, schemas: Mapping[bytes, FeatureSchema]) -> Snapshot:
        """The same, able to read vectors written under these schemas too."""
        known = {hash_: Reading.of(schema, self.schema) for hash_, schema in schemas.items()}
        beside = self.beside.changed(lambda one: one.with_schemas(schemas))
        own = {self.schema.hash: Reading.of(self.schema, self.schema)}
        return replace(self, readings=known | own, beside=beside)

    def of(self, customer: CustomerKey) -> Snapshot:
        """What decides for this customer: a challenger for its share, by a keyed hash of the customer, so that it is
        the same in every channel and stays while the share grows."""
        return self.beside.challenger_of(self.policy.policy.salt, customer) or self

    def that_decided(self, policy: str, model: str) -> Snapshot:
        """The snapshot of these revisions where it is still at hand, else this one."""
        is_self = (policy, model) == (self.policy_revision, self.model_revision)
        return self if is_self else self.beside.that_decided(policy, model) or self


def snapshot_of(policy: CompiledPolicy, schema: FeatureSchema, bundle: Bundle | None) -> Snapshot:
    """A snapshot as it begins: nothing stopped, vectors of today's schema only."""
    mandatory = np.array([action.mandatory for action in policy.catalogue.actions], dtype=np.bool_)
    return Snapshot(
        policy=policy,
        schema=schema,
        readings={schema.hash: Reading.of(schema, schema)},
        expectation=Expectation(policy.policy, bundle),
        pause_causes={stable_id(rule.id): rule.id for rule in policy.policy.contact.pauses},
        mandatory=mandatory,
        mandatory_mask=policy.catalogue.mask_of(mandatory),
        explored=frozenset(_explored(policy.policy)),
        contents=Contents(policy.policy, facts_of(schema)),
        reasons=Reasons(policy.policy),
    )


def _explored(policy: Policy) -> Iterator[tuple[str, str]]:
    """Where a draw may choose: never among service levels, routes and topics."""
    named = policy.exploration.placements
    for channel in policy.channels.values():
        for placement in channel.placements.values():
            if (not named or placement.name in named) and placement.kinds <= CONTACT_KINDS:
                yield channel.name, placement.name


def facts_of(schema: FeatureSchema) -> FactSchema:
    """The features as the rules see them."""
    return FactSchema({one.name: _fact(one) for one in schema.features})


def _fact(one: Feature) -> Fact:
    protected = one.protected and not one.why_in_rules
    return Fact(one.name, one.type.value, one.values, one.default, one.purpose, protected)
