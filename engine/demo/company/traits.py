"""What customers are like and nobody wrote down: the traits behind everything that is observed of them.

`warmth` (how they feel about the company) is in no feature; tenure and survey answers hint at it. `thrift`,
`curiosity`, `hunger` (for data) and `wanderlust` show through what people own and do. Each is near a standard normal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.str_]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Traits:
    """One entry per customer, shape (n,). `years` is the age, `means` the household's money (standardised)."""

    years: Floats
    means: Floats
    thrift: Floats
    warmth: Floats
    curiosity: Floats
    hunger: Floats
    wanderlust: Floats

    def __len__(self) -> int:
        return len(self.years)


def draw_traits(count: int, rng: np.random.Generator) -> Traits:
    """Correlated traits: money makes less thrifty and more curious, age less curious and less hungry for data."""
    years = np.clip(rng.normal(46.0, 16.0, count), 14.0, 92.0)
    age = (years - 46.0) / 16.0
    means = 0.9 * rng.normal(size=count) + 0.3 * np.sin(np.pi * np.clip(years, 18.0, 80.0) / 80.0)
    curiosity = 0.8 * rng.normal(size=count) - 0.4 * age + 0.3 * means
    return Traits(
        years=years,
        means=means,
        thrift=0.85 * rng.normal(size=count) - 0.5 * means,
        warmth=rng.normal(size=count),
        curiosity=curiosity,
        hunger=0.75 * rng.normal(size=count) - 0.4 * age + 0.3 * curiosity,
        wanderlust=0.85 * rng.normal(size=count) + 0.4 * means,
    )


def sigmoid(margin: Floats) -> Floats:
    """1 / (1 + e^-x), for margins of any size."""
    return 0.5 * (1.0 + np.tanh(0.5 * margin))


def happens(margin: Floats, rng: np.random.Generator) -> Flags:
    """True with probability sigmoid(margin), independently for each entry."""
    return rng.random(margin.shape) < sigmoid(margin)


def one_of(names: tuple[str, ...], margins: Floats, rng: np.random.Generator) -> Texts:
    """One of `names` per row of `margins` (n, len(names)), with softmax probabilities: Gumbel's trick."""
    noisy = margins + rng.gumbel(size=margins.shape)
    chosen: Texts = np.array(names, dtype=np.str_)[np.argmax(noisy, axis=1)]
    return chosen


def rounded(values: Floats, decimals: int) -> Floats:
    """The values as a company would keep them, to so many decimals."""
    return np.asarray(np.round(values, decimals), dtype=np.float64)


def forget(values: Floats, share: float, rng: np.random.Generator) -> Floats:
    """The same numbers with a random share of them missing (NaN)."""
    return np.where(rng.random(values.shape) < share, np.nan, values)
