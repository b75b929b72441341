"""What in a store waits for people."""

from __future__ import annotations

from engine.doctor.finding import Finding, note, well
from engine.store import Store

_MOST = 1_000


async def waiting(store: Store) -> tuple[Finding, ...]:
    """Open alerts, outcomes put aside, stopped actions. Raises StoreUnavailable."""
    alerts = await store.alerts.newest(resolved=False, most=_MOST)
    aside = await store.parked.newest(aside=True, most=_MOST)
    stopped = sorted((await store.read_settings()).stopped)
    return (
        _finding("alerts", _counted(len(alerts), "open"), "befit alerts"),
        _finding("outcomes", _counted(len(aside), "without a known decision"), "befit outcomes"),
        _finding("stopped actions", ", ".join(stopped), "befit action start ID"),
    )


def _finding(what: str, found: str, mend: str) -> Finding:
    return note(what, found, mend) if found else well(what, "none")


def _counted(number: int, which: str) -> str:
    """What to say of so many; "" for none."""
    if not number:
        return ""
    return f"{number:,} or more {which}" if number >= _MOST else f"{number:,} {which}"
