"""What decisions are made by at one time: policy, features, model, stopped actions. Swapped by reference, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.expectation import Expectation
from models.features import FeatureSchema
from rules.compiled import CompiledPolicy
from rules.facts import Fact, FactSchema


@dataclass(frozen=True)
class Snapshot:
    """One revision of everything a decision reads beside the customer.

    `schemas` holds every feature schema that stored vectors may carry, by hash. `stopped` is a bitmask over the
    catalogue. `pause_causes` names pause rules by the crc32 that the store keeps.
    """

    policy: CompiledPolicy
    schema: FeatureSchema
    schemas: Mapping[bytes, FeatureSchema]
    expectation: Expectation
    pause_causes: Mapping[int, str]
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
        return replace(self, schemas={**schemas, self.schema.hash: self.schema})


def facts_of(schema: FeatureSchema) -> FactSchema:
    """The features as the rules see them."""
    facts = (Fact(f.name, f.type.value, f.values, f.default, f.purpose) for f in schema.features)
    return FactSchema({fact.name: fact for fact in facts})
