"""Each counterfactual, applied to the policy, the customer and the request themselves, wins; anything less does not."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from engine.decision import Decision
from engine.explaining.explainer import Explainer
from engine.explaining.told import ChangeKind, Counterfactual
from engine.present import present
from engine.snapshot import Snapshot
from rules.policy import ControlGroup
from tests.engine.company import changed, corner_shop, telco, with_actions
from tests.engine.otherwise import Asked, anybody, resolved, smaller, wins

Found = dict[str, Counterfactual]


async def explained(snapshot: Snapshot, asked: Asked) -> Decision:
    resolution = resolved(snapshot, asked)
    return await Explainer(60.0).explain(snapshot, resolution, present(snapshot, resolution, ""))


def counterfactuals(decision: Decision) -> Found:
    ranked = [one for filled in decision.placements for one in filled.actions]
    both = [(one.action, one.counterfactual) for one in (*ranked, *decision.dropped)]
    return {action: found for action, found in both if found is not None}


def hold(snapshot: Snapshot, asked: Asked, action: str, found: Counterfactual) -> None:
    """It wins; less of it does not, nor does it without any of its parts."""
    said = (action, asked, found.changes)
    assert wins(snapshot, asked, action, found.changes), said
    for place, one in enumerate(found.changes):
        rest = (*found.changes[:place], *found.changes[place + 1 :])
        assert not wins(snapshot, asked, action, rest), (said, "without", one)
        for less in smaller(snapshot.schema, one):
            lesser = (*found.changes[:place], less, *found.changes[place + 1 :])
            assert not wins(snapshot, asked, action, lesser), (said, "less", less)


def busy_shop() -> Snapshot:
    """The corner shop with something mandatory, something over, comparison groups, and much exploration."""
    policy = corner_shop().policy.policy
    groups = tuple(ControlGroup(f"g_{arm}", 0.12, arm) for arm in ("random", "nothing", "propensity_only", "no_levers"))
    shop = changed(corner_shop(), control_groups=groups, exploration=replace(policy.exploration, share=0.4))
    tiers = tuple(replace(tier, exploration_limit=0.5) for tier in policy.tiers)
    shop = changed(shop, tiers=tiers)
    edits = {"film_box": {"valid_to": 1_780_000_000.0}, "topic_bill": {"mandatory": True}}
    return with_actions(shop, **edits).with_stopped(frozenset({"basic_tariff"}))


@pytest.mark.parametrize("seed", range(10))
async def test_in_the_shop_every_counterfactual_wins_and_a_smaller_one_does_not(seed: int):
    snapshot = corner_shop() if seed % 2 else busy_shop()
    asked = anybody(snapshot, seed)
    found = counterfactuals(await explained(snapshot, asked))
    for action, one in found.items():
        if one.changes:
            hold(snapshot, asked, action, one)


@pytest.mark.parametrize("seed", range(2))
async def test_in_the_telephone_company_too(seed: int):
    snapshot, rng = telco(), random.Random(seed)
    asked = anybody(snapshot, seed + 100)
    found = counterfactuals(await explained(snapshot, asked))
    told = [action for action, one in found.items() if one.changes]
    for action in rng.sample(told, 4):
        hold(snapshot, asked, action, found[action])


async def test_everything_that_is_not_first_gets_one_and_nearly_always_one_that_helps():
    kinds: Counter[ChangeKind] = Counter()
    told = helped = 0
    for seed in range(30):
        snapshot = corner_shop() if seed % 2 else busy_shop()
        decision = await explained(snapshot, anybody(snapshot, seed))
        found = counterfactuals(decision)
        firsts = {filled.actions[0].action for filled in decision.placements if filled.actions}
        assert found.keys() == set(snapshot.policy.catalogue.ids) - firsts
        told, helped = told + len(found), helped + sum(1 for one in found.values() if one.changes)
        kinds.update(change.kind for one in found.values() for change in one.changes)
    assert helped > 0.97 * told
    assert kinds.keys() >= set(ChangeKind) - {ChangeKind.LIMIT, ChangeKind.CONTEXT_WEIGHT, ChangeKind.THRESHOLD}
