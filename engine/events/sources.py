"""What the parts of a customer's real-time state are called: by what they are made of, so that a changed definition
begins anew and equal ones are kept once."""

from __future__ import annotations

from models.features import EventSource, Feature, FeatureType
from rules.ledger import stable_id


def aggregate_id(source: EventSource, type_: FeatureType) -> int:
    """The id of a feature's aggregate. Texts are kept apart from numbers: they are kept by a check sum."""
    kind = "text" if type_ is FeatureType.CATEGORY else "number"
    return stable_id(f"{source.event}\0{source.aggregate}\0{source.half_life:g}\0{source.of}\0{kind}")


def answer_id(feature: Feature) -> int:
    """The id of what a customer answered for a feature."""
    return stable_id(f"answer\0{feature.name}\0{feature.type}")


def consent_id(key: str) -> int:
    """The id of when consent "<channel>:<purpose>" was last said."""
    return stable_id(f"consent\0{key}")


def withdrawn_id(trigger: str) -> int:
    """The id of when something last took back what a trigger starts."""
    return stable_id(f"withdrawn\0{trigger}")


def kept_value(feature: Feature, number: float) -> float:
    """The number under which the state keeps a feature's value, from its code: categories by their text, so that an
    order of values that changes later changes no meaning."""
    if feature.type is FeatureType.CATEGORY:
        return float(stable_id(feature.values[int(number)]))
    return number
