"""With which probability a customer accepts an action: the ground truth, for measuring how near a model comes.

For customer i, action a and a moment m

    p = sigmoid( logit(rate_a) + everything_i + at_the_moment_m
                 + sum over needs d of need_ad x (lasting_id + passing_md)
                 + effect_c(m) + 0.3 cos(2 pi (hour_m - peak_c(m)) / 24) x reach_c(m)
                 - 0.45 ln(1 + shown_ia) - 0.9 refused_ia + 0.3 noise_ia )

Needs are smooth and interact (sines of use and age, products of a trait with a use), so no tree of few splits holds
them. Traits and `noise` are in no feature: what they explain, no model can learn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.demo.company.customers import Population
from engine.demo.company.draws import Floats, sigmoid
from engine.demo.company.moments import Moments, columns_at
from engine.demo.company.sketch import Formulas, Sketch, drawn, floats


@dataclass(frozen=True, slots=True)
class Fatigue:
    """How often a customer has seen each action, recent times counting more, and what was refused; shape (k, A)."""

    shown: Floats
    refused: Floats


@dataclass(frozen=True, slots=True)
class Truth:
    """The ground truth of one population. `pulls`: logits per unit of each need, shape (A, needs); `lasting`: logits
    that no moment changes, shape (n, A)."""

    sketch: Sketch
    population: Population
    pulls: Floats
    lasting: Floats

    @property
    def actions(self) -> tuple[str, ...]:
        return self.sketch.actions

    def acceptance(self, moments: Moments, fatigue: Fatigue | None = None) -> Floats:
        """The probability of success of every action at every moment, shape (k, A)."""
        columns = columns_at(self.sketch, self.population, moments)
        acceptance = self.sketch.acceptance
        passing = drawn({"": acceptance.at_the_moment, **acceptance.passing}, columns, (0,), len(moments))
        logits = (
            self.lasting[moments.who] + floats(passing[""])[:, None] + _circumstances(self.sketch, moments)[:, None]
        )
        still = np.zeros(len(moments))
        needs = [floats(passing[need]) if need in acceptance.passing else still for need in acceptance.needs]
        logits += np.column_stack(needs) @ self.pulls.T
        if fatigue is not None:
            logits -= 0.45 * np.log1p(fatigue.shown) + 0.9 * fatigue.refused
        return sigmoid(logits)


def truth_of(sketch: Sketch, population: Population, seed: int) -> Truth:
    """The truth of a population."""
    actions, needs = sketch.acceptance.actions, sketch.acceptance.needs
    pulls = np.array([[one.needs.get(need, 0.0) for need in needs] for one in actions])
    rate = np.array([one.rate for one in actions])
    noise = np.random.default_rng([seed, 8]).normal(size=(len(population), len(actions)))
    formulas: Formulas = {"": sketch.acceptance.everything, **needs}
    lasting = drawn(formulas, population.everything, (seed, 9), len(population))
    pulled = np.column_stack([floats(lasting[need]) for need in needs]) @ pulls.T
    logits = np.log(rate / (1.0 - rate)) + pulled + floats(lasting[""])[:, None] + 0.3 * noise
    return Truth(sketch, population, pulls, logits)


def _circumstances(sketch: Sketch, moments: Moments) -> Floats:
    """Channel and hour, shape (k,)."""
    told = np.array([(one.effect, one.peak_hour, one.reach) for one in sketch.contacts.channels])[moments.channel]
    swing = np.cos(2.0 * np.pi * (moments.hour - told[:, 1]) / 24.0)
    return np.asarray(told[:, 0] + 0.3 * swing * told[:, 2], dtype=np.float64)
