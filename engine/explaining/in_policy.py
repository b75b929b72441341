"""Changes of the policy, applied to its compiled form: what each of them would be in the file, without compiling it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from engine.explaining.told import Change, ChangeKind
from engine.snapshot import Snapshot
from rules.caps import CapTable
from rules.catalogue import Catalogue
from rules.compiled import CompiledPolicy
from rules.contact_rows import Ways
from rules.contact_rules import ChannelRules, ContactRules
from rules.engagement import Validity
from rules.rationing import Rationing
from rules.thresholds import Minimums

Floats = npt.NDArray[np.float64]
Apply = Callable[[Snapshot, Change], Snapshot]


def _boost(snapshot: Snapshot, change: Change) -> Snapshot:
    compiled = snapshot.policy
    action = compiled.catalogue.actions[compiled.catalogue.index[change.target]]
    levers = compiled.policy.levers
    percent = _number(change) + levers.issues.get(action.issue, 0.0) + levers.groups.get(action.group, 0.0)
    lever = _with(compiled.worth.lever, compiled.catalogue.index[change.target], max(0.0, 1.0 + percent / 100.0))
    return _policy(snapshot, replace(compiled, worth=replace(compiled.worth, lever=lever)))


def _context_weight(snapshot: Snapshot, change: Change) -> Snapshot:
    worth = snapshot.policy.worth
    leanings = (replace(one, add=_number(change)) if one.id == change.target else one for one in worth.leanings)
    return _policy(snapshot, replace(snapshot.policy, worth=replace(worth, leanings=tuple(leanings))))


def _value(snapshot: Snapshot, change: Change) -> Snapshot:
    compiled = snapshot.policy
    name, _, goal = change.target.partition(".")
    index, more = compiled.catalogue.index[name], _number(change) - float(change.before or 0.0)
    tiers = {
        tier: replace(gains, constant=_with(gains.constant, index, gains.constant[index] + more * gains.per_unit[goal]))
        for tier, gains in compiled.worth.tiers.items()
    }
    return _policy(snapshot, replace(compiled, worth=replace(compiled.worth, tiers=tiers)))


def _threshold(snapshot: Snapshot, change: Change) -> Snapshot:
    compiled = snapshot.policy
    name, _, which = change.target.partition(".")
    index, least = compiled.catalogue.index[name], _number(change)
    thresholds = {channel: _lowered(one, which, index, least) for channel, one in compiled.thresholds.items()}
    return _policy(snapshot, replace(compiled, thresholds=thresholds))


def _lowered(minimums: Minimums, which: str, index: int, least: float) -> Minimums:
    if which == "min_propensity":
        return replace(minimums, propensity=_with(minimums.propensity, index, least))
    return replace(minimums, priority=_with(minimums.priority, index, least))


def _rule(snapshot: Snapshot, change: Change) -> Snapshot:
    compiled, name = snapshot.policy, change.target
    rules = tuple(one for one in compiled.rules if one.id != name)
    contact = _without(compiled.contact, compiled, name)
    rationing = _unlimited(compiled.rationing, name)
    return _policy(snapshot, replace(compiled, rules=rules, contact=contact, rationing=rationing))


def _without(contact: ContactRules, compiled: CompiledPolicy, name: str) -> ContactRules:
    """The contact rules without the stop, cool-down or cap of this name."""
    ways = Ways(tuple(compiled.policy.channels))
    channels = {channel: _uncapped(rules, ways, name) for channel, rules in contact.channels.items()}
    return replace(contact, channels=channels, stops=tuple(one for one in contact.stops if one.id != name))


def _uncapped(rules: ChannelRules, ways: Ways, name: str) -> ChannelRules:
    kept = [one for one in rules.caps.caps if one.cap.id != name] if rules.caps else []
    cool_downs = tuple(one for one in rules.cool_downs if one.rule.id != name)
    return replace(rules, caps=CapTable(kept, ways) if kept else None, cool_downs=cool_downs)


def _unlimited(rationing: Rationing, name: str) -> Rationing:
    """The limits over all customers without the one of this name."""
    meters = {
        channel: tuple(one for one in held if one.limit.id != name) for channel, held in rationing.by_channel.items()
    }
    return replace(rationing, by_channel=meters)


def _stop(snapshot: Snapshot, change: Change) -> Snapshot:
    return replace(snapshot, stopped=snapshot.stopped & ~(1 << snapshot.policy.catalogue.index[change.target]))


def _validity(snapshot: Snapshot, change: Change) -> Snapshot:
    compiled = snapshot.policy
    ends = _number(change)
    actions = tuple(replace(one, valid_to=ends) if one.id == change.target else one for one in compiled.policy.actions)
    validity = Validity(Catalogue(replace(compiled.policy, actions=actions)))
    return _policy(snapshot, replace(compiled, validity=validity))


def _exploration(snapshot: Snapshot, change: Change) -> Snapshot:
    policy = snapshot.policy.policy
    share = replace(policy.exploration, share=_number(change))
    return _policy(snapshot, replace(snapshot.policy, policy=replace(policy, exploration=share)))


def _control_group(snapshot: Snapshot, _change: Change) -> Snapshot:
    return _policy(snapshot, replace(snapshot.policy, policy=replace(snapshot.policy.policy, control_groups=())))


def _mandatory(snapshot: Snapshot, change: Change) -> Snapshot:
    index = snapshot.policy.catalogue.index[change.target]
    flags = snapshot.mandatory.copy()
    flags[index] = True
    return replace(snapshot, mandatory=flags, mandatory_mask=snapshot.mandatory_mask | 1 << index)


POLICY_CHANGES: Mapping[ChangeKind, Apply] = {
    ChangeKind.BOOST: _boost,
    ChangeKind.CONTEXT_WEIGHT: _context_weight,
    ChangeKind.VALUE: _value,
    ChangeKind.THRESHOLD: _threshold,
    ChangeKind.RULE: _rule,
    ChangeKind.STOP: _stop,
    ChangeKind.VALIDITY: _validity,
    ChangeKind.EXPLORATION: _exploration,
    ChangeKind.CONTROL_GROUP: _control_group,
    ChangeKind.MANDATORY: _mandatory,
}
"""How each sort of change is made; the others are changes of the question."""


def _policy(snapshot: Snapshot, compiled: CompiledPolicy) -> Snapshot:
    return replace(snapshot, policy=compiled)


def _number(change: Change) -> float:
    assert isinstance(change.after, int | float)
    return float(change.after)


def _with(array: Floats, place: int, value: float) -> Floats:
    changed = array.copy()
    changed[place] = value
    return changed
