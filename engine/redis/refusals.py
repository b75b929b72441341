"""What an error reply of Redis means for us: the code that StoreUnavailable carries, and what to do about the node."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import hiredis

from engine.store import StoreUnavailable


class Remedy(Enum):
    """NONE: tell the caller. REDISCOVER: learn the topology anew. RECONNECT: another node may answer next time."""

    NONE = 0
    REDISCOVER = 1
    RECONNECT = 2


@dataclass(frozen=True, slots=True)
class Refusal:
    code: str
    remedy: Remedy = Remedy.NONE


UNKNOWN = Refusal("error")
REFUSALS = {
    "ASK": Refusal("moved", Remedy.REDISCOVER),
    "BUSY": Refusal("busy"),
    "CLUSTERDOWN": Refusal("cluster-down", Remedy.REDISCOVER),
    "CROSSSLOT": Refusal("cross-slot"),
    "LOADING": Refusal("loading"),
    "MASTERDOWN": Refusal("master-down", Remedy.REDISCOVER),
    "MISCONF": Refusal("cannot-persist"),
    "MOVED": Refusal("moved", Remedy.REDISCOVER),
    "NOAUTH": Refusal("unauthenticated"),
    "NOPERM": Refusal("not-permitted"),
    "NOREPLICAS": Refusal("no-replicas"),
    "OOM": Refusal("out-of-memory"),
    "READONLY": Refusal("read-only", Remedy.RECONNECT),
    "TRYAGAIN": Refusal("slot-migrating"),
    "UNKILLABLE": Refusal("busy"),
    "WRONGPASS": Refusal("unauthenticated"),
    "WRONGTYPE": Refusal("wrong-type"),
}


def refusal(error: hiredis.ReplyError) -> Refusal:
    """The row of the table for this reply's first word."""
    return REFUSALS.get(str(error).partition(" ")[0], UNKNOWN)


def unavailable(error: hiredis.ReplyError) -> StoreUnavailable:
    """The reply as the error that callers know; the text is for logs, never for a client."""
    return StoreUnavailable(refusal(error).code, str(error))


def function_missing(error: hiredis.ReplyError) -> bool:
    return str(error).startswith("ERR Function not found")
