"""Which actions may be proposed: availability, eligibility, applicability, suitability, in this order.

Every stage takes actions out of a bitmask, so the cost does not grow with the number of actions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rules.compiled import CompiledPolicy
from rules.engagement import CompiledRule, MetRule, unknown_code
from rules.fused import Verdicts
from rules.policy import Stage
from rules.removal import Removal, Remover
from rules.situation import Moment
from rules.wording.code import Code


class Candidates(NamedTuple):
    """Bitmasks: what is `considered` at all, what an operator `stopped`, and which offers are `honoured`, which
    outlive the dates of their action."""

    considered: int
    stopped: int = 0
    honoured: int = 0


class Screened(NamedTuple):
    """What is still allowed, and what removed the rest, in order."""

    allowed: int
    removals: tuple[Removal, ...]


def screen(compiled: CompiledPolicy, verdicts: Verdicts, moment: Moment, candidates: Candidates) -> Screened:
    """Screen the candidates for a moment, given what the conditions said."""
    remover = Remover(candidates.considered)
    catalogue = compiled.catalogue
    outdated = ~(compiled.validity.at(moment.now) | candidates.honoured)
    remover.remove(Stage.AVAILABILITY, Code.STOPPED, candidates.stopped)
    remover.remove(Stage.AVAILABILITY, Code.NOT_VALID, outdated)
    remover.remove(Stage.AVAILABILITY, Code.NO_TREATMENT, ~catalogue.channels.get(moment.channel, 0))
    remover.remove(Stage.AVAILABILITY, Code.NOT_TAKEN_HERE, ~compiled.placeable.get(moment.channel, 0))
    if remover.allowed:
        _engage(compiled.met.get(moment.channel, ()), verdicts, remover)
    return Screened(remover.allowed, tuple(remover.removals))


def _engage(met: Sequence[MetRule], verdicts: Verdicts, remover: Remover) -> None:
    """Remove by the rules of a channel. A rule that is the same for every action passes while its condition's value is
    what it allows, and that is seen first, since most do."""
    values = verdicts.values
    for slot, allows, scope, code, rule in met:
        if slot < 0:
            if remover.allowed & scope:
                _remove_some(rule, code, verdicts, remover)
            continue
        value = values[slot]
        if value is not allows and remover.allowed & scope:
            why = unknown_code(rule.test, verdicts) if value is None else code
            remover.remove(rule.stage, why, scope, rule.id)


def _remove_some(rule: CompiledRule, code: Code, verdicts: Verdicts, remover: Remover) -> None:
    taken, unknown = rule.removes(verdicts)
    remover.remove(rule.stage, code, taken, rule.id)
    if unknown:
        remover.remove(rule.stage, unknown_code(rule.test, verdicts), unknown, rule.id)
