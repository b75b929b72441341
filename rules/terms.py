"""The words that every part of a policy uses: kinds, directions, stages, scopes, conditions, reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from documents.problem import Place


class Kind(StrEnum):
    """What an action is; OFFER, MESSAGE and ASK are contacts and enter the contact ledger."""

    OFFER = "OFFER"
    SERVICE_LEVEL = "SERVICE_LEVEL"
    CHANNEL_ROUTE = "CHANNEL_ROUTE"
    MESSAGE = "MESSAGE"
    TOPIC = "TOPIC"
    ASK = "ASK"


CONTACT_KINDS = frozenset({Kind.OFFER, Kind.MESSAGE, Kind.ASK})
SELLING_KINDS = frozenset({Kind.OFFER})


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Stage(StrEnum):
    """The screening stages in the order in which they run."""

    AVAILABILITY = "availability"
    ELIGIBILITY = "eligibility"
    APPLICABILITY = "applicability"
    SUITABILITY = "suitability"
    CONTACT = "contact"
    THRESHOLD = "threshold"


@dataclass(frozen=True, slots=True)
class Expression:
    """CEL source as it stands in the file, and the place of its first character.

    Lines after the first keep their indentation, so a place within the source is a place in the file.
    """

    source: str
    place: Place

    def at(self, line: int, column: int) -> Place:
        """Where line and column (from 1) of the source stand in the file."""
        shift = self.place.column - 1 if line == 1 else 0
        return Place(self.place.file, self.place.line + line - 1, column + shift)


Amount = float | Expression


@dataclass(frozen=True, slots=True)
class Scope:
    """Which actions something is about: keys are AND-ed, values within a key OR-ed; empty = all."""

    issues: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class ContextField:
    """A typed key of the request's context, or an attribute of actions. `values` only for categories; `default` None =
    unknown. A `live` attribute is told by events; it is unknown once `stale_after` seconds old (0 = never)."""

    name: str
    type: str
    values: tuple[str, ...] = ()
    default: float | str | bool | None = None
    live: bool = False
    stale_after: float = 0.0

    @property
    def may_lapse(self) -> bool:
        """Whether it may be unknown though it was declared."""
        return self.live and (self.default is None or self.stale_after > 0.0)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, for three audiences; empty text falls back to a plain sentence of the stage."""

    customer: str = ""
    agent: str = ""
    analyst: str = ""
