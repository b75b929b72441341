"""`--set PATH=NUMBER`: one number or duration of a policy replaced, so that what was changed is judged by the loader
like the rest.

A path is that of policy.yaml, with entries of lists by id or name, those without either by number from 0:
`exploration.share`, `goals.margin.unit_value`, `contact_policy.caps.push_week.limit`, `actions.film_box.cost`,
`context_weights.cancel_intent.add`; a duration is written as there, `contact_policy.caps.push_week.within=14d`. Beside
them stand short ones:

    lever.ACTION=30%                     the whole boost of an action, whatever its issue and group add
    lever.issue.NAME, lever.group.NAME   what an issue or a group contributes
    threshold.min_propensity=0.02        the least for all actions; also min_priority
    threshold.ACTION.min_priority=5      the least for one action

Boosts are percent, as in the policy; `lever.ACTION=1.3`, by how much its worth is multiplied, is the same as 30%. So
that nobody asks for fifty times when fifty percent are meant, a multiple from 5 on has to be written as percent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from documents.node import Node, Source
from documents.reader import did_you_mean
from engine.simulation.change import LEVER, THRESHOLD, Change, ChangeInvalid

_MINIMUMS = ("min_propensity", "min_priority")
_LABELS = ("id", "name")


def with_changes(source: Source, changes: Sequence[Change]) -> Source:
    """The document with the changes made, in order. Raises ChangeInvalid."""
    for change in changes:
        source = replace(source, root=_changed(source.root, change))
    return source


def _changed(root: Node, change: Change) -> Node:
    first, _, rest = change.path.partition(".")
    if first == LEVER and not isinstance(change.value, str):
        return _with_lever(root, rest, change.value)
    if first == THRESHOLD and not isinstance(change.value, str):
        return _with_threshold(root, rest, change.value)
    return _set(root, _steps(root, change.path), change.value)


def _with_lever(root: Node, rest: str, factor: float) -> Node:
    percent = round((factor - 1.0) * 100.0, 9)
    for shared in ("issue", "group"):
        if rest.startswith(f"{shared}."):
            return _set(root, ("levers", f"{shared}s", rest.removeprefix(f"{shared}.")), percent)
    action = _entry(root, "actions", rest)
    for shared in ("issue", "group"):
        percent -= _number_at(root, ("levers", f"{shared}s", str(_plain(action, shared))))
    return _set(root, ("levers", "actions", rest), round(percent, 9))


def _with_threshold(root: Node, rest: str, least: float) -> Node:
    action, _, minimum = rest.rpartition(".")
    if minimum not in _MINIMUMS:
        raise ChangeInvalid(f"threshold sets {' or '.join(_MINIMUMS)}, not {minimum!r}")
    if action:
        _entry(root, "actions", action)
    written = root.value.get("thresholds", Node((), root.place))
    items = list(written.value) if isinstance(written.value, tuple) else []
    place = next((number for number, item in enumerate(items) if _is_about(item, action)), len(items))
    if place == len(items):
        items.append(_about(root, action))
    items[place] = _set(items[place], (minimum,), least)
    return _with_child(root, "thresholds", replace(written, value=tuple(items)))


def _is_about(item: Node, action: str) -> bool:
    """Whether a threshold is about all actions in all channels, or about this one only."""
    if not isinstance(item.value, dict) or set(item.value) - {*_MINIMUMS, "scope"}:
        return False
    scope = item.value.get("scope")
    if scope is None or not action:
        return scope is None and not action
    return set(scope.value) == {"actions"} and _texts(scope.value["actions"]) == (action,)


def _about(root: Node, action: str) -> Node:
    if not action:
        return Node({}, root.place)
    named = Node((Node(action, root.place),), root.place)
    return _with_child(Node({}, root.place), "scope", _with_child(Node({}, root.place), "actions", named))


def _steps(root: Node, path: str) -> tuple[str, ...]:
    """The keys that a path goes through; names may have dots in them, so the longest that is there is taken."""
    steps: list[str] = []
    node: Node | None = root
    while path:
        here = [] if node is None else [key for key in _keys(node) if path == key or path.startswith(f"{key}.")]
        step = max(here, key=len) if here else path.partition(".")[0]
        steps.append(step)
        node = None if node is None else _child(node, step)
        path = path.removeprefix(step).removeprefix(".")
    return tuple(steps)


def _set(node: Node, steps: Sequence[str], value: float | str) -> Node:
    """The tree with one value set; mappings on the way that are not there are made."""
    if not steps:
        if isinstance(node.value, dict | tuple | bool):
            raise ChangeInvalid(f"{node.place} is no number that could be set")
        return replace(node, value=value, quoted=False)
    step, *rest = steps
    child = _child(node, step)
    if child is None:
        if not isinstance(node.value, dict):
            raise ChangeInvalid(f"there is no {step!r} at {node.place}{_there_are(node, step)}")
        child = Node({} if rest else 0.0, node.place)
    return _with_child(node, step, _set(child, rest, value))


def _child(node: Node, step: str) -> Node | None:
    if isinstance(node.value, dict):
        found: Node | None = node.value.get(step)
        return found
    return node.value[_keys(node).index(step)] if step in _keys(node) else None


def _with_child(node: Node, step: str, child: Node) -> Node:
    if isinstance(node.value, tuple):
        at = _keys(node).index(step)
        return replace(node, value=(*node.value[:at], child, *node.value[at + 1 :]))
    places = {step: node.place, **node.key_places}
    return replace(node, value={**node.value, step: child}, key_places=places)


def _keys(node: Node) -> list[str]:
    if isinstance(node.value, dict):
        return list(node.value)
    return [_label(item, number) for number, item in enumerate(node.value)] if isinstance(node.value, tuple) else []


def _label(item: Node, number: int) -> str:
    named = (_plain(item, key) for key in _LABELS)
    return next((name for name in named if isinstance(name, str)), str(number))


def _plain(node: Node, key: str) -> Any:
    found = node.value.get(key) if isinstance(node.value, dict) else None
    return None if found is None else found.value


def _texts(node: Node) -> tuple[Any, ...]:
    return tuple(item.value for item in node.value) if isinstance(node.value, tuple) else (node.value,)


def _number_at(root: Node, steps: Sequence[str]) -> float:
    node: Node | None = root
    for step in steps:
        node = None if node is None else _child(node, step)
    return float(node.value) if node is not None and isinstance(node.value, int | float) else 0.0


def _entry(root: Node, section: str, name: str) -> Node:
    entries: Mapping[str, Node] = root.value.get(section, Node({}, root.place)).value
    if name not in entries:
        hint = did_you_mean(name, sorted(entries))
        raise ChangeInvalid(f"the policy has no {section[:-1]} {name!r}" + (f": {hint}" if hint else ""))
    return entries[name]


def _there_are(node: Node, step: str) -> str:
    hint = did_you_mean(step, _keys(node))
    return f": {hint}" if hint else ""
