"""An alert as plain values, and as the bytes that the store keeps."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from engine.ids import CustomerKey


@dataclass(frozen=True, slots=True)
class Resolution:
    """How an alert ended: when (s), who said so, and what was done."""

    at: float
    by: str
    note: str = ""


class About(NamedTuple):
    """The outcome that an alert is about, with its decision and action; "" = about none."""

    decision: str = ""
    action: str = ""
    outcome: str = ""


ABOUT_NONE = About()


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that a person must look at.

    `kind` as in "broken_promise"; `subject` what it is about, in the words of people: a customer's id, an action, a
    queue; `to` the named person, "" = nobody is named. `name` makes it one alert however often it is raised: without
    one it is kind and subject. `customer` is set where it is about one, so that it is forgotten with them.
    """

    kind: str
    subject: str
    at: float
    text: str
    to: str = ""
    name: str = ""
    customer: CustomerKey | None = None
    resolution: Resolution | None = None
    about: About = ABOUT_NONE

    @property
    def id(self) -> str:
        return self.name or f"{self.kind}:{self.subject}"

    @property
    def mark(self) -> str:
        """Stands for the id where it must not name a customer: 16 hex digits."""
        return blake2b(self.id.encode(), digest_size=8).hexdigest()

    def pack(self) -> bytes:
        """The alert's bytes; equal alerts give equal bytes."""
        return msgspec.msgpack.encode(_Kept.of(self))

    @staticmethod
    def unpack(packed: bytes) -> Alert:
        """Raises msgspec.DecodeError or msgspec.ValidationError where the bytes are not an alert's."""
        return _DECODER.decode(packed).alert()


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    kind: str
    subject: str
    at: float
    text: str
    to: str
    name: str
    customer: tuple[str, str] | None
    resolution: tuple[float, str, str] | None
    outcome: tuple[str, str, str] = ("", "", "")

    @staticmethod
    def of(alert: Alert) -> _Kept:
        about, ended = alert.customer, alert.resolution
        return _Kept(
            alert.kind,
            alert.subject,
            alert.at,
            alert.text,
            alert.to,
            alert.id,
            (about.tenant, about.customer) if about else None,
            (ended.at, ended.by, ended.note) if ended else None,
            alert.about,
        )

    def alert(self) -> Alert:
        about = CustomerKey(*self.customer) if self.customer else None
        ended = Resolution(*self.resolution) if self.resolution else None
        return Alert(
            self.kind, self.subject, self.at, self.text, self.to, self.name, about, ended, About(*self.outcome)
        )


_DECODER = msgspec.msgpack.Decoder(_Kept)
