"""What the store keeps as bytes, read back: slates, request marks, log entries. Layouts: engine/redis/lua/slate.lua.

Raises StoreUnavailable("unreadable") for bytes that are none of ours.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from engine.store import EarlierRequest, LogEntry, StoredSlate, StoreUnavailable

_DEAD = 1
_COUNT = struct.Struct("<H")
P = ParamSpec("P")
T = TypeVar("T")


def _refusing_garbage(read: Callable[P, T]) -> Callable[P, T]:
    @wraps(read)
    def refusing(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(*args, **kwargs)
        except (IndexError, KeyError, TypeError, ValueError, struct.error) as error:
            raise StoreUnavailable("unreadable", f"{read.__name__}: {error}") from error

    return refusing


@_refusing_garbage
def read_indexes(packed: bytes) -> tuple[int, ...]:
    """Indexes of dropped contacts, two bytes each."""
    return struct.unpack(f"<{len(packed) // 2}H", packed)


@_refusing_garbage
def read_kept(kept: bytes) -> tuple[StoredSlate | None, str]:
    """A decision's slate, None when it is dead, and the id of its log entry ("" when it has none)."""
    at = 2 + kept[1]
    stream_id = kept[2:at].decode()
    if kept[0] == _DEAD:
        return None, stream_id
    at += 2 + _COUNT.unpack_from(kept, at)[0]
    end = at + 2 + 2 * _COUNT.unpack_from(kept, at)[0]
    return StoredSlate(kept[end:], read_indexes(kept[at + 2 : end])), stream_id


@_refusing_garbage
def read_request(kept: bytes) -> EarlierRequest:
    """What a request id was used for."""
    digest_end = 1 + kept[0]
    return EarlierRequest(kept[1:digest_end], kept[digest_end:].decode())


@_refusing_garbage
def read_subject(entry: Sequence[Any]) -> bytes:
    """Whom an entry of the log is about: tenant NUL customer."""
    return _fields(entry)[b"c"]


@_refusing_garbage
def read_entry(entry: Sequence[Any]) -> LogEntry:
    """One entry of a stream as XRANGE gives it."""
    fields = _fields(entry)
    tenant, _, customer = fields.get(b"c", b"").decode().partition("\0")
    return LogEntry(
        stream_id=entry[0].decode(),
        kind=fields[b"k"].decode(),
        id=fields[b"i"].decode(),
        writer=fields[b"w"].decode(),
        sequence=int(fields[b"n"]),
        body=fields[b"b"],
        dropped=read_indexes(fields.get(b"x", b"")),
        tenant=tenant,
        customer=customer,
    )


def _fields(entry: Sequence[Any]) -> dict[bytes, bytes]:
    return dict(zip(entry[1][::2], entry[1][1::2], strict=True))
