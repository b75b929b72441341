"""The policy's actions in a fixed order, and sets of them as bitmasks: bit i stands for action i.

A mask is a Python integer, so a stage removes actions with one `&`. Columns hold one value per action, in
the order of the actions, for conditions and amounts that read `action.*`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from rules.action_columns import Column, action_columns
from rules.policy import Action, Kind, Policy, Scope
from rules.situation import Value

K = TypeVar("K")

_MOST_KEPT = 500_000
"""How many flags of masks are kept, one per action and mask; beyond it, keeping starts anew. Less than 10 MB."""


class _Members(NamedTuple):
    """The actions of a mask: as flags, as indexes, and as packed stable ids."""

    chosen: npt.NDArray[np.bool_]
    indexes: npt.NDArray[np.intp]
    stable: bytes


class Catalogue:
    """The actions of one policy. Built when the policy loads; everything here is read-only."""

    def __init__(self, policy: Policy) -> None:
        self.actions = policy.actions
        self.ids = tuple(action.id for action in self.actions)
        self.index: Mapping[str, int] = {name: i for i, name in enumerate(self.ids)}
        self.stable: npt.NDArray[np.uint32] = np.array([one.stable_id for one in self.actions], dtype=np.uint32)
        self.by_stable: Mapping[int, int] = {one.stable_id: i for i, one in enumerate(self.actions)}
        self.packed = tuple(one.tobytes() for one in self.stable)
        self._members: dict[int, _Members] = {}
        self._most_kept = max(64, _MOST_KEPT // max(1, len(self.actions)))
        self.all = (1 << len(self.actions)) - 1
        self.issues = self._masks(lambda action: (action.issue,))
        self.groups = self._masks(lambda action: (action.group,))
        self.tags = self._masks(lambda action: action.tags)
        self.kinds: Mapping[Kind, int] = dict.fromkeys(Kind, 0) | self._masks(lambda action: (action.kind,))
        self.channels = {
            name: self.mask_of(np.array([action.treatable(name) for action in self.actions], dtype=np.bool_))
            for name in policy.channels
        }
        self.placements = {
            (channel.name, placement.name): self.channels[channel.name] & self._of_kinds(placement.kinds)
            for channel in policy.channels.values()
            for placement in channel.placements.values()
        }
        self.columns: Mapping[str, Column] = action_columns(self.actions, policy.attributes)

    def __len__(self) -> int:
        return len(self.actions)

    def mask(self, scope: Scope) -> int:
        """The actions of a scope: keys AND-ed, names within a key OR-ed; a name that is not there adds nothing."""
        found = self.all
        if scope.issues:
            found &= _union(self.issues, scope.issues)
        if scope.groups:
            found &= _union(self.groups, scope.groups)
        if scope.tags:
            found &= _union(self.tags, scope.tags)
        if scope.kinds:
            found &= self._of_kinds(scope.kinds)
        if scope.actions:
            found &= self.mask_of_ids(scope.actions)
        return found

    def name_of(self, stable: int) -> str:
        """The id of the action that the ledger names so; "" where the policy no longer has it."""
        index = self.by_stable.get(stable)
        return "" if index is None else self.ids[index]

    def mask_of_ids(self, ids: Iterable[str]) -> int:
        """The actions named, as far as they exist."""
        found = 0
        for name in ids:
            if (index := self.index.get(name)) is not None:
                found |= 1 << index
        return found

    def mask_of_stable(self, stable: Iterable[int]) -> int:
        """The actions that the ledger names so, as far as the policy still has them."""
        found = 0
        for one in stable:
            if (index := self.by_stable.get(one)) is not None:
                found |= 1 << index
        return found

    def mask_of(self, chosen: npt.NDArray[np.bool_]) -> int:
        """The actions where `chosen`, shape (n,), is true."""
        return int.from_bytes(np.packbits(chosen, bitorder="little").tobytes(), "little")

    def indexes(self, mask: int) -> npt.NDArray[np.intp]:
        """The indexes of the actions in a mask, rising; read-only."""
        return self._members_of(mask).indexes

    def stable_bytes(self, mask: int) -> bytes:
        """The stable ids of the actions in a mask, little-endian uint32, by rising index."""
        found = self._members.get(mask)
        return self._members_of(mask).stable if found is None else found.stable

    def chosen(self, mask: int) -> npt.NDArray[np.bool_]:
        """A mask as flags, shape (n,); read-only."""
        return self._members_of(mask).chosen

    def _members_of(self, mask: int) -> _Members:
        """Kept, because decisions ask for the same masks: a rule removes the same actions from most customers."""
        found = self._members.get(mask)
        if found is None:
            if len(self._members) >= self._most_kept:
                self._members.clear()
            found = self._members[mask] = self._spelled_out(mask)
        return found

    def _spelled_out(self, mask: int) -> _Members:
        count = len(self.actions)
        packed = np.frombuffer(mask.to_bytes((count + 7) // 8, "little"), dtype=np.uint8)
        chosen = np.unpackbits(packed, count=count, bitorder="little").view(np.bool_)
        indexes = np.flatnonzero(chosen)
        chosen.flags.writeable = indexes.flags.writeable = False
        return _Members(chosen, indexes, self.stable[indexes].tobytes())

    def alike(self, attribute: str) -> dict[Value, int]:
        """The actions by their value of a declared attribute; those without one are left out."""
        return self._masks(lambda action: (action.attributes[attribute],) if attribute in action.attributes else ())

    def _of_kinds(self, kinds: Iterable[Kind]) -> int:
        return _union(self.kinds, kinds)

    def _masks(self, names: Callable[[Action], Iterable[K]]) -> dict[K, int]:
        masks: dict[K, int] = {}
        for i, action in enumerate(self.actions):
            for name in names(action):
                masks[name] = masks.get(name, 0) | 1 << i
        return masks


def _union(masks: Mapping[K, int], names: Iterable[K]) -> int:
    found = 0
    for name in names:
        found |= masks.get(name, 0)
    return found
