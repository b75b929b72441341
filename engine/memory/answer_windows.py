"""The windows of a book in memory, by customer and name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.ids import CustomerKey
from engine.outcomes.windows import ENDED
from engine.outcomes.write import OutcomeWrite, window_of
from engine.store import CommitRequest

NOTED = 72 * 3600.0
"""s for which a window that closed without an answer is remembered."""


class AnswerWindows:
    """When each closes (s); one that ended, until when it is remembered."""

    def __init__(self) -> None:
        self.by_customer: dict[CustomerKey, dict[str, float]] = {}

    def open(self, request: CommitRequest, dropped: Iterable[int]) -> None:
        """Open those of a commit, but for the contacts that were not granted."""
        opened = [one for index, one in enumerate(request.windows) if one.closes > 0.0 and index not in dropped]
        own = self.by_customer.setdefault(request.customer, {})
        own.update({window_of(request.decision_id, one.action): one.closes for one in opened})

    def forget_decision(self, customers: Iterable[CustomerKey], decision_id: str) -> None:
        """Forget those of a decision that never was."""
        for one in customers:
            own = self.by_customer.get(one, {})
            self.by_customer[one] = {member: at for member, at in own.items() if decision_id not in member}

    def forget(self, customer: CustomerKey) -> None:
        self.by_customer.pop(customer, None)

    def close(self, customer: CustomerKey, write: OutcomeWrite, moved: bool) -> OutcomeWrite | None:
        """The outcome as it is entered; None where its window is closed already. `moved`: it is entered elsewhere."""
        if not write.window:
            return write
        own = self.by_customer.setdefault(customer, {})
        closes, ended = own.get(write.window), ENDED + write.window
        if write.ends_window:
            if closes is not None and not moved:
                own[ended] = own.pop(write.window) + NOTED
            return None if closes is None else replace(write, window="", ends_window=False)
        own.pop(write.window, None)
        late = (ended in own if moved else own.pop(ended, None) is not None) and write.correcting
        return replace(write, record=write.correcting if late else write.record, window="", correcting=b"")
