"""A standard procedure as an answer carries it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CarriedStep:
    """One step. `within` seconds it may take, 0 = any; `began_at`, `due_at`, `done_at` (s) None while they are not."""

    id: str
    text: str
    within: float
    team: str
    began_at: float | None = None
    due_at: float | None = None
    done_at: float | None = None


@dataclass(frozen=True, slots=True)
class CarriedProcedure:
    """What is done for this need. `run` names it in step events; `owner` is told of what is overdue."""

    id: str
    run: str
    steps: tuple[CarriedStep, ...]
    owner: str
