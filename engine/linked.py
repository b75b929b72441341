"""Reads a customer's fields; a visitor who was linked is read as the customer."""

from __future__ import annotations

from engine.ids import CustomerKey
from engine.store import Profile, Store

MOST_LINKS = 4
"""How far links are followed: a visitor's customer may have been linked to another one since."""


async def read_linked(store: Store, customer: CustomerKey, request_id: str) -> tuple[CustomerKey, Profile]:
    """Who it is, and what is stored of them: one round trip, and one for each link. Raises StoreUnavailable."""
    profile = await store.read_profile(customer, request_id)
    for _ in range(MOST_LINKS):
        if not profile.linked:
            break
        customer = CustomerKey(customer.tenant, profile.linked.decode(errors="replace"))
        profile = await store.read_profile(customer, request_id)
    return customer, profile
