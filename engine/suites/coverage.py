"""What of a policy the cases touched: what fired, removed or was chosen at least once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.decision import Decision
from rules.compiled import CompiledPolicy
from rules.wording.code import Code

RULES, ROWS, CAPS, PAUSES, STOPS = "rules", "table rows", "caps", "pauses", "stops"
LIMITS = "limits"
COOL_DOWNS = "cool-downs"
TRIGGERS = "triggers"
TIERS, PLACEMENTS, ACTIONS = "tiers", "placements", "actions"
_NOT_BY_RULE = frozenset({Code.NO_CONSENT.value})
"""Codes whose removals name something else than a rule's id."""


@dataclass(slots=True)
class Coverage:
    """`declared` has every name of the policy by part, in its order; placements as "<channel>.<placement>".

    A rule, row, cap, cool-down, pause, stop or limit is touched when it removed an action, being the first to do so (a
    limit: because it was reached); a tier when a customer stood in it; a placement when it showed an action; an action
    when it was proposed; a trigger when an event started it. Rows that remove nothing cannot be told apart and are not
    declared.
    """

    declared: Mapping[str, tuple[str, ...]]
    touched: dict[str, set[str]] = field(default_factory=dict)

    @staticmethod
    def of(compiled: CompiledPolicy) -> Coverage:
        policy, contact = compiled.policy, compiled.policy.contact
        removing = {rule.id for rule in compiled.rules}
        channels = policy.channels.values()
        declared = {
            RULES: tuple(rule.id for rule in policy.rules),
            ROWS: tuple(row.id for table in policy.tables for row in table.rows if row.id in removing),
            CAPS: tuple(cap.id for cap in contact.caps),
            COOL_DOWNS: tuple(cool_down.id for cool_down in contact.cool_downs),
            PAUSES: tuple(pause.id for pause in contact.pauses),
            STOPS: tuple(stop.id for stop in contact.stops),
            LIMITS: tuple(limit.id for limit in policy.limits),
            TRIGGERS: tuple(trigger.id for trigger in policy.triggers),
            TIERS: tuple(tier.name for tier in policy.tiers),
            PLACEMENTS: tuple(f"{channel.name}.{name}" for channel in channels for name in channel.placements),
            ACTIONS: tuple(action.id for action in policy.actions),
        }
        return Coverage(declared, {part: set() for part in declared})

    def note(self, channel: str, decision: Decision) -> None:
        """Count what a decision in this channel touched, traced in full."""
        removed = {one.rule for one in decision.dropped if one.rule and one.why.code not in _NOT_BY_RULE}
        for part in (RULES, ROWS, CAPS, COOL_DOWNS, PAUSES, STOPS):
            self.touched[part] |= removed.intersection(self.declared[part])
        exhausted = {one.rule for one in decision.dropped if one.why.code == Code.LIMIT_REACHED}
        self.touched[LIMITS] |= exhausted.intersection(self.declared[LIMITS])
        self.touched[TIERS].add(decision.tier)
        for filled in decision.placements:
            if filled.actions:
                self.touched[PLACEMENTS].add(f"{channel}.{filled.placement}")
            self.touched[ACTIONS] |= {one.action for one in filled.actions}

    def note_triggers(self, started: Iterable[str]) -> None:
        """Count the triggers that events started."""
        self.touched[TRIGGERS] |= {*started}

    def missed(self, part: str) -> tuple[str, ...]:
        """What no case touched, in the policy's order."""
        return tuple(name for name in self.declared[part] if name not in self.touched[part])

    def counts(self) -> Iterator[tuple[str, int, int]]:
        """(part, touched, declared) for each part that the policy has."""
        for part, names in self.declared.items():
            if names:
                yield part, len(names) - len(self.missed(part)), len(names)
