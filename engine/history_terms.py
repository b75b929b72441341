"""What the words of a history mean under a company's files: its features, and its policy as models may know it."""

from __future__ import annotations

from engine.action_table import action_table
from models.features import FeatureSchema, FeatureType
from models.history_check import Terms
from models.inputs import ContextKey, Setting
from rules.policy import Policy


def history_terms(schema: FeatureSchema, policy: Policy) -> Terms:
    """Terms to read a history under."""
    return Terms(schema, action_table(policy), setting_of(policy))


def setting_of(policy: Policy) -> Setting:
    """Where and about what the policy says customers are met."""
    return Setting(
        channels={name: channel.direction.value for name, channel in policy.channels.items()},
        intents=policy.intents,
        outcomes=policy.outcomes,
        context=tuple(ContextKey(one.name, FeatureType(one.type), one.values) for one in policy.context.values()),
        time_zone=policy.time_zone or "UTC",
    )
