"""What rests after an outcome: pauses that the store enters with it. Every pause ends."""

from __future__ import annotations

from dataclasses import dataclass

from rules.catalogue import Catalogue
from rules.compiled import CompiledPolicy
from rules.ledger import OUTCOMES, own_outcome, short_id, stable_id
from rules.policy import CONTACT_KINDS, Action, CountedTogether, PauseRule, Scope


@dataclass(frozen=True, slots=True)
class PauseAfter:
    """If at least `times` contacts of `counted` have, since `since` (s), one of `outcomes` (a bit per index of
    OUTCOMES) or of the policy's `own` types, and one of `reasons` (short ids; empty = any), then `paused` rest until
    `until` (s). Both name actions by stable id; `cause` is the crc32 of the rule's id."""

    cause: int
    times: int
    since: float
    outcomes: int
    reasons: tuple[int, ...]
    counted: tuple[int, ...]
    paused: tuple[int, ...]
    until: float
    own: tuple[int, ...] = ()


def pauses_after(
    compiled: CompiledPolicy, action: int, outcome: str, reason_code: str, now: float
) -> tuple[PauseAfter, ...]:
    """The pauses that an outcome at `now` (s) of an action (a catalogue index) may bring about."""
    catalogue = compiled.catalogue
    return tuple(
        _pause(catalogue, rule, action, now)
        for rule in compiled.policy.contact.pauses
        if outcome in rule.outcomes
        and (not rule.reason_codes or reason_code in rule.reason_codes)
        and catalogue.mask(rule.scope) >> action & 1
    )


def _pause(catalogue: Catalogue, rule: PauseRule, action: int, now: float) -> PauseAfter:
    paused = _alike(catalogue, rule, action)
    standard = rule.outcomes.intersection(OUTCOMES)
    return PauseAfter(
        cause=stable_id(rule.id),
        times=rule.times,
        since=now - rule.window,
        outcomes=sum(1 << OUTCOMES.index(name) for name in standard),
        reasons=tuple(sorted(short_id(code) for code in rule.reason_codes)),
        counted=_stable(catalogue, paused & catalogue.mask(rule.scope)),
        paused=_stable(catalogue, paused),
        until=now + max(rule.duration, 1.0),
        own=tuple(sorted(own_outcome(name) for name in rule.outcomes - standard)),
    )


def _alike(catalogue: Catalogue, rule: PauseRule, index: int) -> int:
    """The contacts that rest together with an action, itself included."""
    action: Action = catalogue.actions[index]
    found = {
        CountedTogether.ACTION: 0,
        CountedTogether.GROUP: catalogue.groups[action.group],
        CountedTogether.ISSUE: catalogue.issues[action.issue],
        CountedTogether.SCOPE: catalogue.mask(rule.scope),
    }
    if rule.paused in found:
        together = found[CountedTogether(rule.paused)]
    else:
        value = action.attributes.get(rule.paused)
        together = 0 if value is None else catalogue.alike(rule.paused).get(value, 0)
    return together & catalogue.mask(Scope(kinds=tuple(CONTACT_KINDS))) | 1 << index


def _stable(catalogue: Catalogue, mask: int) -> tuple[int, ...]:
    return tuple(int(stable) for stable in catalogue.stable[catalogue.indexes(mask)])
