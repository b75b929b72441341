"""Settings of training as people write them: NAME=VALUE, checked against FitSettings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

from documents.problem import BefitError
from documents.reader import did_you_mean
from models.fit import FitSettings
from models.train import TrainSettings

_LIMITS = {
    "rounds": (1, 5000),
    "leaves": (2, 64),
    "learning_rate": (0.001, 1.0),
    "least_rows_per_leaf": (1, 1_000_000),
    "l2": (0.0, 1e6),
    "input_share": (0.01, 1.0),
    "split_share": (0.01, 1.0),
    "row_share": (0.01, 1.0),
    "patience": (1, 5000),
    "seed": (0, 2**31 - 1),
    "threads": (0, 1024),
}
_TEXTS = ("features", "name")


class SettingInvalid(BefitError):
    """A setting has no such name, or not such a value."""


def read_settings(written: Sequence[str]) -> TrainSettings:
    """The defaults with what is written: a FitSettings field, `name`, or `features` (names with commas between).
    Raises SettingInvalid."""
    settings = TrainSettings()
    for one in written:
        name, equals, value = one.partition("=")
        if not equals or (name not in _LIMITS and name not in _TEXTS):
            raise SettingInvalid(f"{one!r} is no setting; {did_you_mean(name, [*_LIMITS, *_TEXTS])}")
        if name == "features":
            settings = replace(settings, features=tuple(part.strip() for part in value.split(",") if part.strip()))
        elif name == "name":
            settings = replace(settings, name=value)
        else:
            settings = replace(settings, fit=_with(settings.fit, name, value))
    return settings


def _with(settings: FitSettings, name: str, value: str) -> FitSettings:
    kind = type(next(getattr(settings, one.name) for one in fields(settings) if one.name == name))
    low, high = _LIMITS[name]
    try:
        number = kind(value)
    except ValueError:
        raise SettingInvalid(f"{name}={value}: write a {'whole ' if kind is int else ''}number") from None
    if not low <= number <= high:
        raise SettingInvalid(f"{name}={value}: write a number between {low:g} and {high:g}")
    changed: FitSettings = replace(settings, **{name: number})
    return changed
