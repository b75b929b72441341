"""What one side of a comparison hands over to the other changes nothing: held to sides that work everything out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from engine.decide import resolve
from engine.simulation import sides
from engine.simulation.questions import LoggedBatch, Pair
from engine.simulation.sides import Plan, SidePlan, build
from models.bundle_writer import BundleParts, write_bundle
from models.calibration import IDENTITY, Calibration
from models.manifest import Input, InputScope, InputType, Training, column_names
from models.pair import PAIR_INPUTS
from models.served import EVERYONE, Level, Served
from tests.engine.company import corner_shop
from tests.engine.simulated import past, shop

IDS = corner_shop().policy.catalogue.ids
INPUTS = (
    Input("customer.value_12m", InputScope.CUSTOMER, feature="value_12m"),
    Input("moment.hour", InputScope.MOMENT),
    Input("action.id", InputScope.ACTION, InputType.CATEGORY, IDS),
    *PAIR_INPUTS[:2],
)
TABLE = Served(Level.TIERS, {EVERYONE: {"film_box": 0.1}, "relationship_1": {"film_box": 0.4, "new_phone": 0.3}})
PAST = LoggedBatch(past().records[:90])


def bundle(folder: Path, served: Served) -> Path:
    """A small model over customer, hour, action and earlier contacts."""
    draws = np.random.default_rng(3)
    rows = draws.random((2000, len(INPUTS))).astype(np.float32) * (2000, 24, len(IDS), 4, 30)
    rows[:, 2:4] = np.floor(rows[:, 2:4])
    label = draws.random(2000) < 1 / (1 + np.exp(1.5 - rows[:, 0] / 800 - 0.1 * rows[:, 2] + 0.4 * rows[:, 3]))
    settings = {"objective": "binary", "num_leaves": 15, "verbose": -1, "num_threads": 1, "seed": 1}
    dataset = lightgbm.Dataset(
        rows, label, feature_name=list(column_names(INPUTS)), categorical_feature=[2], params=settings
    )
    text = lightgbm.train(settings, dataset, num_boost_round=10).model_to_string()
    calibration = Calibration({"*": IDENTITY})
    training = Training(0.0, 1.0, 2000)
    sample = rows[:200].astype(np.float32)
    schema = corner_shop().schema
    parts = BundleParts("shop", 2.0, text, INPUTS, schema, "", training, calibration, {}, sample, served)
    write_bundle(folder, parts)
    return folder


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path | None]:
    home = tmp_path_factory.mktemp("bundles")
    return {"model": bundle(home / "model", Served()), "table": bundle(home / "table", TABLE), "none": None}


def tiers_turned() -> SidePlan:
    """Two tiers change places."""
    side = shop()
    root = side.policy.root
    first, second, last = root.value["tiers"].value["order"].value
    order = replace(root.value["tiers"].value["order"], value=(second, first, last))
    tiers = replace(root.value["tiers"], value={**root.value["tiers"].value, "order": order})
    return replace(side, policy=replace(side.policy, root=replace(root, value={**root.value, "tiers": tiers})))


CHANGES = {
    "a boost": shop("lever.film_box=3"),
    "a start": shop("actions.basic_tariff.starting.propensity=0.5"),
    "a rule": shop(adult="block_when: customer.age < 40"),
    "the tiers": tiers_turned(),
}


@pytest.mark.parametrize(
    ("name", "served"), [*((name, "model") for name in CHANGES), ("the tiers", "table"), ("a rule", "none")]
)
def test_sharing_changes_nothing(
    bundles: dict[str, Path | None], name: str, served: str, monkeypatch: pytest.MonkeyPatch
):
    plan = Plan(*(replace(side, bundle=bundles[served]) for side in (shop(), CHANGES[name])))
    both = build(plan)
    assert both.alike
    monkeypatch.setattr(sides, "sharing", lambda before, after: (before, after))
    alone = replace(build(plan), alike=False)
    for shared, apart in zip(PAST.asked(both), PAST.asked(alone), strict=True):
        assert isinstance(shared, Pair)
        assert isinstance(apart, Pair)
        for side in ("before", "after"):
            one = resolve(getattr(both, side), getattr(shared, side))
            other = resolve(getattr(alone, side), getattr(apart, side))
            assert one.removals == other.removals
            assert [placed.picked for placed in one.placed] == [placed.picked for placed in other.placed]
            for found, expected in zip(one.scored.arrays(), other.scored.arrays(), strict=True):
                np.testing.assert_array_equal(found, expected)
