"""Puts the people of the story among the customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from engine.demo.company.customers import Column, Population
from engine.demo.company.people import PLAIN, Persona
from engine.demo.company.traits import Traits

_ZONES = (
    "Europe/Berlin",
    "America/Sao_Paulo",
    "America/New_York",
    "America/Los_Angeles",
    "Pacific/Honolulu",
    "Pacific/Auckland",
    "Australia/Brisbane",
    "Asia/Tokyo",
    "Asia/Bangkok",
    "Asia/Karachi",
    "Asia/Dubai",
    "Europe/Athens",
)


def night_zone(now: float) -> str:
    """A time zone in which `now` (s) lies nearest to half past eleven at night."""

    def off(zone: str) -> float:
        local = datetime.fromtimestamp(now, ZoneInfo(zone))
        return abs((local.hour + local.minute / 60.0 - 23.5 + 12.0) % 24.0 - 12.0)

    return min(_ZONES, key=off)


def with_personas(population: Population, personas: Sequence[Persona]) -> Population:
    """The population with its first customers replaced by the personas, who consent to everything."""
    count = len(personas)
    columns = {name: _told(name, column, personas) for name, column in population.columns.items()}
    zones = population.zones.copy()
    for row, persona in enumerate(personas):
        zones[row] = persona.zone or zones[row]
    return replace(
        population,
        ids=(*(persona.id for persona in personas), *population.ids[count:]),
        columns=columns,
        consent={
            name: np.r_[np.ones(count, dtype=np.bool_), given[count:]] for name, given in population.consent.items()
        },
        zones=zones,
        traits=_traits(population.traits, personas),
    )


def _told(name: str, column: Column, personas: Sequence[Persona]) -> Column:
    told = np.array([persona.differs.get(name, PLAIN[name]) for persona in personas])
    rest = column[len(personas) :]
    return np.concatenate([told.astype(rest.dtype) if rest.dtype.kind != "U" else told, rest])


def _traits(traits: Traits, personas: Sequence[Persona]) -> Traits:
    plain = {one.name: 41.0 if one.name == "years" else 0.0 for one in fields(Traits)}
    said = {name: [persona.traits.get(name, value) for persona in personas] for name, value in plain.items()}
    return Traits(**{name: np.r_[values, getattr(traits, name)[len(personas) :]] for name, values in said.items()})
