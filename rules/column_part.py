"""A compiled part of an `action.*` condition: a function from the decision's scalars to one value per action."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rules.action_columns import Column
from rules.fused import Found

Evaluate = Callable[[Sequence[Found]], Any]
"""From the slots of the fused evaluation to an array over the actions, or to one numpy scalar for all."""


@dataclass(frozen=True, slots=True)
class Part:
    """A compiled node. `column` is set for a text attribute, `static` where no scalar of the decision is read."""

    type: str
    evaluate: Evaluate
    static: bool = False
    column: Column | None = None


def joined(type_: str, parts: Sequence[Part], evaluate: Evaluate) -> Part:
    """A part made of others: static where all of them are."""
    return Part(type_, evaluate, static=all(part.static for part in parts))


def pairwise(type_: str, operate: Callable[[Any, Any], Any], parts: Sequence[Part]) -> Part:
    left, right = (part.evaluate for part in parts)
    return joined(type_, parts, lambda values: operate(left(values), right(values)))


def choice(type_: str, parts: Sequence[Part]) -> Part:
    test, yes, no = (part.evaluate for part in parts)
    return joined(type_, parts, lambda values: np.where(test(values), yes(values), no(values)))
