"""What `befit policy diff` and `befit simulate` ask both sides: a log's questions, or a file's customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from documents.problem import Problem
from engine.cli.exits import UsageMistaken
from engine.decision import Value
from engine.declared import Declared, listed
from engine.simulation.questions import Batch, LoggedBatch, Occasion
from engine.simulation.sides import Sides
from engine.simulation.sources import CustomersFile
from models.features import FeatureSchema
from models.table_file import count_rows
from rules.policy import Policy

TENANT = "default"


@dataclass(frozen=True, slots=True)
class Met:
    """Where and for what the customers of a file are met."""

    channel: str
    intent: str
    context: Mapping[str, Value]


class Source(Protocol):
    """Where questions come from. `words` say it to people; rows of a file that do not hold are `wrong`, known when all
    batches were taken; `problems` tells of the first."""

    @property
    def words(self) -> str: ...

    @property
    def total(self) -> int: ...

    @property
    def wrong(self) -> int: ...

    @property
    def problems(self) -> tuple[Problem, ...]: ...

    def batches(self, features: FeatureSchema) -> Iterable[Batch]: ...


class LogSource:
    """Logged decisions. Raises UsageMistaken where there are none."""

    wrong = 0
    problems: tuple[Problem, ...] = ()

    def __init__(self, batches: tuple[LoggedBatch, ...]) -> None:
        self._batches = batches
        self.total = sum(map(len, batches))
        self.words = f"the newest {self.total:,} logged decisions"
        if not batches:
            raise UsageMistaken("the log has no decisions; ask with --customers FILE --channel NAME")

    def batches(self, features: FeatureSchema) -> Iterable[Batch]:
        """The records carry what was known then, under the features of then."""
        del features
        return self._batches


class FileSource:
    """The customers of a file, met at one occasion; `clock` is when, for people. Raises DocumentInvalid where the file
    cannot be read."""

    def __init__(self, path: Path, occasion: Occasion, clock: datetime) -> None:
        self._file = CustomersFile(path, occasion)
        self.total = count_rows(path)
        said = f"{clock:%d %B %Y %H:%M}"
        self.words = f"the {self.total:,} customers of {path.name} in {occasion.channel} on {said}"

    @property
    def wrong(self) -> int:
        return self._file.wrong

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._file.problems

    def batches(self, features: FeatureSchema) -> Iterable[Batch]:
        """Read anew each time."""
        return self._file.batches(features)


def file_source(path: Path, sides: Sides, met: Met, at: datetime | None) -> FileSource:
    """The customers of a file, checked against both policies. `at` None = now. Raises UsageMistaken."""
    for side in (sides.before, sides.after):
        _check(side.policy.policy, met)
    zone = ZoneInfo(sides.before.policy.policy.time_zone)
    clock = datetime.now(zone) if at is None else at if at.tzinfo else at.replace(tzinfo=zone)
    return FileSource(path, Occasion(TENANT, met.channel, clock.timestamp(), met.intent, met.context), clock)


def _check(policy: Policy, met: Met) -> None:
    declared = Declared.of(policy)
    if met.channel not in declared.channels:
        said = f"the policy has no channel {met.channel!r}" if met.channel else "--customers needs --channel"
        raise UsageMistaken(f"{said}; it has {listed(tuple(declared.channels))}")
    if declared.intents is not None and met.intent not in declared.intents:
        raise UsageMistaken(f"the policy has no intent {met.intent!r}; it has {listed(policy.intents)}")
    for key, value in met.context.items():
        check = declared.context.get(key)
        if check is None:
            raise UsageMistaken(f"the policy has no context {key!r}; it has {listed(tuple(declared.context))}")
        if mistake := check(value):
            raise UsageMistaken(f"--context {key} {mistake}")
