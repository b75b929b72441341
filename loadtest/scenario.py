"""What is asked of a server in one measurement: a pinned file, so that two measurements compare."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "scenarios"
MODES = ("open", "closed")


class ScenarioInvalid(Exception):
    """A scenario file does not hold; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One sort of question. `share` is relative to the others'; `context` values are numbers, texts or flags."""

    channel: str
    share: float = 1.0
    intent: str = ""
    placements: tuple[str, ...] = ()
    trace: str = "NONE"
    context: Mapping[str, float | str | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`open`: `rate` calls a second arrive whatever happens. `closed`: `concurrency` callers, each awaits its answer.

    `connections` and `rate` are those of all client processes together. `strangers` is the share of questions about
    customers nobody knows. `reloads` policies are put in force meanwhile, evenly.
    """

    name: str
    says: str
    mix: tuple[Ask, ...]
    mode: str = "open"
    rate: float = 200.0
    concurrency: int = 1
    seconds: float = 20.0
    warm_up_seconds: float = 5.0
    connections: int = 8
    clients: int = 1
    workers: int = 1
    deadline_ms: float = 1000.0
    customers: int = 20_000
    strangers: float = 0.01
    seed: int = 1
    reloads: int = 0

    @property
    def window(self) -> float:
        """Seconds from the first call to the last."""
        return self.warm_up_seconds + self.seconds


def names() -> list[str]:
    """The pinned scenarios."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str) -> Scenario:
    """A pinned scenario by name, or a file by path. Raises ScenarioInvalid."""
    path = FOLDER / f"{name}.toml" if name in names() else Path(name)
    try:
        return read(path.stem, tomllib.loads(path.read_text()))
    except FileNotFoundError:
        raise ScenarioInvalid(f"there is no scenario {name}; there are: {', '.join(names())}") from None
    except tomllib.TOMLDecodeError as mistake:
        raise ScenarioInvalid(f"{path}: {mistake}") from mistake


def read(name: str, said: Mapping[str, Any]) -> Scenario:
    """A scenario from its parsed file. Raises ScenarioInvalid."""
    mix = tuple(_built(Ask, ask, f"{name}, mix {place}") for place, ask in enumerate(said.get("mix", ()), start=1))
    scenario: Scenario = _built(Scenario, {**said, "name": name, "mix": mix}, name)
    _check(scenario)
    return scenario


def _built(kind: type[Any], said: Mapping[str, Any], where: str) -> Any:
    known = {one.name for one in fields(kind)}
    if unknown := said.keys() - known:
        raise ScenarioInvalid(f"{where}: unknown {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
    try:
        return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in said.items()})
    except TypeError as mistake:
        raise ScenarioInvalid(f"{where}: {mistake}") from mistake


def _check(scenario: Scenario) -> None:
    if scenario.mode not in MODES:
        raise ScenarioInvalid(f"{scenario.name}: mode must be one of {', '.join(MODES)}")
    if not scenario.mix:
        raise ScenarioInvalid(f"{scenario.name}: there is nothing to ask: write [[mix]]")
    least = {"rate": scenario.rate, "seconds": scenario.seconds, "clients": scenario.clients}
    for name, value in least.items():
        if value <= 0:
            raise ScenarioInvalid(f"{scenario.name}: {name} must be above 0")
    if scenario.connections < scenario.clients:
        raise ScenarioInvalid(f"{scenario.name}: each of {scenario.clients} clients needs a connection")
