"""The values that each variable is declared to have, whoever the customer is and whatever the moment."""

from __future__ import annotations

from rules.facts import ACTION_TYPES, CATEGORY, FLAG, INTEGER, Fact, FactSchema
from rules.policy import ContextField, Direction, Kind, Policy
from rules.tier import LOSING, RISING, STEADY
from rules.value_set import ANY_TEXT, FINITE, FLAGS, WHOLE, Numbers, ValueSet, exactly

_HOURS = Numbers(((0.0, 23.0),), whole=True)
_WEEKDAYS = Numbers(((1.0, 7.0),), whole=True)
_COSTS = Numbers(((0.0, FINITE.high),))


def declared_sets(policy: Policy, facts: FactSchema) -> dict[str, ValueSet]:
    """By variable what features, context and attributes are declared to hold, whatever channels, tiers and actions
    there are."""
    sets: dict[str, ValueSet] = {f"customer.{fact.name}": _declared(fact) for fact in facts}
    sets |= {f"known.{fact.name}": FLAGS for fact in facts}
    sets |= {f"context.{key.name}": _declared(key) for key in policy.context.values()}
    sets |= {"moment.hour": _HOURS, "moment.weekday": _WEEKDAYS, "moment.direction": exactly(map(str, Direction))}
    sets |= dict.fromkeys(("moment.channel", "moment.intent", "moment.locale", "tier.name"), ANY_TEXT)
    sets |= {"tier.direction": exactly((RISING, STEADY, LOSING))}
    sets |= {f"action.{name}": FLAGS if type_ == FLAG else ANY_TEXT for name, type_ in ACTION_TYPES.items()}
    sets |= {"action.cost": _COSTS, "action.kind": exactly(map(str, Kind))}
    return sets | {f"action.{key.name}": _declared(key) for key in policy.attributes.values()}


def company_sets(policy: Policy) -> dict[str, ValueSet]:
    """By variable what this policy's channels, intents and tiers leave."""
    channels = policy.channels.values()
    sets = {
        "moment.channel": exactly(channel.name for channel in channels),
        "moment.direction": exactly(str(channel.direction) for channel in channels),
        "moment.intent": exactly((*policy.intents, "")) if policy.intents else ANY_TEXT,
        "tier.name": exactly(tier.name for tier in policy.tiers),
    }
    return sets | ({"tier.direction": exactly((STEADY,))} if policy.trend is None else {})


def _declared(field: Fact | ContextField) -> ValueSet:
    if field.type == CATEGORY:
        return exactly(field.values)
    if field.type == FLAG:
        return FLAGS
    return WHOLE if field.type == INTEGER else FINITE
