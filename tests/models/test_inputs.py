"""How moments and actions become numbers, the same for training and serving."""

import math

import numpy as np

from models.actions import ActionColumn, ActionTable
from models.features import Feature, FeatureSchema, FeatureType
from models.inputs import (
    ContextKey,
    MomentEncoder,
    MomentSeen,
    Setting,
    action_inputs,
    action_matrix,
    customer_inputs,
    moment_inputs,
    recoded,
)
from models.manifest import InputScope, InputType

SETTING = Setting(
    channels={"web": "inbound", "push": "outbound"},
    intents=("", "cancel"),
    context=(ContextKey("queue", FeatureType.NUMBER), ContextKey("page", FeatureType.CATEGORY, ("home", "basket"))),
)
ACTIONS = ActionTable(
    ids=("gold", "silver", "fresh"),
    stable_ids=np.array([1, 2, 3], dtype=np.uint32),
    kinds=("OFFER", "OFFER", "ASK"),
    issues=("sales", "sales", "service"),
    groups=("cards", "cards", "profile"),
    success=("ACCEPTED",) * 3,
    windows=np.ones(3),
    contacts=np.ones(3, dtype=bool),
    attributes=(
        ActionColumn("price", InputType.NUMBER, np.array([9, 4, np.nan], dtype=np.float32)),
        ActionColumn("family", InputType.CATEGORY, np.array([1, 0, 1], dtype=np.float32), ("a", "b")),
    ),
)


def test_features_known_after_the_outcome_or_not_logged_are_no_inputs() -> None:
    schema = FeatureSchema(
        (
            Feature("age", FeatureType.INTEGER),
            Feature("call_duration", FeatureType.NUMBER, known_after_outcome=True),
            Feature("income", FeatureType.NUMBER, logged=False),
            Feature("os", FeatureType.CATEGORY, ("ios", "android")),
            Feature("contract", FeatureType.FLAG),
        )
    )
    inputs = customer_inputs(schema)
    assert [one.name for one in inputs] == ["customer.age", "customer.os", "customer.contract"]
    assert [one.type for one in inputs] == [InputType.NUMBER, InputType.CATEGORY, InputType.NUMBER]
    assert inputs[1].values == ("ios", "android")
    assert {one.scope for one in inputs} == {InputScope.CUSTOMER}


def test_a_moment_is_encoded_in_the_order_of_the_inputs() -> None:
    moment = MomentSeen("push", "outbound", 21.0, 7.0, "cancel", {"queue": 3, "page": "basket"})
    inputs = moment_inputs(SETTING)
    np.testing.assert_array_equal(MomentEncoder(inputs).encode(moment), [1, 1, 21, 7, 1, 3, 1])
    np.testing.assert_array_equal(MomentEncoder(inputs[::-1][:2]).encode(moment), [1, 3])


def test_what_the_model_never_heard_of_is_missing() -> None:
    moment = MomentSeen("kiosk", "inbound", 0.0, 1.0, "divorce", {"page": "jobs"})
    encoded = MomentEncoder(moment_inputs(SETTING)).encode(moment)
    np.testing.assert_array_equal(encoded, [math.nan, 0, 0, 1, math.nan, math.nan, math.nan])


def test_an_action_is_its_name_its_place_and_its_attributes() -> None:
    inputs = action_inputs(ACTIONS, known=("silver", "gold"))
    assert [one.name for one in inputs] == [
        "action.id",
        "action.kind",
        "action.issue",
        "action.group",
        "action.price",
        "action.family",
    ]
    np.testing.assert_array_equal(
        action_matrix(inputs, ACTIONS),
        [[1, 0, 0, 0, 9, 1], [0, 0, 0, 0, 4, 0], [math.nan, 1, 1, 1, math.nan, 1]],
    )


def test_a_catalogue_that_changed_since_training_keeps_every_code_its_meaning() -> None:
    trained = action_inputs(ACTIONS, known=("gold", "silver", "fresh"))
    later = ActionTable(
        ids=("platinum", "silver"),
        stable_ids=np.array([9, 2], dtype=np.uint32),
        kinds=("OFFER", "OFFER"),
        issues=("sales", "sales"),
        groups=("wallets", "cards"),
        success=("ACCEPTED",) * 2,
        windows=np.ones(2),
        contacts=np.ones(2, dtype=bool),
        attributes=(ActionColumn("family", InputType.CATEGORY, np.array([0, 2], dtype=np.float32), ("b", "c", "a")),),
    )
    np.testing.assert_array_equal(
        action_matrix(trained, later),
        [[math.nan, 0, 0, math.nan, math.nan, 1], [1, 0, 0, 0, math.nan, 0]],
    )


def test_recoding_leaves_missing_missing() -> None:
    cells = np.array([0, np.nan, 1], dtype=np.float32)
    np.testing.assert_array_equal(recoded(("x", "y"), ("y",), cells), [math.nan, math.nan, 0])
