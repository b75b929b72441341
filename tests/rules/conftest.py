"""The corner shop: one small complete policy and its features, shared by the tests of this room."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.strict_yaml import Node, load
from rules.facts import Fact, FactSchema

POLICIES = Path(__file__).parent / "policies"


def _fact(name: str, entries: dict[str, Node]) -> Fact:
    default = entries["default"].value if "default" in entries else None
    values = tuple(item.value for item in entries["values"].value) if "values" in entries else ()
    purpose = entries["purpose"].value
    return Fact(
        name=name,
        type=entries["type"].value,
        values=values,
        default=None if default == "none" else default,
        purpose=(purpose,) if isinstance(purpose, str) else tuple(item.value for item in purpose),
    )


@pytest.fixture(scope="session")
def facts() -> FactSchema:
    features = load(POLICIES / "features.yaml").root.value["features"].value
    return FactSchema({name: _fact(name, node.value) for name, node in features.items()})


@pytest.fixture(scope="session")
def corner_shop_path() -> Path:
    return POLICIES / "corner_shop.yaml"
