"""The line between a worker and its supervisor: a socket pair, one JSON object a line.

Down: one line, what the worker is to do. Up: `ready` once, then a beat several times a second, counts once a second.
The line's end tells either side that the other is gone.
"""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from dataclasses import dataclass
from pathlib import Path

import orjson

from documents.problem import BefitError
from engine.config import ServeConfig, read_serve
from engine.counts import Snapshot

MOST_LINE_BYTES = 16 * 1024 * 1024
BEATS_PER_SILENCE = 5


class LinkBroken(BefitError):
    """The other side sent something that is no message, or ended before it sent any."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a worker is to do: its number, the configuration (with port and store URL settled); `ended` is the process
    id of the worker that had its place before, 0 for none."""

    number: int
    config: ServeConfig
    ended: int = 0

    def to_line(self) -> bytes:
        sections = dataclasses.asdict(self.config).values()
        settings = {name: _plain(value) for section in sections for name, value in section.items()}
        return orjson.dumps({"number": self.number, "settings": settings, "ended": self.ended}) + b"\n"

    @staticmethod
    def from_line(line: bytes) -> Assignment:
        """Raises LinkBroken."""
        try:
            said = orjson.loads(line)
            return Assignment(said["number"], read_serve(said["settings"], {}), said.get("ended", 0))
        except (ValueError, KeyError, TypeError) as mistake:
            raise LinkBroken("the supervisor sent no assignment") from mistake


@dataclass(frozen=True, slots=True)
class Report:
    """One line from a worker: `ready` to answer, `counts` where it tells them; neither = a beat."""

    ready: bool = False
    counts: Snapshot | None = None

    def to_line(self) -> bytes:
        if self.counts is not None:
            return self.counts.to_json() + b"\n"
        return b'{"ready":true}\n' if self.ready else b"{}\n"

    @staticmethod
    def from_line(line: bytes) -> Report:
        """Raises LinkBroken."""
        try:
            if b'"counters"' in line:
                return Report(counts=Snapshot.from_json(line))
            return Report(ready=bool(orjson.loads(line).get("ready")))
        except (ValueError, KeyError, TypeError, AttributeError) as mistake:
            raise LinkBroken("the worker sent no report") from mistake


Link = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def open_link(end: socket.socket) -> Link:
    """Both directions of one end."""
    return await asyncio.open_connection(sock=end, limit=MOST_LINE_BYTES)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
