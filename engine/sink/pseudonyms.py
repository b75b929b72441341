"""Names for customers in the tables that people query: the same customer has the same name everywhere, and without the
project's key nobody can tell whose it is.

HMAC-SHA256 under the key of tenant NUL customer, the first 16 hex digits. The key lies in the project at
`.befit/pseudonyms.key`; who must join the tables with a CRM makes the same names there, with `befit sink --pseudonym`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from documents.problem import BefitError

KEY_FILE = Path(".befit") / "pseudonyms.key"
_BYTES = 32
_DIGITS = 16


class KeyUnusable(BefitError):
    """The key is no key of ours; the message names the file."""


class Pseudonyms:
    """Gives names under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def customer(self, tenant: str, customer: str) -> str:
        """The name of a customer; "" for nobody."""
        return self._named(f"{tenant}\0{customer}") if customer else ""

    def agent(self, agent: str) -> str:
        """The name of somebody who works for the company; "" for nobody."""
        return self._named(f"agent\0\0{agent}") if agent else ""

    def _named(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:_DIGITS]


def pseudonyms_of(project: Path, fresh: bytes) -> Pseudonyms:
    """Names under the project's key, which is `fresh` (32 random bytes) if it has none yet. Raises KeyUnusable."""
    path = project / KEY_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{fresh.hex()[:8]}")
    if not path.exists():
        _write_private(beside, fresh.hex())
        try:
            # A link fails where the file exists: of two sinks that begin at once, both use the key of the first.
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink(missing_ok=True)
    return Pseudonyms(_read(path))


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise KeyUnusable(
            f"{path} is no key: it must hold {2 * _BYTES} hex digits, and tables made before need the same"
        )
    return key


def _write_private(path: Path, text: str) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
