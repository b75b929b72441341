"""Standard procedures as plain values: what has to be done when a customer comes with a certain need."""

from __future__ import annotations

from dataclasses import dataclass

from documents.problem import Place


@dataclass(frozen=True, slots=True)
class ProcedureStep:
    """One step. `within` seconds from its beginning: when the step before is done, the first when the procedure begins;
    0 = no time target. `team` does it."""

    id: str
    text: str
    within: float
    team: str


@dataclass(frozen=True, slots=True)
class Procedure:
    """What is done for these intents, in these channels (empty = all inbound ones). `owner` is the person who is told
    of steps that are overdue."""

    id: str
    intents: tuple[str, ...]
    channels: tuple[str, ...]
    owner: str
    steps: tuple[ProcedureStep, ...]
    place: Place

    def step(self, name: str) -> ProcedureStep | None:
        """The step of this id."""
        return next((one for one in self.steps if one.id == name), None)

    def after(self, name: str) -> ProcedureStep | None:
        """The step that begins when this one is done."""
        names = [one.id for one in self.steps]
        place = names.index(name) + 1 if name in names else len(names)
        return self.steps[place] if place < len(self.steps) else None
