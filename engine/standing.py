"""A customer's contacts, pauses and consent out of the store's raw fields; what cannot be read fails closed."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson

from rules.ledger import CONTACT, Ledger, Pause
from rules.situation import Standing, Value

PAUSE = struct.Struct("<IId")
YEAR_10000 = 253_402_300_800.0
"""s: the first moment that no calendar has."""
PERSONALISATION = "personalisation"
"""The key of field `k` under which an opt-out stands, as false."""
TIME = struct.Struct("<d")
"""When a contact was: what a packed contact begins with."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Field `k`: consent per "<channel>:<purpose>", IANA time zone ("" = the company's), preferences; `personalised`
    False = the customer opted out of personalisation."""

    consent: Mapping[str, bool]
    time_zone: str = ""
    preferences: Mapping[str, Value] | None = None
    personalised: bool = True

    def pack(self) -> bytes:
        said = {"consent": dict(self.consent), "zone": self.time_zone, "preferences": dict(self.preferences or {})}
        return orjson.dumps(said if self.personalised else said | {PERSONALISATION: False})


def read_consent(packed: bytes | None) -> Consent | None:
    """The consent record; an absent one holds no consent; None where it cannot be read."""
    if not packed:
        return Consent({})
    try:
        said = orjson.loads(packed)
        return Consent(
            {str(key): value is True for key, value in said.get("consent", {}).items()},
            str(said.get("zone", "")),
            dict(said.get("preferences", {})),
            said.get(PERSONALISATION) is not False,
        )
    except (AttributeError, TypeError, ValueError):
        return None


def pack_pauses(pauses: Iterable[tuple[int, int, float]]) -> bytes:
    """Field `s`: (action's stable id, crc32 of the cause, until) each in 16 bytes."""
    return b"".join(PAUSE.pack(*pause) for pause in pauses)


def read_pauses(packed: bytes | None, causes: Mapping[int, str]) -> tuple[Pause, ...]:
    """The pauses; a cause that the policy no longer names is shown as "pause". A torn tail is left out."""
    if not packed:
        return ()
    usable = len(packed) - len(packed) % PAUSE.size
    found = PAUSE.iter_unpack(packed[:usable])
    return tuple(Pause(action, until, causes.get(cause, "pause")) for action, cause, until in found)


def read_standing(
    contacts: bytes | None, pauses: bytes | None, consent: Consent | None, causes: Mapping[int, str]
) -> Standing:
    """What the contact policy needs. Where any part is damaged, contacts count as not known: nothing is sold."""
    ledger, resting = Ledger(contacts or b""), read_pauses(pauses, causes)
    if consent is None or _damaged(contacts) or len(pauses or b"") % PAUSE.size:
        given, zone = ({}, "") if consent is None else (consent.consent, consent.time_zone)
        return Standing(ledger, resting, given, zone, contacts_known=False)
    return Standing(ledger, resting, consent.consent, consent.time_zone)


def _damaged(packed: bytes | None) -> bool:
    """Whether bytes are missing, or the first and the last time are none, as a shift by a few bytes makes them."""
    if not packed:
        return False
    if len(packed) % CONTACT.size:
        return True
    (oldest,), (newest,) = TIME.unpack_from(packed), TIME.unpack_from(packed, len(packed) - CONTACT.size)
    return not 0.0 < oldest <= newest < YEAR_10000


UNREADABLE = Standing(Ledger(), (), None, "", contacts_known=False)
