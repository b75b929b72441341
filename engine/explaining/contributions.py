"""What weighed most in the chance of the proposed actions, told by what the inputs mean."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from engine.explaining.told import Contribution, Value
from engine.explaining.wording import Wording
from engine.explaining.worlds import World
from models.contributions import effects_of
from models.features import FeatureSchema, FeatureType
from models.manifest import Input, InputType

MOST_TOLD = 3


def contributions_of(world: World, actions: Sequence[int], wording: Wording) -> Mapping[int, tuple[Contribution, ...]]:
    """For each of the actions (catalogue indexes) that the model scored, the strongest contributions first."""
    expectation, scored = world.snapshot.expectation, world.resolution.scored
    modelled = scored.actions[expectation.modelled[scored.actions]]
    if expectation.bundle is None or not scored.customer.size:
        return {}
    places = [place for place, action in enumerate(modelled.tolist()) if action in actions]
    chosen = modelled[np.array(places, dtype=np.intp)]
    rows = expectation.rows((scored.customer, scored.moment, scored.pair[places]), chosen)
    effects = effects_of(expectation.bundle.booster, rows).inputs
    inputs = expectation.bundle.manifest.inputs
    told = zip(chosen.tolist(), rows, effects, strict=True)
    schema = world.snapshot.schema
    return {action: tuple(_strongest(inputs, schema, (row, effect), wording)) for action, row, effect in told}


def _strongest(
    inputs: Sequence[Input], schema: FeatureSchema, told: tuple[np.ndarray, np.ndarray], wording: Wording
) -> Iterator[Contribution]:
    row, effects = told
    for place in np.argsort(-np.abs(effects), kind="stable")[:MOST_TOLD].tolist():
        effect = effects.item(place)
        if effect == 0.0:
            return
        one = inputs[place]
        meaning, value = wording.meaning_of(one.name), _value(one, schema, row.item(place))
        yield Contribution(one.name, meaning, value, effect, wording.contribution(meaning, value, effect))


def _value(one: Input, schema: FeatureSchema, number: float) -> Value | None:
    """What the model saw, as people write it."""
    if math.isnan(number):
        return None
    if one.type is InputType.CATEGORY:
        return one.values[int(number)] if 0 <= number < len(one.values) else None
    if one.feature in schema and schema.feature(one.feature).type is FeatureType.FLAG:
        return number > 0.0
    return float(f"{number:.7g}")
