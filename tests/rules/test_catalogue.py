from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.strict_yaml import load, parse
from rules.catalogue import Catalogue
from rules.facts import FactSchema
from rules.policy import Kind, Policy, Scope
from rules.reading.document import read_policy


@pytest.fixture(scope="module")
def policy(corner_shop_path: Path, facts: FactSchema) -> Policy:
    policy, _ = read_policy(load(corner_shop_path), facts)
    assert policy is not None
    return policy


@pytest.fixture(scope="module")
def catalogue(policy: Policy) -> Catalogue:
    return Catalogue(policy)


def _ids(catalogue: Catalogue, mask: int) -> set[str]:
    return {catalogue.ids[i] for i in catalogue.indexes(mask)}


def test_keys_of_a_scope_are_anded_and_names_within_a_key_ored(catalogue: Catalogue) -> None:
    scope = Scope(groups=("tariffs", "phones"), tags=("5g",))
    assert _ids(catalogue, catalogue.mask(scope)) == {"upgrade_unlimited", "new_phone"}


def test_an_empty_scope_is_everything_and_an_unknown_name_nothing(catalogue: Catalogue) -> None:
    assert catalogue.mask(Scope()) == catalogue.all
    assert catalogue.mask(Scope(actions=("gone",))) == 0
    assert catalogue.mask(Scope(kinds=(Kind.ASK,), issues=("sales",))) == 0


def test_a_channel_holds_what_can_be_proposed_there(catalogue: Catalogue) -> None:
    assert _ids(catalogue, catalogue.placements["web", "hero"]) == {
        "upgrade_unlimited",
        "basic_tariff",
        "new_phone",
        "film_box",
    }
    assert _ids(catalogue, catalogue.placements["call_centre", "route"]) == {"route_general", "route_retention"}
    assert "route_general" in _ids(catalogue, catalogue.channels["push"]), "no treatment at all = everywhere"


def test_actions_are_found_by_name_and_by_stable_id(catalogue: Catalogue) -> None:
    for i, name in enumerate(catalogue.ids):
        assert catalogue.index[name] == i
        assert catalogue.by_stable[int(catalogue.stable[i])] == i


def test_actions_alike_share_an_attributes_value(catalogue: Catalogue) -> None:
    assert _ids(catalogue, catalogue.alike("family")["tariff"]) == {
        "upgrade_unlimited",
        "basic_tariff",
        "stay_discount",
    }
    assert sum(mask.bit_count() for mask in catalogue.alike("digital").values()) == len(catalogue)


def test_columns_hold_every_attribute_in_the_order_of_the_actions(catalogue: Catalogue) -> None:
    assert catalogue.columns["action.price"].values[catalogue.index["new_phone"]] == 699.0
    assert len(catalogue.columns["action.kind"].values) == len(catalogue)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=300))
def test_masks_flags_and_indexes_are_the_same_set(chosen: list[bool]) -> None:
    catalogue = Catalogue(_policy_of(len(chosen)))
    flags = np.array(chosen, dtype=np.bool_)
    mask = catalogue.mask_of(flags)
    assert mask == sum(1 << i for i, one in enumerate(chosen) if one)
    assert catalogue.indexes(mask).tolist() == np.flatnonzero(flags).tolist()
    assert catalogue.chosen(mask).tolist() == chosen


def _policy_of(count: int) -> Policy:
    actions = "".join(f"  a{i}: {{kind: TOPIC, issue: i, group: g}}\n" for i in range(count))
    text = (
        "version: 1\ncompany: X\ncurrency: EUR\ntime_zone: UTC\ngoals: {margin: {unit_value: 1}}\n"
        "channels: {web: {direction: inbound, placements: {why: {kinds: [TOPIC], count: 1}}}}\n"
        "tiers: {order: [{name: all, otherwise: true, weights: {margin: 1}}]}\n"
        f"actions:\n{actions}"
    )
    policy, reader = read_policy(parse(text, "policy.yaml"), FactSchema({}))
    assert not reader.problems
    assert policy is not None
    return policy
