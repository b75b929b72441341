"""What screening removes: each action once, by the first rule that took it away."""

from __future__ import annotations

import msgspec

from rules.policy import Stage
from rules.wording.code import Code


class Removal(msgspec.Struct, frozen=True):
    """The actions in the bitmask `mask` were removed at a stage. `rule_id` is "" where no rule of the policy did it."""

    stage: Stage
    rule_id: str
    mask: int
    code: Code


class Remover:
    """Takes actions out of a mask and remembers, for each, the first reason: the masks never overlap."""

    def __init__(self, allowed: int) -> None:
        self.allowed = allowed
        self.removals: list[Removal] = []

    def remove(self, stage: Stage, code: Code, mask: int, rule_id: str = "") -> None:
        removed = self.allowed & mask
        if removed:
            self.allowed ^= removed
            self.removals.append(Removal(stage, rule_id, removed, code))
