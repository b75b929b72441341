"""What is kept of a revision: the bytes it was made of, and who put it there.

A policy's revision is a digest of policy.yaml and features.yaml together: a default in the latter changes decisions as
much as a rule in the former. A bundle's revision is that of its manifest.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from documents.problem import BefitError

T = TypeVar("T")
REVISION_DIGITS = 12
LARGEST_BUNDLE = 256 * 1024 * 1024


class RevisionDamaged(BefitError):
    """What the store holds under a revision is not what was kept there."""


@dataclass(frozen=True, slots=True)
class ProjectText:
    """The bytes of policy.yaml and features.yaml."""

    policy: bytes
    features: bytes

    @property
    def revision(self) -> str:
        """12 hex digits of SHA-256 over both, each with its length before it."""
        digest = hashlib.sha256()
        for part in (self.policy, self.features):
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()[:REVISION_DIGITS]


@dataclass(frozen=True, slots=True)
class About:
    """Who proposed a revision and when (s), and who let it pass; `approver` "" where nobody had to. `origin` is file,
    activate, start or challenge."""

    revision: str
    at: float
    author: str = ""
    approver: str = ""
    origin: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeptRevision:
    """A policy as it was put in force."""

    about: About
    text: ProjectText

    @property
    def revision(self) -> str:
        return self.about.revision

    @property
    def policy(self) -> bytes:
        """The bytes of policy.yaml."""
        return self.text.policy

    @property
    def features(self) -> bytes:
        """The bytes of features.yaml."""
        return self.text.features


@dataclass(frozen=True, slots=True)
class KeptBundle:
    """A bundle as it was put in force: its files by name."""

    about: About
    files: Mapping[str, bytes]

    def write(self, folder: Path) -> Path:
        """Lay the files out in an existing folder, which is returned."""
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        return folder


def packed_text(text: ProjectText) -> bytes:
    """A policy's bytes as stored."""
    return zlib.compress(msgspec.msgpack.encode([text.policy, text.features]), 6)


def read_text(packed: bytes) -> ProjectText:
    """Raises RevisionDamaged."""
    return ProjectText(*_unpacked(packed, tuple[bytes, bytes]))


def packed_files(files: Mapping[str, bytes]) -> bytes:
    """A bundle's files as stored."""
    return zlib.compress(msgspec.msgpack.encode(dict(files)), 6)


def read_files(packed: bytes) -> dict[str, bytes]:
    """Raises RevisionDamaged."""
    found = _unpacked(packed, dict[str, bytes])
    if any(Path(name).name != name for name in found):
        raise RevisionDamaged("a file of the bundle would lie elsewhere")
    return found


def packed_about(about: About) -> bytes:
    return msgspec.json.encode(about)


def read_about(written: bytes) -> About:
    """Raises RevisionDamaged."""
    try:
        return msgspec.json.decode(written, type=About)
    except msgspec.MsgspecError as error:
        raise RevisionDamaged("what is told of a revision cannot be read") from error


def newest_first(found: Iterable[About]) -> tuple[About, ...]:
    """By time, then by name, so that the order is always the same."""
    return tuple(sorted(found, key=lambda one: (-one.at, one.revision)))


def _unpacked(packed: bytes, kind: type[T]) -> T:
    try:
        opened = zlib.decompressobj()
        return msgspec.msgpack.decode(opened.decompress(packed, LARGEST_BUNDLE), type=kind)
    except (zlib.error, msgspec.MsgspecError) as error:
        raise RevisionDamaged("a kept revision cannot be read") from error
