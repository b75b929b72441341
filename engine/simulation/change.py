"""What is to be changed of a policy, as it is asked for: `--set PATH=NUMBER`. What paths there are: see changes.py."""

from __future__ import annotations

import math
from dataclasses import dataclass

from documents.duration import parse_duration
from documents.problem import BefitError

LEVER, THRESHOLD = "lever", "threshold"
"""What the short paths begin with."""
_MOST_TIMES = 5.0


class ChangeInvalid(BefitError):
    """A change names nothing that can be set; the message says what is there."""


@dataclass(frozen=True, slots=True)
class Change:
    """What to set to what: a number, or a duration as it is written. Of the short paths of levers `value` is the
    multiple: 1.3 for a boost of 30 %."""

    path: str
    value: float | str

    def __str__(self) -> str:
        if isinstance(self.value, str):
            return f"{self.path}={self.value}"
        return f"{self.path}={boost_of(self.value) if _is_lever(self.path) else f'{self.value:g}'}"


def boost_of(multiple: float) -> str:
    """A lever as the boost that a policy says: 1.3 is "+30%"."""
    return f"{round((multiple - 1.0) * 100.0, 6):+g}%" if multiple != 1.0 else "0%"


def read_change(text: str) -> Change:
    """`PATH=NUMBER` or `PATH=DURATION`, of a lever `PATH=NUMBER%`. Raises ChangeInvalid."""
    path, equals, written = text.partition("=")
    if path and parse_duration(written) is not None and path.partition(".")[0] not in (LEVER, THRESHOLD):
        return Change(path, written)
    value = _number(written.removesuffix("%"))
    if not path or not equals or not math.isfinite(value):
        raise ChangeInvalid(f"{text!r} is not PATH=NUMBER, as in lever.some_action=30%")
    if written.endswith("%"):
        if not _is_lever(path):
            raise ChangeInvalid(f"{text!r}: only boosts (lever....) are written with %; say {path}={value:g}")
        return Change(path, 1.0 + value / 100.0)
    if _is_lever(path) and value >= _MOST_TIMES:
        raise ChangeInvalid(
            f"{text!r} would multiply its worth by {value:g}. Boosts are percent: {path}={value:g}% is a boost of "
            f"{value:g} %, and {path}={(value - 1.0) * 100.0:g}% multiplies by {value:g}"
        )
    return Change(path, value)


def _number(written: str) -> float:
    try:
        return float(written)
    except ValueError:
        return math.nan


def _is_lever(path: str) -> bool:
    return path.partition(".")[0] == LEVER
