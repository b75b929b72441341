"""Casts the story: which customers play its people, so that chance does not take a part of its own.

Every customer has a small chance to be in a comparison group, and at every question a small chance to be shown
something else, to learn from it. The draws are keyed by customer and day (`engine.experiment`), so it is known
beforehand whom they leave alone. The people of the story are the first customers whom they leave alone today: the
engine decides for them exactly as for everybody, it only never happens to draw lots for them. Ask about other
customers to see that it does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count, product

from documents.problem import BefitError
from engine.demo.company.people import AYLIN, JONAS, LENA, MIA, TOM, WEI, Persona
from engine.demo.company.personas import night_zone
from engine.experiment import Draws, control_group
from engine.ids import CustomerKey
from rules.policy import Policy

INTENTS = ("", "upgrade", "billing")
"""The intents with which the story's people come."""

TENANT = "default"
SOMEBODY = "c-00042"
"""A customer like any other, for people to ask about: never one of the cast."""

_VISITORS = 0x7F3A9C


class CastTooSmall(BefitError):
    """There are too few customers to find all the people of the story among them."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The people with their ids, and the anonymous visitor who turns out to be Mia."""

    visitor: str
    mia: Persona
    tom: Persona
    lena: Persona
    jonas: Persona
    aylin: Persona
    wei: Persona

    @property
    def people(self) -> tuple[Persona, ...]:
        return (self.mia, self.tom, self.lena, self.jonas, self.aylin, self.wei)


def cast_story(policy: Policy, ids: tuple[str, ...], now: float) -> Cast:
    """The cast at `now` (s) out of customers with these ids. It is night where Aylin is. Raises CastTooSmall."""
    visitor = next(name for name in (f"v-{_VISITORS + number:x}" for number in count()) if calm(policy, name, now))
    calm_ids = _calm_ids(policy, ids, now)
    people = (MIA, TOM, LENA, JONAS, replace(AYLIN, zone=night_zone(now)), WEI)
    return Cast(visitor, *(replace(persona, id=next(calm_ids)) for persona in people))


def _calm_ids(policy: Policy, ids: tuple[str, ...], now: float) -> Iterator[str]:
    yield from (name for name in ids if name != SOMEBODY and calm(policy, name, now))
    raise CastTooSmall(f"{len(ids)} customers are too few for the story; take a few hundred")


def calm(policy: Policy, customer: str, now: float) -> bool:
    """Whether no draw touches the customer from the day before `now` to the day after, wherever they live."""
    key = CustomerKey(TENANT, customer)
    days = [datetime.fromtimestamp(now, UTC) + timedelta(days=shift) for shift in (-1, 0, 1)]
    groups = policy.control_groups
    if any(control_group(groups, policy.salt, key, day.timestamp()) for day in days):
        return False
    placements = policy.exploration.placements or tuple(
        name for channel in policy.channels.values() for name in channel.placements
    )
    return all(
        Draws(policy.salt, key, need, day.date().isoformat()).first_place(placement) < 1.0 - policy.exploration.share
        for need, day, placement in product(INTENTS, days, placements)
    )
