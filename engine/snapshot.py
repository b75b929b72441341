"""What decisions are made by at one time: policy, features, model. Swapped by reference, never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.expectation import Expectation
from models.bundle import Bundle
from models.features import Feature, FeatureSchema
from models.gather import Gather, ReadValues, ValueReader
from rules.compiled import CompiledPolicy
from rules.content import Contents
from rules.facts import Fact, FactSchema
from rules.ledger import stable_id
from rules.policy import CONTACT_KINDS, Policy
from rules.reasons import Reasons


@dataclass(frozen=True, slots=True)
class Reading:
    """How vectors written under one schema are read under the schema of today; `unlogged` are the places in them that
    are not to be logged, by either schema."""

    written: FeatureSchema
    gather: Gather | None
    reader: ValueReader
    unlogged: tuple[int, ...]

    @classmethod
    def of(cls, written: FeatureSchema, wanted: FeatureSchema) -> Reading:
        gather = None if written.hash == wanted.hash else Gather(written, wanted)
        kept_out = {one.name for one in (*written.features, *wanted.features) if not one.logged}
        unlogged = tuple(place for place, name in enumerate(written.names) if name in kept_out)
        return cls(written, gather, ValueReader(wanted), unlogged)

    def values(self, body: npt.NDArray[np.float32]) -> ReadValues:
        """The known values of a stored body (n_written,), by today's names."""
        return self.reader.read(body if self.gather is None else self.gather.gather(body))


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

    @property
    def policy_revision(self) -> str:
        return self.policy.policy.revision

    @property
    def model_revision(self) -> str:
        return self.expectation.revision

    def with_stopped(self, actions: frozenset[str]) -> Snapshot:
        """The same with these actions stopped; ids that the policy does not have are passed over."""
        catalogue = self.policy.catalogue
        stopped = sum(1 << catalogue.index[action] for action in actions if action in catalogue.index)
        return self if stopped == self.stopped else replace(self, stopped=stopped)

    def with_schemas(self, schemas: Mapping[bytes, FeatureSchema]) -> Snapshot:
        """The same, able to read vectors written under these schemas too."""
        known = {hash_: Reading.of(schema, self.schema) for hash_, schema in schemas.items()}
        return replace(self, readings=known | {self.schema.hash: Reading.of(self.schema, self.schema)})


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
