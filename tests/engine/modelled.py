"""The corner shop with a small model of its own: over customer, hour, action and earlier contacts."""

from __future__ import annotations

from pathlib import Path

import lightgbm
import numpy as np

from engine.snapshot import Snapshot, snapshot_of
from models.bundle import load_bundle
from models.bundle_writer import BundleParts, write_bundle
from models.calibration import IDENTITY, Calibration, Curve
from models.manifest import Input, InputScope, InputType, Training, column_names
from models.pair import PAIR_INPUTS
from rules.policy import Exploration
from tests.engine.company import changed, corner_shop

SHOP = changed(corner_shop(), exploration=Exploration(), control_groups=())
IDS = tuple(one.id for one in SHOP.policy.policy.actions)
INPUTS = (
    Input("customer.value_12m", InputScope.CUSTOMER, feature="value_12m"),
    Input("customer.handset_os", InputScope.CUSTOMER, InputType.CATEGORY, ("ios", "android", "other"), "handset_os"),
    Input("moment.hour", InputScope.MOMENT),
    Input("action.id", InputScope.ACTION, InputType.CATEGORY, IDS),
    *PAIR_INPUTS[:2],
)
EVIDENCE = {"upgrade_unlimited": [150, 500], "film_box": [5, 100]}
CURVE = Calibration({"*": IDENTITY, "film_box": Curve((0.0, 0.5, 1.0), (0.0, 0.1, 0.2))})


def modelled_shop(folder: Path) -> Snapshot:
    """The shop with the model, written to a folder that does not exist yet."""
    draws = np.random.default_rng(3)
    rows = np.empty((3000, len(INPUTS)), dtype=np.float32)
    rows[:, 0] = draws.gamma(2.0, 400.0, 3000)
    rows[:, 1] = draws.integers(0, 3, 3000)
    rows[:, 2] = draws.integers(0, 24, 3000)
    rows[:, 3] = draws.integers(0, len(IDS), 3000)
    rows[:, 4] = draws.integers(0, 4, 3000)
    rows[:, 5] = np.where(rows[:, 4] > 0, draws.random(3000) * 30, np.nan)
    margin = rows[:, 0] / 800 - 1.5 + 0.1 * rows[:, 3] - 0.4 * rows[:, 4] + 0.02 * rows[:, 2]
    settings = {"objective": "binary", "num_leaves": 15, "verbose": -1, "num_threads": 1, "seed": 1}
    names_ = list(column_names(INPUTS))
    label = draws.random(3000) < 1 / (1 + np.exp(-margin))
    dataset = lightgbm.Dataset(rows, label, feature_name=names_, categorical_feature=[1, 3], params=settings)
    text = lightgbm.train(settings, dataset, num_boost_round=20).model_to_string()
    training = Training(0.0, 1.0, 3000)
    parts = BundleParts("shop", 2.0, text, INPUTS, SHOP.schema, "", training, CURVE, {"evidence": EVIDENCE}, rows[:500])
    write_bundle(folder, parts)
    return snapshot_of(SHOP.policy, SHOP.schema, load_bundle(folder))
