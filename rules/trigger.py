"""What the policy says of triggers: an event that starts an outbound decision. Durations are seconds."""

from __future__ import annotations

from dataclasses import dataclass

from documents.problem import Place
from rules.terms import Expression


@dataclass(frozen=True, slots=True)
class Trigger:
    """`delay` after the event `on`, if `when` holds then, it is decided what to send over `channel` in `placement`.

    What is not sent `lasts` seconds later is not sent at all. A message takes the place of an earlier one with the same
    `collapse_key` that is not sent yet; an event of `withdraw_on` takes it back.
    """

    id: str
    on: str
    when: Expression | None
    channel: str
    placement: str
    intent: str
    delay: float
    lasts: float
    collapse_key: str
    withdraw_on: frozenset[str]
    place: Place
