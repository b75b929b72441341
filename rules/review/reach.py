"""Who and what is never reached: tiers without customers, actions that nobody can get in any channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rules.catalogue import Catalogue
from rules.condition import Condition
from rules.policy import Action
from rules.review.keepers import Keeper, Keepers
from rules.review.subject import Subject, may_fail
from rules.review.tableau import Goal, possible
from rules.value_set import exactly

_MOST_NAMED = 6


def review_tiers(subject: Subject) -> None:
    """Tell each tier that the tiers above leave no customer."""
    above: list[Condition] = []
    for tier in subject.policy.tiers:
        condition = None if tier.when is None else subject.condition(tier.when)
        place = tier.place if tier.when is None else tier.when.place
        if place not in subject.flawed and not _reached(subject, condition, above):
            message = f"no customer can reach the tier {tier.name!r}: whom it is for, the tiers above take"
            if condition is not None and not _reached(subject, condition, ()):
                message = f"no customer can reach the tier {tier.name!r}: its condition is never true"
            subject.error("tier-unreachable", place, message, "change its condition, or the order of the tiers")
        if condition is not None:
            above.append(condition)


def _reached(subject: Subject, condition: Condition | None, above: Sequence[Condition]) -> bool:
    """Whether someone is in the tier. One above that may be unknown where this one is known takes no one for sure."""
    reads = () if condition is None else condition.reads
    everything = subject.catalogue.all
    certain = [one for one in above if not may_fail(one) and subject.unknowable(one.reads, everything) <= set(reads)]
    goals = [Goal(one.tree, one.tree.root, False) for one in certain]
    goals += [] if condition is None else [Goal(condition.tree, condition.tree.root)]
    domains = subject.present(everything)
    return possible(goals, domains.case(reads, subject.conditions.variables), domains.still)


def review_actions(subject: Subject) -> None:
    """Tell each action that its rules remove from everyone in every channel, and each that is over for good. A
    fallback is chosen whatever its rules say."""
    keepers = Keepers.of(subject)
    channels = subject.policy.channels.values()
    fallbacks = {placement.fallback for channel in channels for placement in channel.placements.values()}
    by_core: dict[tuple[str, ...], tuple[tuple[Keeper, ...], list[Action]]] = {}
    seen: dict[Any, tuple[Keeper, ...] | None] = {}
    for index, action in enumerate(subject.catalogue.actions):
        if action.valid_to is not None and action.valid_to <= subject.now:
            message = f"the action {action.id!r} is over: it is no longer valid"
            subject.warn("action-expired", action.place, message, "write a later to:, or remove the action")
        core = None if action.id in fallbacks else _core(subject, keepers, index, seen)
        if core:
            by_core.setdefault(tuple(one.what for one in core), (core, []))[1].append(action)
    for core, actions in by_core.values():
        _tell(subject, core, actions)


def _core(
    subject: Subject, keepers: Keepers, index: int, seen: dict[Any, tuple[Keeper, ...] | None]
) -> tuple[Keeper, ...] | None:
    """The rules that keep an action from everyone; None where someone can get it. Alike actions are asked once."""
    about = keepers.about(index)
    catalogue = subject.catalogue
    channels = sorted({channel for (channel, _), mask in catalogue.placements.items() if mask >> index & 1})
    attributes = {name for one in about for name in one.reads if name.startswith("action.")}
    alike = (
        tuple((id(one), one.rows(index)) for one in about),
        tuple(channels),
        tuple(_cell(catalogue, name, index) for name in sorted(attributes)),
    )
    if alike not in seen:
        here = subject.present(1 << index)
        ways = [here.narrowed({"moment.channel": exactly((name,))}) for name in channels]
        reached = not about or any(keepers.passed(index, about, each) for each in ways) or not ways
        seen[alike] = None if reached else keepers.core(index, about, ways)
    return seen[alike]


def _cell(catalogue: Catalogue, name: str, index: int) -> Any:
    return catalogue.columns[name].values[index].item()


def _tell(subject: Subject, core: tuple[Keeper, ...], actions: Sequence[Action]) -> None:
    if any(one.at in subject.flawed for one in core):
        return
    names = ", ".join(repr(action.id) for action in actions[:_MOST_NAMED])
    names += f" and {len(actions) - _MOST_NAMED} others" if len(actions) > _MOST_NAMED else ""
    rules = " and ".join(f"{one.what} (line {one.place.line})" for one in core)
    verb = "lets" if len(core) == 1 else "together let"
    message = f"{names} can never be chosen in any channel: {rules} {verb} no one pass"
    place = core[0].at if len(core) == 1 else actions[0].place
    note = subject.warn if all(one.static for one in core) else subject.error
    note("never-chosen", place, message, "change the rules, or remove what nobody can get")
