"""All conditions of one evaluation: evaluated once per decision, whatever the number of actions.

A condition is unknown (None) when any variable that it reads has no value, even where another part of it
would have settled the matter: `known.x && customer.x > 5` is unknown without x. Most conditions are one function (see
`rules.scalar_parts`); the others are one CEL list, of which most of the cost is that of binding the variables they
read. A value of type ERROR spoils the whole list; then, and only then, its conditions are evaluated one by one, and
those that fail are unknown. So are those that meet a value of another type than was declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cel_expr_python import cel

from rules.condition import Condition
from rules.facts import FLAG, INTEGER, NUMBER, Variable
from rules.live import LiveColumn
from rules.scalar_parts import all_parts, scalar_part
from rules.situation import Value

Found = Value | list[Value] | LiveColumn | None
"""What an expression gave; None = unknown. And live facts of actions, at the end."""

_CHUNK_CHARACTERS = 60_000
_DUMMIES: Mapping[str, Value] = {NUMBER: 0.0, INTEGER: 0.0, FLAG: False}


@dataclass(frozen=True, slots=True)
class ConditionError:
    """A condition that CEL could not evaluate: its slot, its text and what CEL said. It counts as unknown."""

    slot: int
    condition: str
    message: str


class Verdicts(NamedTuple):
    """What each condition gave, by slot, and which of them failed."""

    values: Sequence[Found]
    errors: tuple[ConditionError, ...] = ()


def with_live(verdicts: Verdicts, columns: Sequence[LiveColumn]) -> Verdicts:
    """The verdicts with the live facts of actions at their end, the first one last."""
    return Verdicts([*verdicts.values, *reversed(columns)], verdicts.errors)


class Slots:
    """Gathers the conditions of one evaluation while a policy compiles; equal texts share a slot."""

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}
        self.conditions: list[Condition] = []

    def add(self, condition: Condition) -> int:
        """The slot in which the condition's value will stand."""
        if condition.text not in self._slots:
            self._slots[condition.text] = len(self.conditions)
            self.conditions.append(condition)
        return self._slots[condition.text]


class FusedConditions:
    """Evaluates the conditions of a `Slots`. `evaluations` counts evaluations of the whole, and of single conditions
    that had to be told apart, for tests and metrics."""

    def __init__(self, slots: Slots, env: cel.Env, variables: Mapping[str, Variable]) -> None:
        self.evaluations = 0
        self._conditions = tuple(slots.conditions)
        parts = [scalar_part(condition.tree) for condition in self._conditions]
        self._parts = all_parts(parts)
        left = [slot for slot, part in enumerate(parts) if part is None]
        self._chunks = tuple(_Chunk(chunk, self._conditions, env) for chunk in _chunked(left, self._conditions))
        self.reads = tuple(sorted({name for condition in self._conditions for name in condition.reads}))
        self._names = frozenset(self.reads)
        self._dummies = {name: _DUMMIES.get(variables[name].type, "") for name in self.reads}
        self._readers = {name: tuple(self._reading(name)) for name in self.reads}

    def __len__(self) -> int:
        return len(self._conditions)

    @property
    def texts(self) -> tuple[str, ...]:
        """The conditions as written, by slot."""
        return tuple(condition.text for condition in self._conditions)

    def evaluate(self, values: Mapping[str, Value]) -> Verdicts:
        """The verdicts for the variables' values; a variable that is absent is unknown."""
        missing = self._names.difference(values)
        known = {**self._dummies, **values} if missing else values
        unknown = {slot for name in missing for slot in self._readers[name]}
        self.evaluations += bool(self._conditions)
        errors: list[ConditionError] = []
        found: list[Found]
        try:
            found = self._parts(known)
        except TypeError:
            found = [None] * len(self._conditions)
            errors += self._one_by_one(range(len(found)), known, unknown, found)
        else:
            for chunk in self._chunks:
                errors += self._ask(chunk, known, unknown, found)
        for slot in unknown:
            found[slot] = None
        return Verdicts(found, tuple(errors))

    def _reading(self, name: str) -> Iterable[int]:
        return (slot for slot, condition in enumerate(self._conditions) if name in condition.reads)

    def _ask(
        self, chunk: _Chunk, known: Mapping[str, Value], unknown: set[int], found: list[Found]
    ) -> list[ConditionError]:
        """What CEL says of a chunk, entered into `found`."""
        result = chunk.program.eval(data={name: known[name] for name in chunk.names})
        if result.type() == cel.Type.ERROR:
            return self._one_by_one(chunk.slots, known, unknown, found)
        for slot, value in zip(chunk.slots, result.plain_value(), strict=True):
            found[slot] = value
        return []

    def _one_by_one(
        self, slots: Iterable[int], known: Mapping[str, Value], unknown: set[int], found: list[Found]
    ) -> list[ConditionError]:
        """What CEL says of each condition alone, entered into `found`; and what it says went wrong."""
        errors = []
        for slot in slots:
            if slot in unknown:
                continue
            self.evaluations += 1
            condition = self._conditions[slot]
            result = condition.program.eval(data={name: known[name] for name in condition.reads})
            if result.type() == cel.Type.ERROR:
                errors.append(ConditionError(slot, condition.text, str(result.value())))
            else:
                found[slot] = result.plain_value()
        return errors


class _Chunk:
    """Conditions that share one CEL expression, by their slots; CEL takes at most 100,000 characters at once."""

    def __init__(self, slots: Sequence[int], conditions: Sequence[Condition], env: cel.Env) -> None:
        self.slots = tuple(slots)
        chosen = [conditions[slot] for slot in slots]
        # A line break ends a comment that a condition may close with.
        self.program = env.compile("[" + "\n,".join(condition.text for condition in chosen) + "\n]")
        self.names = tuple(sorted({name for condition in chosen for name in condition.reads}))


def _chunked(slots: Sequence[int], conditions: Sequence[Condition]) -> list[list[int]]:
    chunks: list[list[int]] = []
    room = 0
    for slot in slots:
        room -= len(conditions[slot].text) + 2
        if room < 0:
            chunks.append([])
            room = _CHUNK_CHARACTERS
        chunks[-1].append(slot)
    return chunks
