"""Where Redis is, out of a URL: redis://, rediss:// (TLS) or unix://, with user, password and database.

redis://user:password@host:6379/0      several hosts of a cluster: redis://one:7000,two:7000
rediss://host:6379/0?ca=FILE&cert=FILE&key=FILE
unix:///run/valkey.sock?db=0
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from documents.problem import BefitError

DEFAULT_PORT = 6379


class UrlInvalid(BefitError):
    """The store's URL cannot be read; the message never holds the password."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One server: host and port, or the path of a unix socket."""

    host: str
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """How to be let in. Not shown in logs: it holds the password."""

    username: str = ""
    password: str = ""
    database: int = 0
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class RedisUrl:
    """The servers to start from, in order, and how to be let in."""

    endpoints: tuple[Endpoint, ...]
    access: Access


def parse(url: str) -> RedisUrl:
    """Raises UrlInvalid."""
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if parts.scheme == "unix":
        return RedisUrl((Endpoint("", path=unquote(parts.path)),), _access(parts, options, options.get("db", "0")))
    if parts.scheme not in ("redis", "rediss"):
        raise UrlInvalid("the store's URL begins with redis://, rediss:// or unix://")
    hosts = parts.netloc.rpartition("@")[2].split(",")
    database = parts.path.strip("/") or options.get("db", "0")
    return RedisUrl(tuple(map(_endpoint, hosts)), _access(parts, options, database))


def _endpoint(text: str) -> Endpoint:
    try:
        parts = urlsplit(f"//{text}")
        return Endpoint(parts.hostname or "localhost", parts.port or DEFAULT_PORT)
    except ValueError:
        raise UrlInvalid(f"{text!r} is not HOST:PORT") from None


def _access(parts: SplitResult, options: dict[str, str], database: str) -> Access:
    if not database.isdecimal():
        raise UrlInvalid(f"{database!r} is not the number of a database")
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    return Access(unquote(user), unquote(password), int(database), _tls(parts.scheme, options))


def _tls(scheme: str, options: dict[str, str]) -> ssl.SSLContext | None:
    if scheme != "rediss":
        return None
    try:
        context = ssl.create_default_context(cafile=options.get("ca"))
        if "cert" in options:
            context.load_cert_chain(options["cert"], options.get("key"))
    except OSError as error:
        raise UrlInvalid(f"the store's certificates cannot be read: {error.strerror or error}") from None
    return context
