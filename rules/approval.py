"""How many people it takes to put another policy or model in force."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Approval:
    """`people` 1: who activates decides alone. 2: another person has to approve. What is in force says it, so that a
    candidate cannot let itself off."""

    people: int = 1

    @property
    def by_another(self) -> bool:
        return self.people > 1


ALONE = Approval()
