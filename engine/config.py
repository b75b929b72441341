"""What a running Befit is told from outside: flags first, then the environment (BEFIT_*), then defaults.

The only reader of the environment. A setting is a field of one of the frozen dataclasses below, its metadata
says what it means and what it may be; `read` fills one of them and reports every mistake at once.
"""

from __future__ import annotations

import os
import typing
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from documents.problem import BefitError

PREFIX = "BEFIT_"
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})

T = TypeVar("T")


class ConfigInvalid(BefitError):
    """Settings do not hold; `mistakes` has one plain sentence for each."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


def _meaning(text: str, least: float | None = None, most: float | None = None) -> dict[str, Any]:
    """What people read about a setting; `least` and `most` bound numbers, inclusive."""
    return {"meaning": text, "least": least, "most": most}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenConfig:
    """Where the servers listen. A port of 0 means: the system chooses."""

    host: str = field(default="127.0.0.1", metadata=_meaning("address to listen on"))
    port: int = field(default=50051, metadata=_meaning("gRPC port", 0, 65535))
    metrics_port: int = field(
        default=9464, metadata=_meaning("port of /metrics on the same address; -1 = none", -1, 65535)
    )
    http_port: int = field(default=-1, metadata=_meaning("port of JSON over HTTP; -1 = none", -1, 65535))
    plaintext: bool = field(
        default=False, metadata=_meaning("listen beyond this machine too, in plain text: something else guards it")
    )
    reflection: bool = field(default=False, metadata=_meaning("let tools list the services"))
    max_request_bytes: int = field(default=65536, metadata=_meaning("largest request in bytes", 1024, 4194304))
    max_concurrent_calls: int = field(
        default=512, metadata=_meaning("calls in progress in one worker before it refuses", 1, 100000)
    )
    default_deadline_ms: float = field(
        default=1000.0, metadata=_meaning("time for a call that brings no deadline, ms", 1, 60000)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConfig:
    """Where state lives. Without a URL, `serve` runs a store of its own under the project."""

    redis_url: str = field(
        default="", metadata=_meaning("redis://, rediss:// or unix:// URL of Redis or Valkey; empty = run one")
    )
    partitions: int = field(
        default=256, metadata=_meaning("partitions of a new store; an existing store must agree", 1, 4096)
    )
    read_timeout_ms: float = field(
        default=5.0, metadata=_meaning("longest wait for what is known of a customer, ms", 0.5, 10000)
    )
    commit_timeout_ms: float = field(
        default=20.0, metadata=_meaning("longest wait until a decision is written, ms", 0.5, 10000)
    )
    connections: int = field(default=1, metadata=_meaning("connections to each server of the store", 1, 64))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkersConfig:
    """The worker processes and how they stop."""

    workers: int = field(default=1, metadata=_meaning("worker processes that share the port", 1, 128))
    drain_pause_seconds: float = field(
        default=1.0, metadata=_meaning("time between 'not serving' and refusing new calls", 0, 600)
    )
    drain_grace_seconds: float = field(
        default=5.0, metadata=_meaning("time for calls in progress when stopping", 0, 600)
    )
    start_seconds: float = field(default=60.0, metadata=_meaning("longest time for a worker to become ready", 1, 3600))
    silence_ms: float = field(
        default=2000.0, metadata=_meaning("a worker silent for so long is killed and replaced", 100, 600000)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectConfig:
    """The files a company owns, and the model that serves them."""

    project: Path = field(default=Path(), metadata=_meaning("folder with policy.yaml and features.yaml"))
    bundle: Path | None = field(default=None, metadata=_meaning("model bundle directory; none = rules only"))
    watch: bool = field(default=True, metadata=_meaning("put changed files of the project in force"))
    alert_webhook: str = field(
        default="", metadata=_meaning("http(s) address that alerts are posted to; empty = the policy's, if it has one")
    )
    trial_seconds: float = field(
        default=60.0, metadata=_meaning("longest time to compile a candidate and run its suites", 1, 160)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientConfig:
    """How a command reaches a running Befit."""

    address: str = field(default="127.0.0.1:50051", metadata=_meaning("HOST:PORT of a running Befit"))
    timeout_seconds: float = field(default=2.0, metadata=_meaning("longest wait for an answer", 0.01, 600))


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """All that `befit serve` and its workers need."""

    project: ProjectConfig = field(default_factory=ProjectConfig)
    listen: ListenConfig = field(default_factory=ListenConfig)
    store: StoreConfig = field(default_factory=StoreConfig)
    workers: WorkersConfig = field(default_factory=WorkersConfig)


def read(section: type[T], flags: Mapping[str, object], environ: Mapping[str, str] | None = None) -> T:
    """One section, e.g. `read(ListenConfig, {"port": 9000})`. Raises ConfigInvalid with every mistake.

    `flags` by field name, None = not given (names of other sections are passed over); the environment
    variable of `metrics_port` is BEFIT_METRICS_PORT; empty variables count as not given.
    """
    mistakes: list[str] = []
    values = _values(section, flags, os.environ if environ is None else environ, mistakes)
    if mistakes:
        raise ConfigInvalid(tuple(mistakes))
    return section(**values)


def read_serve(flags: Mapping[str, object], environ: Mapping[str, str] | None = None) -> ServeConfig:
    """Every section that `befit serve` needs. Raises ConfigInvalid with the mistakes of all of them."""
    environ = os.environ if environ is None else environ
    mistakes: list[str] = []
    sections: dict[str, Any] = {}
    for name, section in typing.get_type_hints(ServeConfig).items():
        values = _values(section, flags, environ, mistakes)
        sections[name] = (section, values)
    if mistakes:
        raise ConfigInvalid(tuple(mistakes))
    return ServeConfig(**{name: section(**values) for name, (section, values) in sections.items()})


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def _values(
    section: type, flags: Mapping[str, object], environ: Mapping[str, str], mistakes: list[str]
) -> dict[str, object]:
    types = typing.get_type_hints(section)
    values: dict[str, object] = {}
    for setting in fields(section):
        given, origin = _given(setting.name, flags, environ)
        if given is None:
            continue
        try:
            values[setting.name] = _checked(setting, types[setting.name], given)
        except ValueError as mistake:
            mistakes.append(f"{origin}: {mistake}")
    return values


def _given(name: str, flags: Mapping[str, object], environ: Mapping[str, str]) -> tuple[object, str]:
    if flags.get(name) is not None:
        return flags[name], f"--{name.replace('_', '-')}"
    return environ.get(variable(name)) or None, variable(name)


def _checked(setting: Field[Any], wanted: Any, given: object) -> object:
    """The value in the type of its field; raises ValueError with a plain sentence."""
    if wanted is bool:
        return _flag(given)
    if wanted is str:
        return str(given)
    if wanted not in (int, float):
        return Path(str(given))
    return _number(wanted, given, setting.metadata["least"], setting.metadata["most"])


def _flag(given: object) -> bool:
    word = str(given).lower()
    if word not in _YES | _NO:
        raise ValueError(f"{given!r} is neither yes nor no")
    return word in _YES


def _number(wanted: type[int | float], given: object, least: float, most: float) -> float:
    try:
        number = wanted(str(given))
    except ValueError:
        raise ValueError(f"{given!r} is not a {'whole ' if wanted is int else ''}number") from None
    if not least <= number <= most:
        raise ValueError(f"{given} is not between {least:g} and {most:g}")
    return number
