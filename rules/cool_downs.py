"""How long the company keeps quiet after a contact: which contacts begin a cool-down, and what must wait for its end.

A cool-down is a limit of one: the claim that a new contact makes is the store's guard against two decisions at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.caps import BITS, EARLIER_ONLY, INBOUND, OUTBOUND, CapClaim
from rules.catalogue import Catalogue
from rules.contact_policy import CoolDown
from rules.contact_rows import ContactRows, Ways
from rules.ledger import short_id
from rules.terms import CONTACT_KINDS, Direction, Scope

_A_MOMENT = 1e-3
"""s by which a cool-down ends early, so that asking again at the very end that an answer told finds it over."""


@dataclass(frozen=True, slots=True)
class CompiledCoolDown:
    """A cool-down over a catalogue. `waiting` are the actions that must wait, a bitmask. A contact begins it by its
    action, `begun_by` (n + 1,), the last for actions that the policy no longer has, and by its way, `ways`; the rest
    says the same as a claim does."""

    rule: CoolDown
    waiting: int
    begun_by: tuple[bool, ...]
    ways: tuple[bool, ...]
    directions: int
    channels: tuple[int, ...]
    actions: tuple[int, ...]

    def since(self, now: float) -> float:
        """From when on a contact's cool-down is not over yet."""
        return now - self.rule.duration + _A_MOMENT

    def ends(self, rows: ContactRows, now: float) -> float | None:
        """When (s) the cool-down of the latest contact that begins one is over; None where none goes on."""
        since, begun_by, ways = self.since(now), self.begun_by, self.ways
        told = zip(rows.at, rows.actions, rows.ways, strict=True)
        latest = max((at for at, action, way in told if at >= since and begun_by[action] and ways[way]), default=None)
        return None if latest is None else latest + self.rule.duration

    def claim(self, action: int, now: float) -> CapClaim | None:
        """What a new contact with the action must claim; None where it need not wait."""
        if not self.waiting >> action & 1:
            return None
        since = self.since(now)
        return CapClaim(self.rule.id, 1, since, since, self.directions | EARLIER_ONLY, self.channels, self.actions)


def compile_cool_down(catalogue: Catalogue, rule: CoolDown, ways: Ways) -> CompiledCoolDown:
    """The cool-down over the contacts of its scopes. Without a scope every contact there ever was begins it."""
    contacts = catalogue.mask(Scope(kinds=tuple(CONTACT_KINDS)))
    anything = rule.begun_by == Scope()
    beginning = catalogue.mask(rule.begun_by) & contacts
    return CompiledCoolDown(
        rule=rule,
        waiting=catalogue.mask(rule.scope) & contacts,
        begun_by=(*(anything or bool(beginning >> action & 1) for action in range(len(catalogue))), anything),
        ways=ways.through(rule.begun_over, _numbers(rule.begun_in)),
        directions=sum(BITS[direction] for direction in rule.begun_in),
        channels=tuple(short_id(channel) for channel in rule.begun_over),
        actions=() if anything else tuple(catalogue.stable[catalogue.indexes(beginning)].tolist()),
    )


def _numbers(directions: frozenset[Direction]) -> Sequence[int]:
    return [OUTBOUND if direction == Direction.OUTBOUND else INBOUND for direction in directions]
