"""Why one request, or one item of a list, is not answered: a value that names the field and the bound.

The text tells what would be right and never repeats what was sent, so that no customer's data comes back in an
error or lands in a log.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RefusalKind(StrEnum):
    """What kind of refusal it is; the service files translate it to a status."""

    INVALID = "invalid"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    NOT_READY = "not-ready"
    TOO_LARGE = "too-large"
    TOO_LATE = "too-late"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Refusal:
    """`code` is stable and kebab-case; `message` one sentence; `field` as in "context.page", "" = all of it."""

    code: str
    message: str
    field: str = ""
    kind: RefusalKind = RefusalKind.INVALID

    def sentence(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


MALFORMED = Refusal("malformed", "the request is not a message of this method")
TOO_LARGE = Refusal("too-large", "the request is larger than this method takes", kind=RefusalKind.TOO_LARGE)
TOO_LATE = Refusal("too-late", "the time for the answer is over", kind=RefusalKind.TOO_LATE)
NOT_ANSWERED = Refusal("not-answered", "this call could not be answered; try again", kind=RefusalKind.UNAVAILABLE)
"""Stands in for an error that nobody foresaw: the details stay in the server."""
