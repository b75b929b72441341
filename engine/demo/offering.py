"""Which actions of a policy customers answer: offers, messages and questions, with what counts as success."""

from __future__ import annotations

from engine.demo.company.offered import Offered
from rules.policy import CONTACT_KINDS, Policy


def answerable(policy: Policy) -> tuple[Offered, ...]:
    """The policy's contacts in the order of its catalogue, as the company's history needs them."""
    contacts = [action for action in policy.actions if action.kind in CONTACT_KINDS]
    return tuple(Offered(action.id, action.success, frozenset(action.treatments)) for action in contacts)
