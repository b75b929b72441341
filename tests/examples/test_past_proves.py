"""The drawn past of every company tells what any choice within its policy would have earned: all was tried."""

from __future__ import annotations

import numpy as np
import pytest

from engine.history_appraisal import appraised
from engine.history_terms import history_terms
from models.history import History, read_history
from models.table_file import column_names
from tests.examples.packs import NOW, Pack


@pytest.fixture(scope="module")
def past(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> History:
    """The newest quarter of the contacts, with what the policy allows in each."""
    path = tmp_path_factory.mktemp(pack.name) / "history.parquet"
    pack.contacts.tail(6_000).write_parquet(path)
    assert "probability" in column_names(path)
    history = read_history([path], history_terms(pack.schema, pack.policy), NOW)
    return appraised(history, pack.compiled, pack.schema)


def test_the_weights_of_one_ranking_for_all_average_one(past):
    assert past.appraisal is not None
    tried = np.isin(np.arange(past.appraisal.allowed.shape[1]), past.actions)
    allowed = past.appraisal.allowed & tried
    ranking = np.argsort(-allowed.mean(axis=0), kind="stable")
    some = allowed.any(axis=1)
    wanted = ranking[allowed[:, ranking].argmax(axis=1)]
    weights = (past.actions == wanted)[some] / past.probability[some]
    assert some.sum() > 1_000
    assert weights.mean() == pytest.approx(1.0, abs=0.12)
