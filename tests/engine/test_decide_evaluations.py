"""Conditions are evaluated as often for 2,500 actions as for 50: for every rule of every policy that is shipped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.decide import resolve
from engine.decision import Request
from engine.demo.pack import pack_folder, pack_names
from engine.profile import know
from engine.project import load_snapshot
from engine.resolution import Question
from engine.snapshot import Snapshot
from engine.store import Profile
from models.codec import encode
from rules.ledger import stable_id
from rules.policy import Action, Policy, Scope
from rules.situation import Moment
from tests.engine.company import ANNA, NOW, changed, corner_shop


def shipped(name: str) -> Snapshot:
    return corner_shop() if name == "corner_shop" else load_snapshot(pack_folder(name), None)


def grown(snapshot: Snapshot, count: int) -> Snapshot:
    """The same policy with `count` actions: copies of its own, and every scope that names actions names the copies."""
    own = snapshot.policy.policy.actions
    copies = {one.id: [one.id] for one in own}
    actions = list(own)
    for number in range(max(0, count - len(own))):
        like = own[number % len(own)]
        copies[like.id].append(f"{like.id}_{number}")
        actions.append(copy_of(like, copies[like.id][-1]))
    ordered = tuple(sorted(actions, key=lambda one: (one.issue, one.group, one.id)))
    policy = snapshot.policy.policy
    contact = policy.contact
    return changed(
        snapshot,
        actions=ordered,
        rules=widened(policy.rules, copies),
        tables=tuple(replace(one, rows=widened(one.rows, copies)) for one in widened(policy.tables, copies)),
        context_weights=widened(policy.context_weights, copies),
        thresholds=widened(policy.thresholds, copies),
        contact=replace(contact, stops=widened(contact.stops, copies), caps=widened(contact.caps, copies)),
    )


def copy_of(action: Action, name: str) -> Action:
    return replace(action, id=name, stable_id=stable_id(name))


def widened(scoped, copies):
    return tuple(replace(one, scope=scope_of(one.scope, copies)) for one in scoped)


def scope_of(scope: Scope, copies) -> Scope:
    return replace(scope, actions=tuple(copy for name in scope.actions for copy in copies[name]))


def evaluated(snapshot: Snapshot, channel: str) -> tuple[int, int, list[int]]:
    """How often the tiers, the other conditions, and each condition or amount about actions were evaluated."""
    compiled = snapshot.policy
    programs = [one.evaluations for one in compiled.programs]
    before = compiled.tiers.conditions.evaluations, compiled.conditions.evaluations
    profile = Profile(vector=encode(snapshot.schema, {}, ANNA, NOW))
    resolve(snapshot, Question(Request(ANNA, channel), know(snapshot, ANNA, profile, NOW), Moment(NOW, channel)))
    columns = [one.evaluations - had for one, had in zip(compiled.programs, programs, strict=True)]
    return (
        compiled.tiers.conditions.evaluations - before[0],
        compiled.conditions.evaluations - before[1],
        columns,
    )


def rules_of(policy: Policy) -> set[str]:
    return {one.id for one in (*policy.rules, *policy.tables)}


def compiled_rules(snapshot: Snapshot) -> set[str]:
    return {rule.id for rule in snapshot.policy.rules}


@pytest.mark.parametrize("name", ["corner_shop", *pack_names()])
def test_evaluations_do_not_grow_with_the_number_of_actions(name):
    some, many = (grown(shipped(name), count) for count in (50, 2_500))
    assert len(many.policy.catalogue) == 2_500
    assert rules_of(some.policy.policy) <= compiled_rules(some) == compiled_rules(many)
    for channel in some.policy.policy.channels:
        tiers, conditions, columns = evaluated(some, channel)
        assert (tiers, conditions, columns) == evaluated(many, channel)
        ready = some.policy
        assert (tiers, conditions) == (len(ready.tiers.conditions) > 0, len(ready.conditions) > 0)
        assert all(count <= 1 for count in columns)
