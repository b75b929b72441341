"""Who is who: a visitor becomes a customer with all that was offered to them; a customer is forgotten."""

from __future__ import annotations

from engine.ids import CustomerKey
from engine.store import Store


class Identity:
    """Links and erases. Both raise StoreUnavailable; both may be repeated safely."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def link(self, visitor: CustomerKey, customer: CustomerKey) -> bool:
        """True when the visitor is this customer now; False when linked to another one already."""
        return await self._store.link(visitor, customer)

    async def erase(self, customer: CustomerKey) -> None:
        """Forget the customer, and the customer that a visitor was merged into."""
        await self._store.erase(customer)
