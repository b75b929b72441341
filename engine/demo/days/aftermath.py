"""What the demo company's customers tell and do after a contact, beside answering it: they rate, complain, buy, leave,
recommend, ask for what there is not, by the chances in `aftermath` of `company.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

from engine.decision import Decision
from engine.demo.company.draws import Column, Floats
from engine.demo.company.moments import Moments, columns_at
from engine.demo.company.read_sketch import CHANCE
from engine.demo.company.sketch import drawn, floats
from engine.demo.company.truth import Truth
from engine.event import Event
from engine.ids import CustomerKey
from engine.outcome import Outcome
from rules.ledger import STANDARD_OUTCOMES
from rules.policy import Policy

_SOON, _LATE = 600.0, 8 * 3600.0
"""Between which times after the contact (s) they do."""
_KEYS = {"rating": "rating", "reason": "reason_code", "revenue": "revenue"}


@dataclass(frozen=True, slots=True)
class Met:
    """A customer who was met: the row of the day's moments, who and when (s), what was decided; `accepted` an offer or
    not, `worth` what was, `contacts` in the last week."""

    row: int
    key: CustomerKey
    at: float
    decision: Decision
    accepted: bool
    worth: float
    contacts: int

    @property
    def action(self) -> str:
        """Of which action is told what is said of the whole; "" where nothing was proposed."""
        return next((one.action for filled in self.decision.placements for one in filled.actions), "")


@dataclass(frozen=True, slots=True)
class Day:
    """The moments of a day, and whom the company met at them."""

    number: int
    moments: Moments
    met: tuple[Met, ...]


def aftermath(day: Day, truth: Truth, policy: Policy) -> Iterator[Outcome | Event]:
    """All that follows from the contacts of a day. The same day gives the same."""
    columns = columns_at(truth.sketch, truth.population, day.moments) | _known(day)
    for name, formulas in truth.sketch.aftermath.items():
        seed = (day.number, crc32(name.encode()))
        told, rng = drawn(formulas, columns, seed, len(day.moments)), np.random.default_rng([*seed, 1])
        happens = rng.random(len(day.moments)) < floats(told[CHANCE])
        after = rng.uniform(_SOON, _LATE, len(day.moments))
        for one in day.met:
            if happens[one.row]:
                said = {key: _cell(column, one.row) for key, column in told.items() if key != CHANCE}
                yield from _told(name, one, one.at + float(after[one.row]), said, policy)


def _known(day: Day) -> dict[str, Column]:
    accepted, worth, contacts = (np.zeros(len(day.moments)) for _ in range(3))
    for one in day.met:
        accepted[one.row], worth[one.row], contacts[one.row] = one.accepted, one.worth, one.contacts
    return {"accepted": accepted, "worth": worth, "contacts": contacts}


def _told(name: str, one: Met, at: float, said: Mapping[str, Any], policy: Policy) -> Iterator[Outcome | Event]:
    decision = one.decision.decision_id
    if name not in STANDARD_OUTCOMES and name not in policy.outcomes:
        kept = {key: value for key, value in said.items() if value not in ("", None)}
        yield Event(f"{decision}:{name}", name, one.key.tenant, one.key.customer, at=at, attributes=kept)
    elif one.action:
        fields = {_KEYS[key]: value for key, value in said.items()}
        yield Outcome(f"{decision}:{name}", decision, one.action, name, at, **fields)


def _cell(column: Floats | Column, row: int) -> Any:
    return np.asarray(column)[row].item()
