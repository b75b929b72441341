"""What a suite may name under one policy, and how far its values go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.decision import Cause, Degraded
from engine.events.book import EventBook
from engine.fates import ARBITRATION
from models.features import FeatureSchema
from rules.ledger import STANDARD_OUTCOMES
from rules.policy import Policy, Stage
from rules.wording.code import Code

REMOVED_BECAUSE = (
    Code.STOPPED, Code.NOT_VALID, Code.NO_TREATMENT, Code.NOT_TAKEN_HERE, Code.EXCLUDED, Code.LIMIT_REACHED,
    Code.LIMIT_UNKNOWN, Code.NOT_ELIGIBLE,
    Code.NOT_APPLICABLE, Code.NOT_SUITABLE, Code.UNKNOWN_FACT, Code.CONDITION_ERROR, Code.NO_CONSENT, Code.QUIET_HOURS,
    Code.PAUSED, Code.CAPPED, Code.COOLING_DOWN, Code.SELLING_STOPPED, Code.CONTACTS_UNKNOWN, Code.LOW_CHANCE,
    Code.LOW_PRIORITY, Code.WORTH_LESS_THAN_NOTHING, Code.OUTRANKED, Code.NOTHING_DRAWN,
    Code.CONTROL_GROUP,
)  # fmt: skip
_OTHERWISE = {*REMOVED_BECAUSE, *Cause, *Degraded, Code.TIER}
PROPOSED_BECAUSE = tuple(code for code in Code if code not in _OTHERWISE)
"""Every other code says why an action stands where it stands."""

NO_CAUSE = "none"
UNKNOWN_COST = "cost"
"""The rule of actions that do not compete because their cost is unknown."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The names of a policy, gathered once. `placements` by channel; `consents` are the purposes that a channel asks
    consent for; `rules` every id that may stop an action; `reject_reasons` by action."""

    schema: FeatureSchema
    policy: Policy
    placements: Mapping[str, tuple[str, ...]]
    actions: tuple[str, ...]
    reject_reasons: Mapping[str, tuple[str, ...]]
    outcomes: tuple[str, ...]
    tiers: tuple[str, ...]
    rules: frozenset[str]
    consents: Mapping[str, tuple[str, ...]]
    groups: tuple[str, ...]
    procedures: tuple[str, ...]
    events: EventBook

    @staticmethod
    def of(policy: Policy, schema: FeatureSchema) -> Terms:
        return Terms(
            schema=schema,
            policy=policy,
            placements={name: tuple(channel.placements) for name, channel in policy.channels.items()},
            actions=tuple(action.id for action in policy.actions),
            reject_reasons={action.id: action.reject_reasons for action in policy.actions},
            outcomes=(*STANDARD_OUTCOMES, *policy.outcomes),
            tiers=tuple(tier.name for tier in policy.tiers),
            rules=frozenset(_stopping(policy)),
            consents={name: tuple(dict.fromkeys(_purposes(policy, name))) for name in policy.channels},
            groups=tuple(group.id for group in policy.control_groups),
            procedures=tuple(procedure.id for procedure in policy.procedures),
            events=EventBook(policy, schema),
        )


STAGES: tuple[str, ...] = (*(stage.value for stage in Stage), ARBITRATION)
CAUSES: tuple[str, ...] = (NO_CAUSE, *(cause.value for cause in Cause if cause.value))
DEGRADED: tuple[str, ...] = tuple(code.value for code in Degraded)


def names_of(codes: Iterable[Code]) -> tuple[str, ...]:
    return tuple(code.value for code in codes)


def _stopping(policy: Policy) -> Iterator[str]:
    yield from (rule.id for rule in policy.rules)
    yield from (table.id for table in policy.tables)
    yield from (row.id for table in policy.tables for row in table.rows)
    yield from (cap.id for cap in policy.contact.caps)
    yield from (cool_down.id for cool_down in policy.contact.cool_downs)
    yield from (pause.id for pause in policy.contact.pauses)
    yield from (stop.id for stop in policy.contact.stops)
    yield from (limit.id for limit in policy.limits)
    yield from (consent.purpose for consent in policy.contact.consent)
    yield UNKNOWN_COST


def _purposes(policy: Policy, channel: str) -> Iterator[str]:
    return (one.purpose for one in policy.contact.consent if not one.channels or channel in one.channels)
