"""All conditions of one evaluation as one CEL list: evaluated once per decision, whatever the number of actions.

A condition is unknown (None) when any variable that it reads has no value, even where another part of it
would have settled the matter: `known.x && customer.x > 5` is unknown without x. A value of type ERROR spoils
the whole list; then, and only then, the conditions are evaluated one by one, and those that fail are unknown.
Most of the cost is that of binding variables, so only those that the conditions read are bound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cel_expr_python import cel

from rules.condition import Condition
from rules.facts import FLAG, INTEGER, NUMBER, Variable
from rules.situation import Value

Found = Value | list[Value] | None
"""What an expression gave; None = unknown."""

_CHUNK_CHARACTERS = 60_000
_DUMMIES: Mapping[str, Value] = {NUMBER: 0.0, INTEGER: 0.0, FLAG: False}


@dataclass(frozen=True, slots=True)
class ConditionError:
    """A condition that CEL could not evaluate: its slot, its text and what CEL said. It counts as unknown."""

    slot: int
    condition: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What each condition gave, by slot, and which of them failed."""

    values: Sequence[Found]
    errors: tuple[ConditionError, ...] = ()


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
    """Evaluates the conditions of a `Slots`. `evaluations` counts calls of CEL, for tests and metrics."""

    def __init__(self, slots: Slots, env: cel.Env, variables: Mapping[str, Variable]) -> None:
        self.evaluations = 0
        self._conditions = tuple(slots.conditions)
        self._chunks = tuple(_Chunk(chunk, env, variables) for chunk in _chunked(self._conditions))
        self.reads = tuple(sorted({name for condition in self._conditions for name in condition.reads}))

    def __len__(self) -> int:
        return len(self._conditions)

    @property
    def texts(self) -> tuple[str, ...]:
        """The conditions as written, by slot."""
        return tuple(condition.text for condition in self._conditions)

    def evaluate(self, values: Mapping[str, Value]) -> Verdicts:
        """The verdicts for the variables' values; a variable that is absent is unknown."""
        found: list[Found] = []
        errors: list[ConditionError] = []
        for chunk in self._chunks:
            found += self._evaluate(chunk, len(found), values, errors)
        return Verdicts(found, tuple(errors))

    def _evaluate(
        self, chunk: _Chunk, first: int, values: Mapping[str, Value], errors: list[ConditionError]
    ) -> list[Found]:
        missing = chunk.names.difference(values)
        known = {**chunk.dummies, **values} if missing else values
        bound = {name: known[name] for name in chunk.dummies}
        unknown = {slot for name in missing for slot in chunk.readers[name]}
        self.evaluations += 1
        result = chunk.program.eval(data=bound)
        found: list[Found]
        if result.type() != cel.Type.ERROR:
            found = result.plain_value()
            for slot in unknown:
                found[slot] = None
            return found
        found = [None] * len(chunk.conditions)
        for slot in sorted(set(range(len(found))) - unknown):
            alone = self._alone(chunk.conditions[slot], bound)
            if isinstance(alone, str):
                errors.append(ConditionError(first + slot, chunk.conditions[slot].text, alone))
            else:
                found[slot] = alone.plain_value()
        return found

    def _alone(self, condition: Condition, bound: Mapping[str, Value]) -> cel.Value | str:
        """The value of one condition, or what CEL says went wrong."""
        self.evaluations += 1
        result = condition.program.eval(data={name: bound[name] for name in condition.reads})
        return str(result.value()) if result.type() == cel.Type.ERROR else result


class _Chunk:
    """Conditions that share one CEL expression; CEL takes at most 100,000 characters at once."""

    def __init__(self, conditions: Sequence[Condition], env: cel.Env, variables: Mapping[str, Variable]) -> None:
        self.conditions = conditions
        # A line break ends a comment that a condition may close with.
        self.program = env.compile("[" + "\n,".join(condition.text for condition in conditions) + "\n]")
        names = sorted({name for condition in conditions for name in condition.reads})
        self.names = frozenset(names)
        self.dummies = {name: _DUMMIES.get(variables[name].type, "") for name in names}
        self.readers = {
            name: tuple(slot for slot, condition in enumerate(conditions) if name in condition.reads) for name in names
        }


def _chunked(conditions: Sequence[Condition]) -> list[Sequence[Condition]]:
    chunks: list[list[Condition]] = []
    room = 0
    for condition in conditions:
        room -= len(condition.text) + 2
        if room < 0:
            chunks.append([])
            room = _CHUNK_CHARACTERS
        chunks[-1].append(condition)
    return [tuple(chunk) for chunk in chunks]
