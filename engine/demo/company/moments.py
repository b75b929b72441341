"""When, where and after what customers are met: the part of a contact that changes from one day to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.demo.company.customers import Population
from engine.demo.company.draws import Column, Floats, Indexes
from engine.demo.company.formula_functions import Chance
from engine.demo.company.sketch import ChannelSketch, Sketch, drawn, floats


@dataclass(frozen=True, slots=True)
class Moments:
    """Contacts by row, shape (k,) each.

    `who` is the customer's row; `channel` indexes the sketch's channels; `hour` of the local day, 0 to 24; `context`
    and `features` by name: what was said at the time, and what events had told by then.
    """

    who: Indexes
    channel: Indexes
    hour: Floats
    context: Mapping[str, Column]
    features: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.who)

    def take(self, rows: Indexes) -> Moments:
        """The same for some rows."""
        return Moments(
            self.who[rows],
            self.channel[rows],
            self.hour[rows],
            {name: column[rows] for name, column in self.context.items()},
            {name: column[rows] for name, column in self.features.items()},
        )


def columns_at(sketch: Sketch, population: Population, moments: Moments) -> dict[str, Column]:
    """All that formulas may read at these moments: customers, channel, hour, context, events."""
    known = {name: column[moments.who] for name, column in population.everything.items()}
    where: Column = np.array(sketch.channels)[moments.channel]
    return {**known, "channel": where, "hour": moments.hour, **moments.context, **moments.features}


def draw_moments(sketch: Sketch, population: Population, who: Indexes, seed: int) -> Moments:
    """One moment for each entry of `who`, with the channel, hour and behaviour such a customer would have."""
    known = {name: column[who] for name, column in population.everything.items()}
    channel = _channel(sketch, population, known, who, np.random.default_rng([seed, 4]))
    hours = [one.hour.column(known, _chance(one, len(who), seed)) for one in sketch.contacts.channels]
    hour = np.column_stack([floats(one) for one in hours])[np.arange(len(who)), channel]
    where = {"channel": np.array(sketch.channels)[channel], "hour": hour}
    context = drawn(sketch.contacts.context, {**known, **where}, (seed, 5), len(who))
    features = drawn(sketch.contacts.features, {**known, **where, **context}, (seed, 6), len(who))
    return Moments(who, channel, hour, context, features)


def _chance(channel: ChannelSketch, rows: int, seed: int) -> Chance:
    return Chance(np.random.default_rng([seed, 7, *channel.name.encode()]), rows)


def _channel(
    sketch: Sketch, population: Population, known: Mapping[str, Column], who: Indexes, rng: np.random.Generator
) -> Indexes:
    """Nobody is sent anything they did not consent to."""
    chance = Chance(rng, len(who))
    leans = [floats(one.lean.column(known, chance)) for one in sketch.contacts.channels]
    for lean, one in zip(leans, sketch.contacts.channels, strict=True):
        if one.consent:
            lean[~population.consent[one.consent][who]] = -20.0
    lean = np.column_stack(leans)
    chosen: Indexes = np.argmax(lean + rng.gumbel(size=lean.shape), axis=1)
    return chosen
