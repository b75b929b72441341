"""Which customers of a history are copies of one another, so that no copy of a training customer measures the model.

Vendor samples and joined tables hold people under several ids: a model that saw one copy knows the outcome
of the others, and a split by customer id alone then measures memory. Two customers are taken for copies
when they share a whole row of features, or all numbers of the features that are nearly as good as a name
(more than half of their values differ), and coincidence is no explanation: if features were independent,
fewer than three in a hundred such people would have a double; what is not known of both makes nobody a double. They
are not independent, so a resemblance is sometimes taken for a copy; that costs nothing but two customers who change
sides of the split together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CHANCE = 0.03
NAMING_SHARE = 0.5

Indexes = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Copies:
    """`groups`, shape (n_customers,): customers with one number belong together. `copied`: how many customers have
    another beside them in their group."""

    groups: Indexes
    copied: int


def find_copies(customers: Indexes, features: Floats) -> Copies:
    """Group customers (numbered from 0, one number per row, shape (n,)) by their features, shape (n, m)."""
    parent = np.arange(customers.max() + 1 if len(customers) else 0)
    codes = np.column_stack([np.unique(column, return_inverse=True)[1] for column in features.T] or [customers])
    distinct = codes.max(axis=0) + 1 if len(codes) else np.zeros(codes.shape[1])
    naming = distinct > NAMING_SHARE * max(len(parent), 1)
    known = ~np.isnan(features)
    if features.shape[1]:
        _join(parent, customers, codes, known)
    if naming.any() and not naming.all():
        _join(parent, customers, codes[:, naming], known[:, naming])
    groups = np.array([_root(parent, one) for one in range(len(parent))], dtype=np.intp)
    sizes = np.bincount(groups, minlength=len(groups))
    return Copies(groups, int((sizes[groups] > 1).sum()))


def _join(parent: Indexes, customers: Indexes, codes: Indexes, known: Flags) -> None:
    """Join the customers of rows with equal `codes`, unless chance explains the equality."""
    _, first, person = np.unique(_fingerprints(codes), return_index=True, return_inverse=True)
    telling = (_expected_by_chance(codes[first], known[first]) < CHANCE)[person]
    leader: dict[int, int] = {}
    for looks, customer in zip(person[telling].tolist(), customers[telling].tolist(), strict=True):
        one, other = _root(parent, leader.setdefault(looks, customer)), _root(parent, customer)
        parent[max(one, other)] = min(one, other)


def _fingerprints(codes: Indexes) -> npt.NDArray[np.uint64]:
    """One 64-bit number per row of codes, equal for equal rows; others collide about once in 10^19 pairs."""
    keys = np.random.default_rng(0)
    prints = np.zeros(len(codes), dtype=np.uint64)
    for column in codes.T:
        prints += keys.integers(2**64 - 1, size=int(column.max(initial=0)) + 1, dtype=np.uint64)[column]
    return prints


def _expected_by_chance(codes: Indexes, known: Flags) -> npt.NDArray[np.float64]:
    """How many of these different rows would equal each row in what is known of it if every column were drawn by
    itself."""
    logarithm = np.full(len(codes), np.log(max(len(codes), 1)), dtype=np.float64)
    for column, told in zip(codes.T, known.T, strict=True):
        logarithm += np.where(told, np.log(np.bincount(column) / len(codes))[column], 0.0)
    return np.asarray(np.exp(logarithm), dtype=np.float64)


def _root(parent: Indexes, one: int) -> int:
    while parent[one] != one:
        parent[one] = parent[parent[one]]
        one = int(parent[one])
    return one
