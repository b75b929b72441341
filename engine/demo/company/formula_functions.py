"""What formulas may call: arithmetic, choices between names, and draws.

| | |
|---|---|
| `sin cos tanh exp log abs floor sigmoid` of x, `minimum maximum` of x, y | as always |
| `clip(x, low, high)`, `round(x, decimals)` | likewise |
| `normal(mean, sd) uniform(low, high) exponential(mean) gamma(shape, scale) poisson(mean)` | draws |
| `chance(p)`, `happens(margin)` | true with probability p, or sigmoid(margin) |
| `one_of(name=margin, ...)` | one of the names, with softmax probabilities |
| `bursts(mean, size)` | a decayed count: mostly 0, else about `size` |
| `grade(x, "low", 1, "middle", 2, "high")` | the name of the range that x lies in |
| `by(text, name=number, ...)` | the number that goes with the text; 0 where there is none |
| `given(x, flag)` | x, or missing where the flag is false |
| `known(x, default)` | x, or the default where it is missing |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.demo.company.draws import Floats, Texts, bursts, one_of, sigmoid


@dataclass(frozen=True, slots=True)
class Chance:
    """Where draws come from, and how many rows they fill."""

    rng: np.random.Generator
    rows: int

    def spread(self, value: Any) -> Floats:
        """A number, or one per row, as shape (rows,)."""
        return np.broadcast_to(np.asarray(value, dtype=np.float64), (self.rows,))


def _normal(chance: Chance, mean: Any = 0.0, sd: Any = 1.0) -> Floats:
    return chance.rng.normal(chance.spread(mean), sd)


def _happens(chance: Chance, margin: Any) -> Any:
    return chance.rng.random(chance.rows) < sigmoid(chance.spread(margin))


def _one_of(chance: Chance, **margins: Any) -> Texts:
    return one_of(tuple(margins), np.column_stack([chance.spread(one) for one in margins.values()]), chance.rng)


def _grade(chance: Chance, value: Any, *names_and_bounds: Any) -> Texts:
    names, bounds = names_and_bounds[::2], names_and_bounds[1::2]
    return np.array(names, dtype=np.str_)[np.digitize(chance.spread(value), bounds)]


def _by(chance: Chance, text: Any, **numbers: Any) -> Floats:
    found = np.zeros(chance.rows)
    for name, number in numbers.items():
        found = np.where(np.equal(text, name), number, found)
    return found


def _given(chance: Chance, value: Any, flag: Any) -> Any:
    whole = np.broadcast_to(np.asarray(value), (chance.rows,))
    return np.where(flag, whole, "" if whole.dtype.kind == "U" else np.nan)


def _known(_: Chance, value: Any, default: Any) -> Any:
    missing = np.equal(value, "") if np.asarray(value).dtype.kind == "U" else np.isnan(value)
    return np.where(missing, default, value)


def _of_one(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda _, value: function(np.asarray(value, dtype=np.float64))


def _of_two(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda _, left, right: function(np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: _of_one(getattr(np, name)) for name in ("sin", "cos", "tanh", "exp", "log", "abs", "floor")},
    **{name: _of_two(getattr(np, name)) for name in ("minimum", "maximum")},
    "clip": lambda _, value, low, high: np.clip(np.asarray(value, dtype=np.float64), low, high),
    "sigmoid": _of_one(sigmoid),
    "round": lambda _, value, decimals=0: np.round(np.asarray(value, dtype=np.float64), decimals),
    "normal": _normal,
    "uniform": lambda chance, low, high: chance.rng.uniform(chance.spread(low), high),
    "exponential": lambda chance, mean: chance.rng.exponential(chance.spread(mean)),
    "gamma": lambda chance, shape, scale: chance.rng.gamma(chance.spread(shape), scale),
    "poisson": lambda chance, mean: chance.rng.poisson(chance.spread(mean)).astype(np.float64),
    "chance": lambda chance, share: chance.rng.random(chance.rows) < share,
    "happens": _happens,
    "one_of": _one_of,
    "bursts": lambda chance, mean, size: bursts(chance.spread(mean), size, chance.rng),
    "grade": _grade,
    "by": _by,
    "given": _given,
    "known": _known,
}
"""By name; the first argument of each is the Chance."""
