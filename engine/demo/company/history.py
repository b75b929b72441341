"""What happened in the last 180 days: offers made at random, and how customers answered.

The offers came from a uniformly random policy over all that made sense in the channel, so the probability of each
row (1 / number of choices) is known, and any policy can be valued on this history without bias.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from engine.demo.company.customers import Population
from engine.demo.company.moments import CHANNELS, Moments, draw_moments
from engine.demo.company.offered import Offered, in_channels, sensible
from engine.demo.company.traits import Flags, Floats, Indexes, Texts
from engine.demo.company.truth import Fatigue, Truth

DAYS = 180
_DAY = 86400.0
_ZONE = ZoneInfo("Europe/Berlin")
_FADING_DAYS = 30.0
_STRANGERS_IN_THE_SHOP = 0.3


@dataclass(frozen=True, slots=True)
class History:
    """Contacts in order of time, shape (rows,) each.

    `at` seconds since the epoch; `action` indexes the truth's actions; `propensity` is the true probability of
    success, which no file shows; `probability` that with which the action was chosen; `anonymous` = the shop
    did not know who it was.
    """

    at: Floats
    moments: Moments
    action: Indexes
    outcome: Texts
    propensity: Floats
    probability: Floats
    anonymous: Flags


class _Past:
    """What each customer has seen, refused and taken so far, per action, shape (n, A); seen and refused fade."""

    def __init__(self, customers: int, actions: int) -> None:
        self._shown = np.zeros((customers, actions))
        self._refused = np.zeros((customers, actions))
        self._last_at = np.zeros(customers)
        self.taken = np.zeros((customers, actions), dtype=np.bool_)

    def fatigue(self, who: Indexes, at: Floats) -> Fatigue:
        """Let the past of `who` fade until `at` (s), and say what is left."""
        fading = np.exp((self._last_at[who] - at) / (_FADING_DAYS * _DAY))[:, None]
        self._shown[who] *= fading
        self._refused[who] *= fading
        self._last_at[who] = at
        return Fatigue(self._shown[who], self._refused[who])

    def remember(self, who: Indexes, action: Indexes, success: Flags, refused: Flags) -> None:
        self._shown[who, action] += 1.0
        self._refused[who[refused], action[refused]] = 1.0
        self.taken[who[success], action[success]] = True


def draw_history(population: Population, truth: Truth, offered: Sequence[Offered], rows: int, now: float) -> History:
    """`rows` contacts (a few less, where nothing made sense) of the 180 days before `now` (s).

    `offered` stands in the order of the truth's actions. The same arguments give the same history.
    """
    rng = np.random.default_rng([len(population), rows, 3])
    moments = draw_moments(population, _busy_customers(population, rows, rng), rng)
    at, moments = _spread(moments, now, rng)
    who = moments.who
    choices = sensible(population, offered)[who] & in_channels(offered)[moments.channel]
    past = _Past(len(population), len(offered))
    action, probability = np.full(rows, -1), np.zeros(rows)
    propensity, answer = np.zeros(rows), rng.random(rows)
    refusing = answer > 1.0 - _candour(moments)
    for met in _turns(who):
        action[met], probability[met] = _choose(choices[met] & ~past.taken[who[met]], rng)
        turn = met[action[met] >= 0]
        chances = truth.acceptance(moments.take(turn), past.fatigue(who[turn], at[turn]))
        propensity[turn] = chances[np.arange(len(turn)), action[turn]]
        past.remember(who[turn], action[turn], answer[turn] < propensity[turn], refusing[turn])
    success = np.array([one.success for one in offered])[action]
    outcome = np.where(answer < propensity, success, np.where(refusing, "REJECTED", "NO_RESPONSE"))
    anonymous = moments.among("web_shop") & (rng.random(rows) < _STRANGERS_IN_THE_SHOP)
    return _only(History(at, moments, action, outcome, propensity, probability, anonymous), action >= 0)


def _spread(moments: Moments, now: float, rng: np.random.Generator) -> tuple[Floats, Moments]:
    """The moments in order of time, each at its local hour of one of the days before `now`, with their times (s)."""
    local = datetime.fromtimestamp(now, _ZONE)
    days = [datetime.combine(local.date() - timedelta(days=back), time(), _ZONE) for back in range(1, DAYS + 1)]
    midnights = np.array([day.timestamp() for day in days])
    at = midnights[rng.integers(0, DAYS, len(moments))] + 3600.0 * moments.hour
    order = np.argsort(at, kind="stable")
    return at[order], moments.take(order)


def _busy_customers(population: Population, rows: int, rng: np.random.Generator) -> Indexes:
    """Who is met, row by row: some customers are met far more often than others."""
    busy = rng.gamma(2.0, 1.0, len(population)) * (1.0 + 0.3 * population.number("calls_90d"))
    return np.searchsorted(np.cumsum(busy) / busy.sum(), rng.random(rows), side="right").clip(0, len(population) - 1)


def _candour(moments: Moments) -> Floats:
    """Share of those who decline that say so: nearly all on the phone, few in a push."""
    return np.array([0.72, 0.22, 0.1, 0.06, 0.25, 0.1])[moments.channel]


def _turns(who: Indexes) -> Iterator[Indexes]:
    """Rows of the customers' first contacts, then of their second ones, and so on, so that each turn meets nobody
    twice and earlier contacts are known to later ones."""
    order = np.argsort(who, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(who[order]) != 0])
    turn = np.arange(len(who)) - np.repeat(starts, np.diff(np.r_[starts, len(who)]))
    for number in range(int(turn.max()) + 1):
        yield np.sort(order[turn == number])


def _choose(choices: Flags, rng: np.random.Generator) -> tuple[Indexes, Floats]:
    """One of the possible actions per row, uniformly, with its probability; -1 where nothing is possible."""
    count = choices.sum(axis=1)
    chosen = np.argmax(rng.random(choices.shape) * choices, axis=1)
    return np.where(count > 0, chosen, -1), 1.0 / np.maximum(count, 1)


def _only(history: History, rows: Flags) -> History:
    parts = {one.name: getattr(history, one.name) for one in fields(History)}
    kept = np.flatnonzero(rows)
    return History(**{name: part.take(kept) if name == "moments" else part[kept] for name, part in parts.items()})


def channel_names(history: History) -> Texts:
    """The channel of each row by name, shape (rows,)."""
    return np.array(CHANNELS)[history.moments.channel]
