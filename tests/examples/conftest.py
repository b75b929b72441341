"""The telco pack and a small company drawn from one seed, shared by the tests of the examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.demo.company.customers import Population, draw_customers
from engine.demo.company.history import History, draw_history
from engine.demo.company.offered import Offered
from engine.demo.company.truth import Truth, truth_of
from engine.demo.offering import answerable
from engine.demo.pack import pack_folder
from models.feature_file import load_features
from models.features import FeatureSchema
from rules.compiled import CompiledPolicy
from rules.facts import Fact, FactSchema
from rules.policy import Policy
from rules.policy_file import load_policy

NOW = 1_790_000_000.0
SEED = 7


@pytest.fixture(scope="session")
def telco() -> Path:
    return pack_folder("telco")


@pytest.fixture(scope="session")
def schema(telco) -> FeatureSchema:
    return load_features(telco / "features.yaml")


@pytest.fixture(scope="session")
def facts(schema) -> FactSchema:
    return FactSchema.of(*(Fact(f.name, f.type.value, f.values, f.default, f.purpose) for f in schema.features))


@pytest.fixture(scope="session")
def compiled(telco, facts) -> CompiledPolicy:
    return load_policy(telco / "policy.yaml", facts)


@pytest.fixture(scope="session")
def policy(compiled) -> Policy:
    return compiled.policy


@pytest.fixture(scope="session")
def offered(policy) -> tuple[Offered, ...]:
    return answerable(policy)


@pytest.fixture(scope="session")
def population() -> Population:
    return draw_customers(8_000, SEED)


@pytest.fixture(scope="session")
def truth(population, offered) -> Truth:
    return truth_of(population, [one.id for one in offered], SEED)


@pytest.fixture(scope="session")
def history(population, truth, offered) -> History:
    return draw_history(population, truth, offered, 24_000, NOW)
