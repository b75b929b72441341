"""Puts the people of the story among the customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from engine.demo.company.customers import Population
from engine.demo.company.draws import Column, Indexes
from engine.demo.company.people import PLAIN, Persona

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
    """The population in which the personas stand for the customers with their ids, and consent to everything."""
    rows = np.array([population.ids.index(persona.id) for persona in personas], dtype=np.intp)
    zones = population.zones.copy()
    consent = {name: given.copy() for name, given in population.consent.items()}
    for row, persona in zip(rows, personas, strict=True):
        zones[row] = persona.zone or zones[row]
        for given in consent.values():
            given[row] = True
    return replace(
        population,
        columns={name: _told(name, column, rows, personas) for name, column in population.columns.items()},
        consent=consent,
        zones=zones,
        traits={name: _of_trait(name, column, rows, personas) for name, column in population.traits.items()},
    )


def _told(name: str, column: Column, rows: Indexes, personas: Sequence[Persona]) -> Column:
    told = np.array([persona.differs.get(name, PLAIN[name]) for persona in personas])
    kept = column.astype(np.result_type(column, told)) if column.dtype.kind == "U" else column.copy()
    kept[rows] = told
    return kept


def _of_trait(name: str, column: Column, rows: Indexes, personas: Sequence[Persona]) -> Column:
    """Traits that are no numbers stay as they were drawn."""
    if column.dtype.kind != "f":
        return column
    plain = 41.0 if name == "years" else 0.0
    changed = column.copy()
    changed[rows] = [persona.traits.get(name, plain) for persona in personas]
    return changed
