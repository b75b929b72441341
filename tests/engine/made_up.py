"""Made-up companies for the whole loop: their files, people and truth, and money of which the truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

from engine.demo.company.customers import Population, draw_customers
from engine.demo.company.draws import Floats, sigmoid
from engine.demo.company.moments import Moments
from engine.demo.company.read_sketch import load_sketch
from engine.demo.company.sketch import Sketch
from engine.demo.company.truth import Truth, truth_of
from engine.demo.rounds.rounds import Round
from engine.project import load_snapshot
from engine.snapshot import Snapshot

COMPANIES = Path(__file__).parent / "companies"
SEED = 1


@dataclass
class MadeUp:
    """A company out of a folder, with so many customers."""

    folder: Path
    customers: int

    @cached_property
    def snapshot(self) -> Snapshot:
        return load_snapshot(self.folder, None)

    @cached_property
    def sketch(self) -> Sketch:
        return load_sketch(self.folder, self.snapshot.schema, self.snapshot.policy.policy)

    @cached_property
    def population(self) -> Population:
        return draw_customers(self.sketch, self.customers, SEED)

    @cached_property
    def truth(self) -> Truth:
        return truth_of(self.sketch, self.population, SEED)

    def money(self, chances: Floats) -> Floats:
        """What proposing each of the truth's actions earns at these chances, (n, A)."""
        actions = {one.id: one for one in self.snapshot.policy.policy.actions}
        mine = [actions[name] for name in self.sketch.actions]
        gains, costs = [one.value["margin"] for one in mine], [one.cost for one in mine]
        return chances * np.array(gains, dtype=np.float64) - np.array(costs, dtype=np.float64)


def bookshop(customers: int) -> MadeUp:
    """What its customers would accept follows from features and from two traits that are in no feature."""
    return MadeUp(COMPANIES / "bookshop", customers)


def expected_in_bookshop(shop: MadeUp, moments: Moments) -> Floats:
    """E[P | features and moment], (n, A): given those, the logit is normal - its mean what the sketch says without
    `taste`, `mood` and noise, its spread theirs - so the expectation is a Gauss-Hermite sum."""
    age, children = shop.population.number("age"), shop.population.number("has_children")
    pulls = (2 * np.tanh((40 - age) / 6), 2 * np.tanh((age - 60) / 6), 4 * children - 2)
    without = Truth(shop.sketch, shop.population, shop.truth.pulls, np.log(0.4 / 0.6) + np.column_stack(pulls))
    chances = without.acceptance(moments)
    mean, spread = np.log(chances / (1 - chances)), np.sqrt(0.3**2 + 0.3**2 + np.array([0.5, 0.5, 0.0]) ** 2)
    nodes, weights = hermegauss(40)
    parts = [weight * sigmoid(mean + spread * node) for node, weight in zip(nodes, weights, strict=True)]
    return np.asarray(sum(parts) / weights.sum())


def best_in_bookshop(shop: MadeUp, played: Round) -> Floats:
    """The true expected money of a round's meetings, (n,), had everybody got what is best for all that is known of
    them."""
    known = shop.money(expected_in_bookshop(shop, played.meetings.moments))
    earned = np.take_along_axis(shop.money(played.meetings.acceptance), known.argmax(axis=1)[:, None], axis=1)[:, 0]
    return np.where(known.max(axis=1) > 0, earned, 0.0)
