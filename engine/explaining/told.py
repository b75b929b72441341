"""What an explanation tells beside the reasons: what would have changed the answer, and what the model went by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Value = float | str | bool


class ChangeKind(StrEnum):
    """What would have to be otherwise. Numbers are percent for BOOST and CONTEXT_WEIGHT, money for VALUE, contacts,
    places or money for LIMIT, seconds since the epoch for TIME and VALIDITY."""

    BOOST = "BOOST"
    CONTEXT_WEIGHT = "CONTEXT_WEIGHT"
    VALUE = "VALUE"
    THRESHOLD = "THRESHOLD"
    RULE = "RULE"
    FEATURE = "FEATURE"
    REQUEST = "REQUEST"
    CONSENT = "CONSENT"
    TIME = "TIME"
    STOP = "STOP"
    VALIDITY = "VALIDITY"
    EXPLORATION = "EXPLORATION"
    CONTROL_GROUP = "CONTROL_GROUP"
    MANDATORY = "MANDATORY"
    LIMIT = "LIMIT"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would be otherwise: `before` is how it is, None = unknown or nothing; `after` how it would be.

    `target` names what changes: the action (BOOST, STOP, VALIDITY, MANDATORY), "<action>.<goal>" (VALUE),
    "<action>.min_propensity" or "<action>.min_priority" (THRESHOLD), the rule (RULE, CONTEXT_WEIGHT), the feature
    (FEATURE), the field of the request (REQUEST), "<channel>:<purpose>" (CONSENT), the comparison group
    (CONTROL_GROUP), "now" (TIME), "share" (EXPLORATION), the limit of which more would be left (LIMIT). `rule` is the
    rule that the change would satisfy, "" if none.
    """

    kind: ChangeKind
    target: str
    before: Value | None
    after: Value | None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """The smallest change by which an action would have come first in a placement; all `changes` together, none of
    which could be left out. Without changes: nothing that could be changed would have brought it there."""

    changes: tuple[Change, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one input of the model did to the chance of an action: `effect` on the log-odds, above 0 raises it. `value`
    is what the model saw, None = missing; `meaning` the feature's own words."""

    input: str
    meaning: str
    value: Value | None
    effect: float
    sentence: str
