"""The names that one part of a policy may refer to in another, gathered before any section is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from documents.strict_yaml import Node
from rules.facts import FactSchema
from rules.ledger import STANDARD_OUTCOMES
from rules.policy import Kind, Scope

Members = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Names:
    """Every name the policy declares, right or wrong elsewhere, so that one mistake is told once.

    `issues`, `groups`, `tags` and `kinds` map to the ids of the actions they hold. `channels` maps to the
    direction as written, `placements` to the kinds as written (of all channels together). `live` are the attributes
    that events tell.
    """

    facts: FactSchema
    channels: Mapping[str, str]
    placements: Mapping[str, frozenset[str]]
    context: frozenset[str]
    goals: frozenset[str]
    attributes: frozenset[str]
    outcomes: frozenset[str]
    actions: frozenset[str]
    issues: Members
    groups: Members
    tags: Members
    kinds: Members
    reject_reasons: frozenset[str]
    live: frozenset[str] = frozenset()

    def in_scope(self, scope: Scope) -> frozenset[str]:
        """The ids of the actions that a scope is about."""
        found = self.actions
        for members, wanted in (
            (self.issues, scope.issues),
            (self.groups, scope.groups),
            (self.tags, scope.tags),
            (self.kinds, tuple(kind.value for kind in scope.kinds)),
        ):
            if wanted:
                found &= frozenset[str]().union(*(members.get(name, frozenset()) for name in wanted))
        return found & frozenset(scope.actions) if scope.actions else found


def gather_names(root: Node, facts: FactSchema) -> Names:
    """The names in a policy document, whatever else may be wrong with it."""
    actions = dict(_children(root, "actions"))
    channels = dict(_children(root, "channels"))
    return Names(
        facts=facts,
        channels={name: _text(channel, "direction") for name, channel in channels.items()},
        placements=_placements(channels.values()),
        context=_keys(root, "context"),
        goals=_keys(root, "goals"),
        attributes=_keys(root, "attributes"),
        outcomes=frozenset(STANDARD_OUTCOMES) | frozenset(_texts(root, "outcomes")),
        actions=frozenset(actions),
        issues=_members(actions, "issue"),
        groups=_members(actions, "group"),
        tags=_members(actions, "tags"),
        kinds=_members(actions, "kind", Kind),
        reject_reasons=frozenset(_members(actions, "reject_reasons")),
        live=frozenset(name for name, child in _children(root, "attributes") if _says(child, "live")),
    )


def _placements(channels: Iterable[Node]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for channel in channels:
        for name, placement in _children(channel, "placements"):
            found[name] = found.get(name, frozenset()) | frozenset(_texts(placement, "kinds"))
    return found


def _members(actions: Mapping[str, Node], key: str, always: Iterable[str] = ()) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {str(name): set() for name in always}
    for action_id, action in actions.items():
        for name in _texts(action, key):
            found.setdefault(name, set()).add(action_id)
    return {name: frozenset(ids) for name, ids in found.items()}


def _child(node: Node, key: str) -> Node | None:
    return node.value.get(key) if isinstance(node.value, dict) else None


def _children(node: Node, key: str) -> Iterator[tuple[str, Node]]:
    child = _child(node, key)
    if child is not None and isinstance(child.value, dict):
        yield from child.value.items()


def _says(node: Node, key: str) -> bool:
    child = _child(node, key)
    return child is not None and child.value is True


def _keys(node: Node, key: str) -> frozenset[str]:
    return frozenset(name for name, _ in _children(node, key))


def _text(node: Node, key: str) -> str:
    return next(iter(_texts(node, key)), "")


def _texts(node: Node, key: str) -> Iterator[str]:
    child = _child(node, key)
    if child is None:
        return
    items = child.value if isinstance(child.value, tuple) else (child,)
    yield from (item.value for item in items if isinstance(item.value, str))
