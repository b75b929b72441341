"""Which inputs a model gets from a history, and which are left out with a reason."""

from pathlib import Path

import numpy as np
import pytest

from models.history import read_history
from models.history_check import Terms
from models.matrix import FeatureRefused, Matrix, training_matrix

HEAD = "customer_id,at,channel,action,outcome,age,os,value,context.queue"
ROWS = [
    "ann,2026-01-05T10:00,web,plan,REJECTED,30,ios,,1",
    "bob,2026-01-06T11:00,push,phone,REJECTED,40,android,,2",
    "cat,2026-01-06T11:00,web,plan,ACCEPTED,,other,,2",
]


def matrix(folder: Path, terms: Terms, features: tuple[str, ...] = ()) -> Matrix:
    (folder / "history.csv").write_text("\n".join([HEAD, *ROWS]))
    return training_matrix(read_history([folder / "history.csv"], terms), terms, features)


def column(found: Matrix, name: str) -> list[float]:
    return found.rows[:, [one.name for one in found.inputs].index(name)].tolist()


def test_every_scope_has_its_columns(tmp_path: Path, history_terms: Terms) -> None:
    found = matrix(tmp_path, history_terms)
    assert column(found, "customer.os") == [0, 1, 2]
    assert column(found, "moment.direction") == [0, 1, 0]
    assert column(found, "moment.hour") == [10, 11, 11]
    assert column(found, "moment.weekday") == [1, 2, 2]
    assert column(found, "context.queue") == [1, 2, 2]
    assert column(found, "action.id") == [0, 1, 0]
    assert column(found, "action.group") == [0, 1, 0]
    assert column(found, "action.price") == [20, 300, 20]
    np.testing.assert_array_equal(column(found, "customer.age"), [30, 40, np.nan])


def test_what_tells_nothing_is_left_out_with_its_reason(tmp_path: Path, history_terms: Terms) -> None:
    found = matrix(tmp_path, history_terms)
    assert found.left_out["customer.value"] == "missing in every row"
    assert found.left_out["customer.contract"] == "not in the history"
    assert found.left_out["action.kind"] == "the same in every row"
    assert found.left_out["pair.times_shown"] == "the same in every row"
    assert not {one.name for one in found.inputs} & set(found.left_out)
    assert found.rows.shape == (3, len(found.inputs))


def test_only_actions_of_the_history_have_a_name(tmp_path: Path, history_terms: Terms) -> None:
    inputs = {one.name: one for one in matrix(tmp_path, history_terms).inputs}
    assert inputs["action.id"].values == ("plan", "phone")
    assert inputs["action.group"].values == ("tariffs", "devices", "profile")


def test_chosen_features_are_the_only_ones(tmp_path: Path, history_terms: Terms) -> None:
    found = matrix(tmp_path, history_terms, features=("os",))
    assert [one.feature for one in found.inputs if one.feature] == ["os"]


@pytest.mark.parametrize(
    ("name", "why"),
    [("call_duration", "only after the outcome"), ("income", "log: no"), ("agee", "did you mean 'age'")],
)
def test_a_feature_that_no_model_may_read_cannot_be_demanded(
    tmp_path: Path, history_terms: Terms, name: str, why: str
) -> None:
    with pytest.raises(FeatureRefused, match=why):
        matrix(tmp_path, history_terms, features=("age", name))
