"""With which probability a customer accepts an action: the ground truth, for measuring how near a model comes.

For customer i, action a and a moment m

    p = sigmoid( logit(rate_a) - 0.1 + sum over needs d of pull_ad x need_d(i, m)
                 - price_feel_a x thrift_i x (1 + 0.4 sin(2 thrift_i))
                 + 0.45 warmth_i + channel(m) + 0.3 cos(2 pi (hour_m - peak) / 24) x reach(m)
                 - 0.02 queue_m - 0.45 ln(1 + shown_ia) - 0.9 refused_ia + 0.3 noise_ia )

Needs are smooth and interact (sines of use and age of the handset, products of a trait with a use), so no
tree of few splits holds them. `warmth` and `noise` are in no feature: what they explain, no model can learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from documents.problem import BefitError
from engine.demo.company.appeal import APPEALS, NEEDS
from engine.demo.company.customers import Population
from engine.demo.company.moments import Moments
from engine.demo.company.traits import Floats, sigmoid

_CHANNEL = np.array([0.45, -0.05, -0.35, -0.55, 0.15, -0.2])
_PEAK_HOUR = np.array([10.0, 20.0, 18.0, 12.0, 20.0, 19.0])
_REACH = np.array([0.5, 1.0, 1.6, 0.6, 1.0, 1.4])


class AppealUnknown(BefitError):
    """The policy proposes actions of which the company's truth says nothing."""


@dataclass(frozen=True, slots=True)
class Fatigue:
    """How often a customer has seen each action, recent times counting more, and what was refused; shape (k, A)."""

    shown: Floats
    refused: Floats


@dataclass(frozen=True, slots=True)
class Truth:
    """The ground truth of one population over `actions`. `lasting`: logits that no moment changes, shape (n, A)."""

    actions: tuple[str, ...]
    pulls: Floats
    lasting: Floats

    def acceptance(self, moments: Moments, fatigue: Fatigue | None = None) -> Floats:
        """The probability of success of every action at every moment, shape (k, A)."""
        logits = self.lasting[moments.who] + _passing_needs(moments) @ self.pulls.T
        logits += _circumstances(moments)[:, None]
        if fatigue is not None:
            logits -= 0.45 * np.log1p(fatigue.shown) + 0.9 * fatigue.refused
        return sigmoid(logits)


def truth_of(population: Population, actions: Sequence[str], seed: int) -> Truth:
    """The truth of a population. Raises AppealUnknown where an action has no appeal written down."""
    strange = [action for action in actions if action not in APPEALS]
    if strange:
        raise AppealUnknown(f"no appeal is written down for {', '.join(strange)}")
    appeals = [APPEALS[action] for action in actions]
    pulls = np.array([[appeal.pulls.get(need, 0.0) for need in NEEDS] for appeal in appeals])
    rate = np.array([appeal.rate for appeal in appeals])
    feel = np.array([appeal.price_feel for appeal in appeals])
    thrift = population.traits.thrift
    noise = np.random.default_rng([seed, 2]).normal(size=(len(population), len(actions)))
    lasting = np.log(rate / (1.0 - rate)) - 0.1 + _lasting_needs(population) @ pulls.T + 0.3 * noise
    lasting -= (thrift * (1.0 + 0.4 * np.sin(2.0 * thrift)))[:, None] * feel
    return Truth(tuple(actions), pulls, lasting + 0.45 * population.traits.warmth[:, None])


def _lasting_needs(population: Population) -> Floats:
    """The needs that come from what customers have and use, shape (n, len(NEEDS)), each near mean 0."""
    traits = population.traits
    share = np.clip(population.number("data_used_share"), 0.0, 1.5)
    months = np.clip(population.number("handset_age_months", 18.0), 0.0, 44.0)
    ending = np.clip(population.number("contract_end_days", 365.0), -60.0, 365.0)
    tired = np.sin(2.0 * np.pi * (months - 11.0) / 66.0)
    streaming = population.number("streaming_share", 0.4)
    needs = {
        "data": -1.1 * np.cos(np.pi * share / 1.5) + 0.5 * np.tanh(3.0 * population.number("data_trend")),
        "phone": 0.7 * tired + 0.55 * tired * traits.curiosity,
        "thrift": traits.thrift + 0.4 * np.sin(np.pi * share) * traits.thrift,
        "travel": 2.0 * np.tanh(population.number("roaming_days_90d") / 5.0) - 1.0 + 0.3 * traits.wanderlust,
        "home": 1.2 * np.tanh(0.7 * (population.number("household_lines") - 1.4))
        + 0.4 * traits.means * (streaming - 0.4),
        "fun": 2.4 * (streaming - 0.42) + 0.5 * traits.hunger * np.cos(np.pi * share / 1.5),
        "bond": 0.9 * np.cos(np.pi * ending / 365.0) * (1.0 - 0.4 * traits.curiosity) - 0.3,
        "caution": np.tanh((traits.years - 46.0) / 20.0) + 0.5 * traits.means * np.sin(months / 9.0),
        "trouble": np.tanh(0.5 * population.number("calls_90d")) + 0.8 * population.number("open_complaints") - 0.3,
        "novelty": traits.curiosity * (0.8 + 0.3 * np.sin(2.0 * traits.curiosity)),
    }
    return np.column_stack([needs[need] for need in NEEDS])


def _passing_needs(moments: Moments) -> Floats:
    """What customers do just now adds to their needs, shape (k, len(NEEDS))."""
    on_phones, on_tariffs = moments.page == "phones", moments.page == "tariffs"
    passing = {
        "data": 0.9 * np.tanh(moments.tariffs_viewed_3d / 3.0) + 0.4 * on_tariffs,
        "phone": 1.5 * np.tanh(moments.phones_viewed_3d / 4.0) + 0.5 * on_phones,
        "novelty": 0.3 * np.tanh(moments.pages_viewed_7d / 12.0) * (1.0 + on_phones),
        "home": 0.8 * (moments.page == "home_internet"),
        "bond": -0.8 * np.tanh(moments.cancellation_viewed_7d / 2.0),
        "trouble": 0.5 * np.tanh(moments.help_viewed_2d / 2.0),
        "fun": 0.15 * np.tanh(moments.app_opens_14d / 6.0),
    }
    still = np.zeros(len(moments))
    return np.column_stack([passing.get(need, still) for need in NEEDS])


def _circumstances(moments: Moments) -> Floats:
    """Channel, hour and waiting, shape (k,)."""
    swing = np.cos(2.0 * np.pi * (moments.hour - _PEAK_HOUR[moments.channel]) / 24.0)
    effect: Floats = _CHANNEL[moments.channel] + 0.3 * swing * _REACH[moments.channel] - 0.02 * moments.queue
    return effect
