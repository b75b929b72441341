"""The limits of a policy as meters: what is counted by itself, and what each contact takes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rules.amounts import SharedAmount, share_amounts
from rules.catalogue import Catalogue
from rules.facts import FactSchema
from rules.limits import CountedApart, Limit, LimitKind
from rules.policy import Expression, Policy
from rules.scoped import ScopedCompiler

Units = npt.NDArray[np.int64]
PER_MONEY = 10_000
"""Units of a budget in one unit of the currency."""


@dataclass(frozen=True, slots=True)
class Spends:
    """What each contact takes, in units: `fixed`, and for each action `even` (n,); where `fixed` is None the `shared`
    amounts say it or, without any, the cost of the contact."""

    fixed: int | None
    even: Units
    shared: tuple[SharedAmount, ...]


@dataclass(frozen=True, slots=True)
class Meter:
    """One limit that is counted by itself, under `name`: the limit's id, or "<id>/<what is counted apart>".

    `mask` are its actions, `channels` its channels (empty = all). `key` is what the store counts it under: another kind
    of limit of the same name is another meter.
    """

    name: str
    limit: Limit
    mask: int
    channels: tuple[str, ...]
    spends: Spends
    key: str

    @property
    def fixed(self) -> int | None:
        """What each contact takes, in units; None where that differs."""
        return self.spends.fixed

    @property
    def units(self) -> int:
        """Units in one contact, one free place, or one unit of the currency."""
        return PER_MONEY if self.limit.kind is LimitKind.BUDGET else 1

    @property
    def most(self) -> int:
        """The limit in units; 0 for a capacity, which is posted."""
        return round(self.limit.most * self.units)


def meters_of(compiler: ScopedCompiler, policy: Policy, limit: Limit, facts: FactSchema) -> Iterator[Meter]:
    """The meters of one limit; an amount that does not hold is reported."""
    spends = _spends(compiler, limit, facts)
    for apart, mask, channels in _parts(compiler.catalogue, policy, limit):
        name = limit.id + apart
        yield Meter(name, limit, mask, channels, spends, f"{limit.kind.value}:{name}")


def _spends(compiler: ScopedCompiler, limit: Limit, facts: FactSchema) -> Spends:
    catalogue = compiler.catalogue
    fixed = None if isinstance(limit.spends, Expression | str) else round(limit.spends * _units(limit))
    even = np.full(len(catalogue), fixed or 0, dtype=np.int64)
    even.flags.writeable = False
    shared: tuple[SharedAmount, ...] = ()
    if isinstance(limit.spends, Expression) and compiler.conditions.amount(limit.spends) is not None:
        written = ((index, limit.spends) for index in catalogue.indexes(catalogue.mask(limit.scope)).tolist())
        shared = tuple(share_amounts(compiler, facts, written))
    return Spends(fixed, even, shared)


def _parts(catalogue: Catalogue, policy: Policy, limit: Limit) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """(what the name is followed by, actions, channels) of each part that is counted by itself."""
    scope = catalogue.mask(limit.scope)
    if limit.each is CountedApart.SCOPE:
        yield "", scope, limit.channels
    elif limit.each is CountedApart.CHANNEL:
        for channel in limit.channels or policy.channels:
            yield f"/{channel}", scope, (channel,)
    else:
        apart: dict[str, int] = {}
        for index in catalogue.indexes(scope).tolist():
            action = catalogue.actions[index]
            name = {"action": action.id, "group": action.group, "issue": action.issue}[limit.each.value]
            apart[name] = apart.get(name, 0) | 1 << index
        for name, mask in apart.items():
            yield f"/{name}", mask, limit.channels


def _units(limit: Limit) -> int:
    return PER_MONEY if limit.kind is LimitKind.BUDGET else 1
