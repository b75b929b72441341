"""Actions that nobody proposes any more are told, since what is not tried cannot clear its name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.learning.untried import Untried, untried
from models.bundle_files import read_files
from models.manifest import Manifest
from rules.policy import CONTACT_KINDS
from tests.engine.company import NOW, corner_shop
from tests.engine.email_shop import make_bundle

POLICY = corner_shop().policy.policy
CONTACTS = [place for place, one in enumerate(POLICY.actions) if one.kind in CONTACT_KINDS]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Of a model that knows new_phone from 40 contacts, and of the others nothing."""
    made = read_files(make_bundle(tmp_path_factory.mktemp("shop"))).manifest
    return replace(made, metrics={**made.metrics, "evidence": {"new_phone": [3, 40]}})


def test_what_was_not_proposed_since_is_named_with_what_is_known_of_it(manifest: Manifest) -> None:
    found = untried(manifest, POLICY, np.array(CONTACTS[1:]), NOW)
    assert [one.action for one in found] == [POLICY.actions[CONTACTS[0]].id]
    everything = untried(manifest, POLICY, np.array([], dtype=np.intp), NOW)
    assert everything[0] == Untried("new_phone", 40, 3)
    assert {one.action for one in everything} == {POLICY.actions[place].id for place in CONTACTS}


def test_what_may_not_be_proposed_is_not_missed(manifest: Manifest) -> None:
    gone = POLICY.actions[CONTACTS[0]]
    actions = tuple(replace(one, valid_to=NOW - 1) if one is gone else one for one in POLICY.actions)
    assert untried(manifest, replace(POLICY, actions=actions), np.array(CONTACTS[1:]), NOW) == ()
