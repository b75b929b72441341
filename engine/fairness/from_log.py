"""What customers got, out of the log: each counts once, by the newest decision that tells of tier, service, offers."""

from __future__ import annotations

from collections.abc import Iterable

from engine.decision import Degraded
from engine.fairness.seen import Got, Places, protected
from engine.ids import CustomerKey
from engine.past.question import profile_of
from engine.profile import know_all
from engine.record import DecisionRecord
from engine.snapshot import Snapshot

_BLIND = frozenset(
    {Degraded.STORE_UNAVAILABLE, Degraded.FEATURES_OF_ANOTHER, Degraded.SCHEMA_UNKNOWN, Degraded.DECISION_FAILED}
)


def got_from_log(snapshot: Snapshot, records: Iterable[DecisionRecord]) -> dict[str, Got]:
    """By customer; `records` the newest first. No group is known of who opted out of personalisation, since the log
    then holds no personal feature, nor where the feature is not logged. What was answered without the customer's
    features tells of a failure and of no group, so it is passed over."""
    places = Places.of(snapshot.policy.policy)
    names = [one.name for one in protected(snapshot.schema)]
    found: dict[str, Got] = {}
    for record in records:
        if _BLIND.intersection(record.degraded):
            continue
        filled = {one.placement: [(pick.action, pick.kind) for pick in one.picks] for one in record.placements}
        got = places.got(record.tier, record.request.channel, filled)
        key = CustomerKey(record.tenant, record.customer)
        values = know_all(snapshot, key, profile_of(record.state), record.now).values
        got.groups = {name: values[name] for name in names if name in values}
        if record.customer in found:
            found[record.customer].add(got)
        else:
            found[record.customer] = got
    return found
