"""An influencer as a plain value: what an outcome adds to the context weight of a scope, and how that fades."""

from __future__ import annotations

from dataclasses import dataclass

from documents.problem import Place
from rules.terms import Scope


@dataclass(frozen=True, slots=True)
class Influencer:
    """After one of `outcomes` (of an action of `about`, for one of `reasons`; empty = any), `start` percent are added
    to the context weight of the actions of `scope`; that goes in a straight line to `end` percent within `over`
    seconds, and is gone then, whatever `end` is."""

    id: str
    outcomes: frozenset[str]
    reasons: frozenset[str]
    about: Scope
    start: float
    end: float
    over: float
    scope: Scope
    place: Place
