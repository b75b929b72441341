"""The shop whose history the tests read: three actions, two channels, five features."""

import numpy as np
import pytest

from models import kernel_scorer
from models.actions import ActionColumn, ActionTable
from models.features import Feature, FeatureSchema, FeatureType
from models.history_check import Terms
from models.inputs import ContextKey, Setting
from models.manifest import InputType

DAY = 86_400.0


@pytest.fixture(autouse=True)
def without_a_kernel(monkeypatch, tmp_path) -> None:
    """Whatever was compiled on this machine, the scorers under test are those of the repository."""
    monkeypatch.setattr(kernel_scorer, "kernel_path", lambda: tmp_path / "none.so")


@pytest.fixture(scope="session")
def history_terms() -> Terms:
    features = (
        Feature("age", FeatureType.INTEGER),
        Feature("value", FeatureType.NUMBER),
        Feature("os", FeatureType.CATEGORY, ("ios", "android", "other")),
        Feature("contract", FeatureType.FLAG),
        Feature("call_duration", FeatureType.NUMBER, known_after_outcome=True),
        Feature("income", FeatureType.NUMBER, logged=False),
    )
    actions = ActionTable(
        ids=("plan", "phone", "survey"),
        stable_ids=np.array([30, 10, 20], dtype=np.uint32),
        kinds=("OFFER", "OFFER", "ASK"),
        issues=("sales", "sales", "service"),
        groups=("tariffs", "devices", "profile"),
        success=("ACCEPTED", "CONVERSION", "ANSWERED"),
        windows=np.array([14 * DAY, 14 * DAY, 2 * DAY]),
        contacts=np.array([True, True, True]),
        attributes=(ActionColumn("price", InputType.NUMBER, np.array([20, 300, 0], dtype=np.float32)),),
    )
    setting = Setting(
        channels={"web": "inbound", "push": "outbound"},
        intents=("", "cancel"),
        outcomes=("ANSWERED",),
        context=(ContextKey("queue", FeatureType.NUMBER), ContextKey("page", FeatureType.CATEGORY, ("home", "basket"))),
        time_zone="Europe/Berlin",
    )
    return Terms(FeatureSchema(features), actions, setting)
