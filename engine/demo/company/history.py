"""What happened in the last 180 days: offers made at random, and how customers answered.

The offers came from a uniformly random policy over all that made sense in the channel, so the probability of each
row (1 / number of choices) is known, and any policy can be valued on this history without bias. Who is not known may be
offered whatever the channel has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from engine.demo.company.customers import Population
from engine.demo.company.draws import Flags, Floats, Indexes, Texts
from engine.demo.company.formula_functions import Chance
from engine.demo.company.moments import Moments, draw_moments
from engine.demo.company.sketch import Sketch, flags, floats
from engine.demo.company.truth import Fatigue, Truth

DAYS = 180
_DAY = 86400.0
_FADING_DAYS = 30.0


@dataclass(frozen=True, slots=True)
class History:
    """Contacts in order of time, shape (rows,) each.

    `at` seconds since the epoch; `action` indexes the truth's actions; `propensity` is the true probability of
    success, which no file shows; `probability` that with which the action was chosen; `anonymous` = the channel
    did not know who it was.
    """

    at: Floats
    moments: Moments
    action: Indexes
    outcome: Texts
    propensity: Floats
    probability: Floats
    anonymous: Flags


class Past:
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


def draw_history(population: Population, truth: Truth, rows: int, now: float) -> History:
    """`rows` contacts (a few less, where nothing made sense) of the 180 days before `now` (s).

    The same arguments give the same history.
    """
    sketch, seed = truth.sketch, len(population) + rows
    rng = np.random.default_rng([len(population), rows, 3])
    moments = draw_moments(sketch, population, _busy_customers(sketch, population, rows, rng), seed)
    at, moments = _spread(moments, ZoneInfo(sketch.zone), now, rng)
    who = moments.who
    anonymous = _anonymous(truth, moments)
    choices = (sensible(sketch, population)[who] | anonymous[:, None]) & _in_channels(sketch)[moments.channel]
    past = Past(len(population), len(truth.actions))
    action, probability = np.full(rows, -1), np.zeros(rows)
    propensity, answer = np.zeros(rows), rng.random(rows)
    refusing = answer > 1.0 - _told(sketch, "candour")[moments.channel]
    for met in _turns(who):
        action[met], probability[met] = _choose(choices[met] & ~(past.taken[who[met]] & ~anonymous[met, None]), rng)
        turn = met[action[met] >= 0]
        chances = truth.acceptance(moments.take(turn), past.fatigue(who[turn], at[turn]))
        propensity[turn] = chances[np.arange(len(turn)), action[turn]]
        past.remember(who[turn], action[turn], answer[turn] < propensity[turn], refusing[turn])
    success = np.array([one.success for one in sketch.acceptance.actions])[action]
    outcome = np.where(answer < propensity, success, np.where(refusing, "REJECTED", "NO_RESPONSE"))
    return _only(History(at, moments, action, outcome, propensity, probability, anonymous), action >= 0)


def sensible(sketch: Sketch, population: Population) -> Flags:
    """Which action makes any sense for which customer, shape (n, A): nothing is offered to those who have it."""
    everyone = np.ones(len(population), dtype=np.bool_)
    chance = Chance(np.random.default_rng(0), len(population))
    known = population.everything
    return np.column_stack(
        [everyone if one.to is None else flags(one.to.column(known, chance)) for one in sketch.acceptance.actions]
    )


def _in_channels(sketch: Sketch) -> Flags:
    """Which action is treated in which channel, shape (channels, A)."""
    return np.array([[name in one.channels for one in sketch.acceptance.actions] for name in sketch.channels])


def _anonymous(truth: Truth, moments: Moments) -> Flags:
    """Which moments the channel does not know the customer in."""
    rng = np.random.default_rng([len(truth.population), len(moments), 4])
    return rng.random(len(moments)) < _told(truth.sketch, "strangers")[moments.channel]


def _told(sketch: Sketch, name: str) -> Floats:
    return np.array([getattr(one, name) for one in sketch.contacts.channels])


def _spread(moments: Moments, zone: ZoneInfo, now: float, rng: np.random.Generator) -> tuple[Floats, Moments]:
    """The moments in order of time, each at its local hour of one of the days before `now`, with their times (s)."""
    local = datetime.fromtimestamp(now, zone)
    days = [datetime.combine(local.date() - timedelta(days=back), time(), zone) for back in range(1, DAYS + 1)]
    midnights = np.array([day.timestamp() for day in days])
    at = midnights[rng.integers(0, DAYS, len(moments))] + 3600.0 * moments.hour
    order = np.argsort(at, kind="stable")
    return at[order], moments.take(order)


def _busy_customers(sketch: Sketch, population: Population, rows: int, rng: np.random.Generator) -> Indexes:
    """Who is met, row by row: some customers are met far more often than others."""
    chance = Chance(rng, len(population))
    busy = floats(sketch.contacts.busy.column(population.everything, chance))
    return np.searchsorted(np.cumsum(busy) / busy.sum(), rng.random(rows), side="right").clip(0, len(population) - 1)


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
