"""The customer as an agent sees them beside a decision: recent contacts, offers that stand, pauses, features."""

from __future__ import annotations

from engine.decision import CustomerView, OpenCase, OpenPromise, RecentContact
from engine.events.realtime import Realtime, ThingKind
from engine.profile import Known
from engine.snapshot import Snapshot
from engine.standing import YEAR_10000
from rules.ledger import outcome_codes, outcome_name, short_id

BESIDE_A_DECISION = 10


def view_of(snapshot: Snapshot, known: Known, now: float, most: int = BESIDE_A_DECISION) -> CustomerView:
    """At most `most` contacts, latest first; ages are seen from `now` (s). Contacts of a damaged ledger at
    impossible times are left out."""
    catalogue, contact = snapshot.policy.catalogue, snapshot.policy.contact
    rows = contact.reader.read(known.standing.ledger)
    until = contact.promises.open_at(rows, now).until if rows else {}
    offers = tuple((catalogue.ids[action], end) for action, end in sorted(until.items()))
    pauses = tuple(
        (catalogue.ids[catalogue.by_stable[pause.action]], pause.until, pause.cause)
        for pause in known.standing.pauses
        if pause.until > now and pause.action in catalogue.by_stable
    )
    recent = _recent(snapshot, known, most)
    return CustomerView(recent, offers, known.values, pauses, _cases(known.realtime), _promises(known.realtime, now))


def _cases(state: Realtime | None) -> tuple[OpenCase, ...]:
    opened = state.open(ThingKind.CASE) if state else ()
    return tuple(OpenCase(one.id, one.text, one.at) for one in opened)


def _promises(state: Realtime | None, now: float) -> tuple[OpenPromise, ...]:
    """What is still to be kept, the earliest first."""
    opened = state.open(ThingKind.PROMISE) if state else ()
    found = (OpenPromise(one.id, one.text, one.due or None, one.by, one.overdue(now)) for one in opened)
    return tuple(sorted(found, key=lambda one: one.due or 0.0))


def _recent(snapshot: Snapshot, known: Known, most: int) -> tuple[RecentContact, ...]:
    catalogue = snapshot.policy.catalogue
    channels = {short_id(name): name for name in snapshot.policy.policy.channels}
    contacts = known.standing.ledger.contacts
    newest = contacts[(contacts["at"] >= 0.0) & (contacts["at"] < YEAR_10000)][::-1][:most]
    return tuple(
        RecentContact(
            at=float(contact["at"]),
            action=catalogue.name_of(int(contact["action"])),
            channel=channels.get(int(contact["channel"]), ""),
            outcome=_outcome(snapshot, int(contact["outcome"]), int(contact["flags"])),
        )
        for contact in newest
    )


def _outcome(snapshot: Snapshot, outcome: int, flags: int) -> str:
    """The type of a contact's outcome, by the policy's own name where it is one of its own."""
    return outcome_name(outcome_codes((outcome,), (flags,))[0], snapshot.policy.policy.outcomes)
