"""A customer's contacts, pauses and consent out of the store's raw fields; what cannot be read fails closed."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson

from rules.ledger import Ledger, Pause
from rules.situation import Standing, Value

PAUSE = struct.Struct("<IId")


@dataclass(frozen=True, slots=True)
class Consent:
    """Field `k`: consent per "<channel>:<purpose>", IANA time zone ("" = the company's), preferences."""

    consent: Mapping[str, bool]
    time_zone: str = ""
    preferences: Mapping[str, Value] | None = None

    def pack(self) -> bytes:
        said = {"consent": dict(self.consent), "zone": self.time_zone, "preferences": dict(self.preferences or {})}
        return orjson.dumps(said)


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
        )
    except (orjson.JSONDecodeError, AttributeError):
        return None


def pack_pauses(pauses: Iterable[tuple[int, int, float]]) -> bytes:
    """Field `s`: (action's stable id, crc32 of the cause, until) each in 16 bytes."""
    return b"".join(PAUSE.pack(*pause) for pause in pauses)


def read_pauses(packed: bytes | None, causes: Mapping[int, str]) -> tuple[Pause, ...]:
    """The pauses; a cause that the policy no longer names is shown as "pause"."""
    if not packed:
        return ()
    usable = len(packed) - len(packed) % PAUSE.size
    found = PAUSE.iter_unpack(packed[:usable])
    return tuple(Pause(action, until, causes.get(cause, "pause")) for action, cause, until in found)


def read_standing(
    contacts: bytes | None, pauses: bytes | None, consent: Consent | None, causes: Mapping[int, str]
) -> Standing:
    """What the contact policy needs; consent that cannot be read counts as none given."""
    if consent is None:
        return Standing(Ledger(contacts or b""), read_pauses(pauses, causes), {}, "")
    return Standing(Ledger(contacts or b""), read_pauses(pauses, causes), consent.consent, consent.time_zone)


UNREADABLE = Standing(Ledger(), (), None, "", contacts_known=False)
