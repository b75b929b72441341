"""When, where and after what customers are met: the part of a contact that changes from one day to the next."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from engine.demo.company.customers import Population
from engine.demo.company.traits import Flags, Floats, Indexes, Texts, Traits, one_of

CHANNELS = ("call_centre", "web_shop", "app_push", "sms", "wechat", "wechat_push")
OUTBOUND = frozenset({"app_push", "sms", "wechat_push"})
PAGES = ("home", "phones", "tariffs", "accessories", "home_internet", "basket", "help")
_CHANNEL_LEAN = np.log([0.28, 0.36, 0.2, 0.12, 0.02, 0.02])


@dataclass(frozen=True, slots=True)
class Moments:
    """Contacts by row, shape (k,) each.

    `who` is the customer's row; `channel` indexes CHANNELS; `hour` of the local day, 0 to 24; `page` is "" beside
    the shop; `queue` minutes waited, 0 beside the call centre; `basket_value` and `spent_30d` EUR; the others count
    as the real-time features of the same names do.
    """

    who: Indexes
    channel: Indexes
    hour: Floats
    page: Texts
    queue: Floats
    pages_viewed_7d: Floats
    phones_viewed_3d: Floats
    tariffs_viewed_3d: Floats
    cancellation_viewed_7d: Floats
    help_viewed_2d: Floats
    basket_value: Floats
    spent_30d: Floats
    app_opens_14d: Floats

    def __len__(self) -> int:
        return len(self.who)

    def take(self, rows: Indexes) -> Moments:
        """The same for some rows."""
        return Moments(*(getattr(self, one.name)[rows] for one in fields(self)))

    def among(self, *channels: str) -> Flags:
        """Which rows happen in one of these channels."""
        return np.isin(self.channel, [CHANNELS.index(name) for name in channels])


def draw_moments(population: Population, who: Indexes, rng: np.random.Generator) -> Moments:
    """One moment for each entry of `who`, with the channel, hour and behaviour such a customer would have."""
    traits = population.traits
    channel = _channel(population, who, rng)
    web = channel == CHANNELS.index("web_shop")
    called = channel == CHANNELS.index("call_centre")
    return Moments(
        who=who,
        channel=channel,
        hour=_hour(channel, rng),
        page=np.where(web, one_of(PAGES, _page_margins(traits, who), rng), ""),
        queue=np.where(called, np.round(rng.exponential(4.0, len(who)), 1), 0.0),
        pages_viewed_7d=_bursts(1.2 + 4.0 * web, 6.0, rng),
        phones_viewed_3d=_bursts(0.25 * np.exp(0.6 * traits.curiosity[who]) * (1.0 + 1.5 * web), 4.0, rng),
        tariffs_viewed_3d=_bursts(0.15 * np.exp(0.4 * traits.thrift[who]) * (1.0 + 1.5 * web), 3.0, rng),
        cancellation_viewed_7d=_bursts(0.04 * np.exp(-0.5 * traits.warmth[who]), 2.0, rng),
        help_viewed_2d=_bursts(0.2 + 0.1 * population.number("calls_90d")[who], 2.0, rng),
        basket_value=np.where(web & (rng.random(len(who)) < 0.15), np.round(rng.gamma(1.5, 90.0, len(who)), 2), 0.0),
        spent_30d=_bursts(10.0 * np.exp(0.3 * traits.means[who]), 70.0, rng),
        app_opens_14d=_bursts(2.0 * np.exp(0.5 * traits.hunger[who]), 5.0, rng),
    )


def _channel(population: Population, who: Indexes, rng: np.random.Generator) -> Indexes:
    """Nobody is sent anything they did not consent to; only who reads Chinese is met on WeChat."""
    lean = np.tile(_CHANNEL_LEAN, (len(who), 1))
    lean[:, 0] += 0.015 * (population.traits.years[who] - 46.0)
    lean[:, 4] += np.where(population.columns["preferred_language"][who] == "zh", 3.0, -20.0)
    for place, name in enumerate(CHANNELS):
        if name in OUTBOUND:
            lean[:, place] += np.where(population.consent[f"{name}:marketing"][who], 0.7, -20.0)
    chosen: Indexes = np.argmax(lean + rng.gumbel(size=lean.shape), axis=1)
    return chosen


def _hour(channel: Indexes, rng: np.random.Generator) -> Floats:
    """Desks from 8 to 20, pushes from 8 to 21, the shop at all hours but mostly in the evening."""
    day = 8.0 + 12.5 * rng.beta(2.0, 2.0, channel.shape)
    shop = np.mod(20.0 + 4.5 * rng.normal(size=channel.shape), 24.0)
    return np.where(channel == CHANNELS.index("web_shop"), shop, day)


def _page_margins(traits: Traits, who: Indexes) -> Floats:
    level = [1.2, 0.5, 0.2, -0.3, -0.6, -0.9, 0.0]
    margins = np.tile(level, (len(who), 1))
    margins[:, 1] += 0.5 * traits.curiosity[who]
    margins[:, 2] += 0.3 * traits.thrift[who]
    return margins


def _bursts(mean: Floats, size: float, rng: np.random.Generator) -> Floats:
    """Decayed counts: mostly zero, now and then a burst of about `size`; `mean` on average."""
    mean = np.asarray(mean, dtype=np.float64)
    active = rng.random(mean.shape) < mean / (mean + size)
    return np.where(active, np.round(rng.gamma(1.6, (mean + size) / 1.6), 2), 0.0)
