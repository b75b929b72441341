"""Which actions may be proposed: availability, eligibility, applicability, suitability, in this order.

Every stage takes actions out of a bitmask, so the cost does not grow with the number of actions.
"""

from __future__ import annotations

from typing import NamedTuple

from rules.compiled import CompiledPolicy
from rules.engagement import STAGES, CompiledRule, unknown_code
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
    values = verdicts.values
    for rule in compiled.rules:
        if rule.slot >= 0 and (values[rule.slot] is rule.allows or not remover.allowed & rule.scope):
            continue
        _apply(rule, verdicts, remover)
    return Screened(remover.allowed, tuple(remover.removals))


def _apply(rule: CompiledRule, verdicts: Verdicts, remover: Remover) -> None:
    if rule.slot < 0:
        taken, unknown = rule.removes(verdicts)
        remover.remove(rule.stage, STAGES[rule.stage], taken, rule.id)
    else:
        taken, unknown = (0, rule.scope) if verdicts.values[rule.slot] is None else (rule.scope, 0)
        remover.remove(rule.stage, STAGES[rule.stage], taken, rule.id)
    if unknown:
        remover.remove(rule.stage, unknown_code(rule.test, verdicts), unknown, rule.id)
