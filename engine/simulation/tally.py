"""What is counted while two sides decide the same questions; tallies of batches add up to the tally of all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

NOTHING = ""
"""Stands for an action where a placement stayed empty."""

TIER, CHANNEL, PLACEMENT = "tier", "channel", "placement"
MOST_LISTED = 1000
"""How many of those who are left with nothing are listed by name; all are counted."""


class Why(NamedTuple):
    """What took an action out of the choice: stage, the rule's id ("" = none of the policy's), the reason's code."""

    stage: str
    rule: str
    code: str


class Seat(NamedTuple):
    """An action (or NOTHING) in first place of a placement, "channel.placement"."""

    placement: str
    action: str


class Switch(NamedTuple):
    """Another action comes first in a placement."""

    placement: str
    before: str
    after: str


class LeftOut(NamedTuple):
    """Somebody who was offered something before and is offered nothing after: what came first, and what took it."""

    customer: str
    channel: str
    tier: str
    action: str
    why: Why


@dataclass(slots=True)
class Sums:
    """What choices come to. `contacts` are actions that enter the contact ledger, `cost` what they cost; of the first
    places, `gain` is chance x gain of the contacts, without manual boosts, and `priority` the sum of all priorities.
    Money in the policy's currency."""

    contacts: int = 0
    cost: float = 0.0
    gain: float = 0.0
    priority: float = 0.0

    def add(self, other: Sums) -> None:
        self.contacts += other.contacts
        self.cost += other.cost
        self.gain += other.gain
        self.priority += other.priority


@dataclass(slots=True)
class Part:
    """The decisions of one tier, channel or placement; a decision belongs to the tier that it had before."""

    decisions: int = 0
    changed: int = 0
    before: Sums = field(default_factory=Sums)
    after: Sums = field(default_factory=Sums)

    def add(self, other: Part) -> None:
        self.decisions += other.decisions
        self.changed += other.changed
        self.before.add(other.before)
        self.after.add(other.after)


@dataclass(slots=True)
class Funnel:
    """How one side's offers, messages and asks fare, summed over decisions: how many were `considered`, how many are
    `left` after a stage, how many decisions still have one (`alive`), and who `removed` how many."""

    considered: int = 0
    left: Counter[str] = field(default_factory=Counter)
    alive: Counter[str] = field(default_factory=Counter)
    removed: Counter[Why] = field(default_factory=Counter)

    def add(self, other: Funnel) -> None:
        self.considered += other.considered
        self.left.update(other.left)
        self.alive.update(other.alive)
        self.removed.update(other.removed)


@dataclass(slots=True)
class SideTally:
    """One side's choices: who came `first` in which placement, how often each contact was `shown` at any rank."""

    first: Counter[Seat] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    funnel: Funnel = field(default_factory=Funnel)

    def add(self, other: SideTally) -> None:
        self.first.update(other.first)
        self.shown.update(other.shown)
        self.funnel.add(other.funnel)


@dataclass(slots=True)
class Tally:
    """Everything counted.

    A decision is `changed` where another action comes first in some placement, `reordered` where only later places
    differ. `kept` has the first places that both sides agree on; `displaced` why those that were first before are not,
    `admitted` why those that are first now were not. `left_out` lists at most MOST_LISTED, `left_by` counts them all by
    what did it; `given` are decisions with nothing before and something after.
    """

    decisions: int = 0
    changed: int = 0
    reordered: int = 0
    given: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    customers: set[str] = field(default_factory=set)
    customers_left_out: set[str] = field(default_factory=set)
    parts: dict[tuple[str, str], Part] = field(default_factory=dict)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    switches: Counter[Switch] = field(default_factory=Counter)
    kept: Counter[Seat] = field(default_factory=Counter)
    displaced: Counter[Why] = field(default_factory=Counter)
    admitted: Counter[Why] = field(default_factory=Counter)
    left_by: Counter[Why] = field(default_factory=Counter)
    left_out: list[LeftOut] = field(default_factory=list)
    before: SideTally = field(default_factory=SideTally)
    after: SideTally = field(default_factory=SideTally)

    def part(self, dimension: str, name: str) -> Part:
        """The counts of one tier, channel or placement."""
        found = self.parts.get((dimension, name))
        if found is None:
            found = self.parts[dimension, name] = Part()
        return found

    def add(self, other: Tally) -> None:
        """Count what the other counted."""
        self.decisions += other.decisions
        self.changed += other.changed
        self.reordered += other.reordered
        self.given += other.given
        self.customers |= other.customers
        self.customers_left_out |= other.customers_left_out
        for counted in ("skipped", "moves", "switches", "kept", "displaced", "admitted", "left_by"):
            getattr(self, counted).update(getattr(other, counted))
        for key, part in other.parts.items():
            self.part(*key).add(part)
        self.left_out = [*self.left_out, *other.left_out][:MOST_LISTED]
        self.before.add(other.before)
        self.after.add(other.after)
