"""Enters what happened before a case begins: contacts by commit, outcomes by feedback, in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec import structs

from engine.feedback import Feedback
from engine.ids import CustomerKey, decision_id
from engine.outcome import Disposition, Outcome
from engine.ranked import ALONE
from engine.slate import Slate, SlateAction, SlatePlacement, pack
from engine.snapshot import Snapshot
from engine.store import CommitRequest, Store
from engine.suites.expectation import Failure
from engine.suites.suite import PastContact
from rules.ledger import Contact, short_id, stable_id
from rules.policy import Direction
from rules.wording.code import Code

_PLACEMENT = "history"


@dataclass(frozen=True, slots=True)
class Past:
    """Enters histories. `number` gives the next number for an id."""

    snapshot: Snapshot
    store: Store
    feedback: Feedback
    number: Callable[[], int]
    partition: int

    async def enter(self, customer: CustomerKey, history: Sequence[PastContact], now: float) -> list[Failure]:
        """Enter a history as seen from `now` (s); what the feedback refuses are failures."""
        failures: list[Failure] = []
        names = [decision_id(self.partition, now - one.ago, self.number()) for one in history]
        events = [(now - one.ago, 0, place) for place, one in enumerate(history)]
        events += [(now - one.outcome_ago, 1, place) for place, one in enumerate(history) if one.outcome]
        for at, is_outcome, place in sorted(events):
            if is_outcome:
                failures += await self._tell(history[place], names[place], at)
            else:
                await self.store.commit(self._contacted(customer, history[place], names[place], at))
        return failures

    async def _tell(self, one: PastContact, name: str, at: float) -> list[Failure]:
        said = Outcome(f"{name}:{one.outcome}", name, one.action, one.outcome, at=at, reason_code=one.reason)
        (verdict,) = await self.feedback.record([said], at)
        if verdict.disposition is Disposition.ACCEPTED:
            return []
        return [Failure(one.place, f"{one.outcome} of {one.action} before", f"{verdict.field}: {verdict.reason}")]

    def _contacted(self, customer: CustomerKey, one: PastContact, name: str, at: float) -> CommitRequest:
        policy = self.snapshot.policy.policy
        outbound = policy.channels[one.channel].direction is Direction.OUTBOUND
        contact = Contact(at, stable_id(one.action), stable_id(name), short_id(one.channel), int(outbound))
        return CommitRequest(
            customer=customer,
            decision_id=name,
            request_id="",
            digest=b"",
            contacts=(contact.pack(),),
            claims=(),
            slate=pack(self._slate(customer, one, at)),
            record=b"",
            ledger_length=policy.contact.ledger_length,
        )

    def _slate(self, customer: CustomerKey, one: PastContact, at: float) -> Slate:
        index = self.snapshot.policy.catalogue.index[one.action]
        kind = self.snapshot.policy.catalogue.actions[index].kind.value
        offered = SlateAction(one.action, kind, "", Code.BEST.value, None, structs.astuple(ALONE), None)
        return Slate(
            tenant=customer.tenant,
            customer=customer.customer,
            channel=one.channel,
            at=at,
            tier="",
            policy_revision=self.snapshot.policy_revision,
            model_revision="",
            degraded=(),
            experiment_group="",
            features_age=None,
            placements=(SlatePlacement(_PLACEMENT, "", (offered,), None, None, ""),),
            contacts=(one.action,),
        )
