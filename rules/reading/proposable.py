"""Whether every action can ever be proposed, and told apart in a customer's contact ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from documents.problem import Place
from documents.strict_yaml import Node
from rules.ledger import OUTCOMES, own_outcome, short_id, stable_id
from rules.policy import Action, Channel
from rules.reading.section import Section


def check_proposable(
    section: Section, node: Node, channels: Mapping[str, Channel], actions: Mapping[str, Action]
) -> None:
    """Some placement takes each action; each of its treatments is for a channel that takes its kind."""
    report = section.reader.report
    takers = {name: _kinds(channel) for name, channel in channels.items()}
    for action in actions.values():
        for treatment in action.treatments.values():
            if action.kind not in takers.get(treatment.channel, ()):
                place = node.value[action.id].value["treatments"].key_places[treatment.channel]
                message = f"no placement of {treatment.channel!r} takes an action of kind {action.kind}"
                report(place, "kind-not-taken", message, "add the kind to a placement, or remove the treatment")
        if not action.treatments and not any(
            action.treatable(name) and action.kind in kinds for name, kinds in takers.items()
        ):
            message = f"{action.id!r} can never be proposed: it has no treatment, or no placement takes {action.kind}"
            report(action.place, "never-proposed", message, "add a treatment, or a placement for its kind")


def _kinds(channel: Channel) -> frozenset[str]:
    return frozenset[str]().union(*(placement.kinds for placement in channel.placements.values()))


def check_ledger_names(section: Section, channels: Iterable[Channel], actions: Iterable[Action]) -> None:
    """The ledger names actions by 32 bits, channels and reject reasons by 16: two of a kind may not share one."""
    actions = list(actions)
    _check(section, [(action.id, action.place) for action in actions], stable_id, "action")
    _check(section, [(channel.name, channel.place) for channel in channels], short_id, "channel")
    reasons = {reason: action.place for action in actions for reason in action.reject_reasons}
    _check(section, list(reasons.items()), short_id, "reject reason")


def check_outcome_names(section: Section, node: Node) -> None:
    """The ledger names the policy's own outcome types by 14 bits: two may not share one."""
    items = section.reader.items(node)
    named = [(item.value, item.place) for item in items if isinstance(item.value, str)]
    own = [(name, place) for name, place in named if name not in OUTCOMES]
    _check(section, own, own_outcome, "outcome")


def _check(section: Section, named: Iterable[tuple[str, Place]], number: Callable[[str], int], what: str) -> None:
    taken = {} if number is stable_id else {0: "nothing"}
    for name, place in named:
        if taken.setdefault(number(name), name) != name:
            message = f"the {what} {name!r} and {taken[number(name)]!r} would be one in the contact ledger"
            section.reader.report(place, "id-collision", message, "rename the newer of the two")
