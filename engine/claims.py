"""Claims and pause claims as bytes for the store's functions, which read them with Lua's `struct`.

Little-endian. A claim is `<H I d d B H H` (contact, limit, since, release_before, directions, number of channels,
of actions), then the channels `<H`, then the actions `<I`. A pause claim is `<I H d H d H H H H` (cause, times, since,
outcomes, until, number of reasons, of counted, of paused, of own types), then the reasons `<H`, the own types `<H`, the
counted `<I`, the paused `<I`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache

from engine.outcomes.write import PauseClaim
from engine.store import Claim

_CLAIM = struct.Struct("<HIddBHH")
_PAUSE = struct.Struct("<IHdHdHHHH")


def pack_claims(claims: Iterable[Claim]) -> bytes:
    """All claims of one commit, one after the other; raises struct.error where a value does not fit its width."""
    return b"".join(map(_pack_claim, claims))


def pack_pause_claims(claims: Iterable[PauseClaim]) -> bytes:
    """All pause claims of one outcome, one after the other."""
    return b"".join(map(_pack_pause_claim, claims))


def _pack_claim(claim: Claim) -> bytes:
    fixed = _CLAIM.pack(
        claim.contact,
        claim.limit,
        claim.since,
        claim.release_before,
        claim.directions,
        len(claim.channels),
        len(claim.actions),
    )
    return fixed + _shorts(claim.channels) + _words(claim.actions)


def _pack_pause_claim(claim: PauseClaim) -> bytes:
    fixed = _PAUSE.pack(
        claim.cause,
        claim.times,
        claim.since,
        claim.outcomes,
        claim.until,
        len(claim.reasons),
        len(claim.counted),
        len(claim.paused),
        len(claim.own),
    )
    return fixed + _shorts(claim.reasons) + _shorts(claim.own) + _words(claim.counted) + _words(claim.paused)


def _shorts(values: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(values)}H", *values)


@lru_cache(maxsize=4096)  # the same scopes come again and again: four times faster for one of 500 actions
def _words(values: tuple[int, ...]) -> bytes:
    return struct.pack(f"<{len(values)}I", *values)
