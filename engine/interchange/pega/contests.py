"""What a decision's placements compete for: placements that take from the same kinds are one contest.

Pega's tools rank all rows of an interaction against each other. A decision of Befit may hold several rankings - offers
in one placement, an ASK in another - so each contest is an interaction of its own, and every action stands in one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.record import DecisionRecord
from rules.policy import CONTACT_KINDS, Channel, Kind


@dataclass(frozen=True, slots=True)
class Contest:
    """`interaction` is the decision's id, with the first placement's name where the decision has several contests."""

    interaction: str
    kinds: frozenset[Kind]
    placements: frozenset[str]


class Contests:
    """The contests of one decision that offers, messages or asks take part in."""

    def __init__(self, record: DecisionRecord, channel: Channel | None) -> None:
        self.all = _contests(record, channel)

    def of_kind(self, kind: Kind) -> Contest | None:
        """Where actions of a kind take part; contacts that no placement asked for are told in the first contest."""
        found = next((one for one in self.all if kind in one.kinds), None)
        return self.all[0] if found is None and self.all and kind in CONTACT_KINDS else found

    def of_placement(self, name: str) -> Contest | None:
        return next((one for one in self.all if name in one.placements), None)


def _contests(record: DecisionRecord, channel: Channel | None) -> tuple[Contest, ...]:
    declared = {} if channel is None else channel.placements
    joined: list[tuple[frozenset[Kind], tuple[str, ...]]] = []
    for one in record.placements:
        if one.placement in declared:
            joined = _with(joined, declared[one.placement].kinds, one.placement)
    kept = [(kinds, names) for kinds, names in joined if kinds & CONTACT_KINDS]
    several = len(kept) > 1
    return tuple(
        Contest(f"{record.decision_id}:{names[0]}" if several else record.decision_id, kinds, frozenset(names))
        for kinds, names in kept
    )


def _with(
    joined: Sequence[tuple[frozenset[Kind], tuple[str, ...]]], kinds: frozenset[Kind], name: str
) -> list[tuple[frozenset[Kind], tuple[str, ...]]]:
    """The contests with one placement more, which may join several to one."""
    touching = [one for one in joined if one[0] & kinds]
    apart = [one for one in joined if not one[0] & kinds]
    together = kinds.union(*(one[0] for one in touching))
    names = tuple(place for one in touching for place in one[1])
    return [*apart, (together, (*names, name))]
