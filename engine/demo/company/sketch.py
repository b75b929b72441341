"""What a pack says of its company in `company.yaml`: how its customers are drawn, and what they would accept.

    version: 1
    traits: {thrift: normal(), bound: happens(0.4 - thrift)}       # what nobody knows, in order; formulas
    features: {tenure_months: floor(exponential(34))}              # what is known, by the names of features.yaml
    consent: {app_push:marketing: happens(0.5)}
    contacts:
      busy: gamma(2, 1) * (1 + calls_90d)                          # how often somebody is met, against others
      channels:                                                    # where: softmax of `lean`
        shop: {lean: 1 + thrift, hour: "uniform(8, 20)", candour: 0.2, effect: 0.1, strangers: 0.3}
        app_push: {lean: 0.4, hour: "uniform(9, 21)", candour: 0.1, reach: 1, consent: app_push:marketing}
      context: {page: 'given(one_of(home=1, phones=0), channel == "shop")'}
      features: {pages_viewed_7d: "bursts(2, 6)"}                  # what events would have told by then
      afterwards: {last_call_seconds: 'given(150 + 260 * accepted, channel == "shop")'}
    acceptance:                                                    # in logits
      everything: 0.45 * warmth
      at_the_moment: -0.02 * queue_minutes
      needs: {data: -1.1 * cos(pi * data_used_share)}
      needs_at_the_moment: {data: 0.9 * tanh(tariffs_viewed_3d / 3)}
      actions: {tariff_plus: {rate: 0.05, to: plan_data_gb < 40, needs: {data: 0.75}}}
    aftermath:                                                     # what else they tell or do; may be missing
      purchase: {chance: 0.03 + 0.9 * accepted, amount: 20 + worth}
      COMPLAINT: {chance: 0.002 * contacts, reason: '"too_many_offers"'}

Formulas are told in `formula`; one reads what stands above it. In `contacts` and `acceptance` there are also `channel`
and `hour` (local, 0 to 24), in `afterwards` also `accepted`, in `aftermath` also `worth` (of what was accepted) and
`contacts` (offers and messages in the last week). A channel's `candour` is the share of those who decline that say so,
`strangers` the share of contacts of which nobody knows who it was, `reach` how much `peak_hour` matters, `teams` who
answers there. What follows is an outcome (`rating`, `reason`) or an event (its attributes), by its name.
Contacts of the policy that have no entry under `actions` are new: nobody was offered them in the past.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

from engine.demo.company.draws import Column, Flags, Floats
from engine.demo.company.formula import Formula
from engine.demo.company.formula_functions import Chance

Formulas = Mapping[str, Formula]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSketch:
    """One channel: who is met there, when, and how it bears on the answer. `consent` names what it needs, "" = none;
    agents work there if there are `teams`."""

    name: str
    lean: Formula
    hour: Formula
    candour: float
    effect: float = 0.0
    peak_hour: float = 12.0
    reach: float = 0.0
    consent: str = ""
    strangers: float = 0.0
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionSketch:
    """One action: `rate` is the acceptance by an average customer without a particular need, `to` whom it makes any
    sense, `needs` logits per unit of each need, `success` the outcome that counts, `channels` where it is treated."""

    id: str
    rate: float
    to: Formula | None
    needs: Mapping[str, float]
    success: str
    channels: frozenset[str]


@dataclass(frozen=True, slots=True)
class ContactsSketch:
    """Where, when and after what customers are met."""

    busy: Formula
    channels: tuple[ChannelSketch, ...]
    context: Formulas = field(default_factory=dict)
    features: Formulas = field(default_factory=dict)
    afterwards: Formulas = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AcceptanceSketch:
    """What moves customers to accept; `needs` are lasting, `passing` is what the moment adds to them."""

    everything: Formula
    at_the_moment: Formula
    needs: Formulas
    passing: Formulas
    actions: tuple[ActionSketch, ...]


@dataclass(frozen=True, slots=True)
class Sketch:
    """A company to draw. `zone` is the policy's time zone; `aftermath` by type of outcome or event the chance of it,
    then what it tells."""

    zone: str
    traits: Formulas
    features: Formulas
    consent: Formulas
    contacts: ContactsSketch
    acceptance: AcceptanceSketch
    aftermath: Mapping[str, Formulas] = field(default_factory=dict)

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.contacts.channels)

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.acceptance.actions)


def drawn(formulas: Formulas, known: Mapping[str, Column], seed: Sequence[int], rows: int) -> dict[str, Column]:
    """The columns of these formulas, each over those before it. Each has draws of its own, so that another feature
    leaves the others as they were."""
    columns = dict(known)
    for name, formula in formulas.items():
        rng = np.random.default_rng([*seed, crc32(name.encode())])
        columns[name] = formula.column(columns, Chance(rng, rows))
    return {name: columns[name] for name in formulas}


def floats(column: Column) -> Floats:
    """Numbers and flags as numbers."""
    return np.asarray(column, dtype=np.float64)


def flags(column: Column) -> Flags:
    """Numbers other than 0 as true."""
    return np.asarray(column, dtype=np.bool_)
