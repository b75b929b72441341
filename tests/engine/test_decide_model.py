"""Decisions with a model: asked only of whom it may be, believed as far as there is evidence, logged as scored."""

from __future__ import annotations

import numpy as np
import pytest

from engine.action_table import action_table
from engine.decide import resolve
from engine.decision import Degraded, Request
from engine.ids import CustomerKey
from engine.profile import know
from engine.record import unpack_decision
from engine.resolution import Question, Resolution
from engine.snapshot import Snapshot
from engine.store import Profile
from models.codec import encode
from models.inputs import action_matrix
from rules.situation import Moment
from tests.engine.company import (
    ANNA,
    DAY,
    GOOD,
    NOW,
    Company,
    contact,
    first,
    names,
    with_actions,
)
from tests.engine.modelled import IDS, INPUTS, modelled_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Snapshot:
    return modelled_shop(tmp_path_factory.mktemp("bundles") / "shop")


def resolved(shop: Snapshot, channel: str = "web", customer: CustomerKey = ANNA, **fields) -> Resolution:
    profile = Profile(**({"vector": encode(shop.schema, GOOD, customer, NOW)} | fields))
    question = Question(Request(customer, channel), know(shop, customer, profile, NOW), Moment(NOW, channel))
    return resolve(shop, question)


def row(shop: Snapshot, action: str, **values: float) -> np.ndarray:
    """The model's inputs for an action, as training would make them; 12 is the hour at NOW."""
    table = action_table(shop.policy.policy)
    place = action_matrix([INPUTS[3]], table)[IDS.index(action)]
    said = {"value": 950.0, "os": np.nan, "shown": 0.0, "days": np.nan} | values
    return np.array([[said["value"], said["os"], 12.0, *place, said["shown"], said["days"]]], dtype=np.float32)


def propensity(resolution: Resolution, action: str) -> float:
    return float(resolution.scored.propensity[resolution.row_of(IDS.index(action))])


def said_by_the_model(shop: Snapshot, action: str, **values: float) -> float:
    return float(shop.expectation.bundle.booster.predict(row(shop, action, **values))[0])


def test_a_chance_is_calibrated_and_believed_as_far_as_there_is_evidence(shop):
    found = resolved(shop)
    raw = said_by_the_model(shop, "film_box")
    calibrated = float(np.interp(raw, (0.0, 0.5, 1.0), (0.0, 0.1, 0.2)))
    start = (20 * (155 / 600) + 5) / (20 + 100)
    assert propensity(found, "film_box") == pytest.approx((20 * start + 100 * calibrated) / 120)
    raw = said_by_the_model(shop, "upgrade_unlimited")
    start = (50 * 0.05 + 150) / (50 + 500)
    assert propensity(found, "upgrade_unlimited") == pytest.approx((50 * start + 500 * raw) / 550)


def test_an_action_that_nobody_has_seen_has_its_groups_chance(shop):
    assert propensity(resolved(shop), "basic_tariff") == pytest.approx((50 * 0.08 + 150) / (50 + 500))
    assert propensity(resolved(shop), "new_phone") == pytest.approx(0.02)


def test_earlier_contacts_change_what_is_expected(shop):
    past = contact("upgrade_unlimited", NOW - 2 * DAY).pack() + contact("upgrade_unlimited", NOW - DAY).pack()
    found = resolved(shop, contacts=past)
    raw = said_by_the_model(shop, "upgrade_unlimited", shown=2.0, days=1.0)
    start = (50 * 0.05 + 150) / 550
    assert propensity(found, "upgrade_unlimited") == pytest.approx((50 * start + 500 * raw) / 550)
    assert propensity(found, "upgrade_unlimited") != propensity(resolved(shop), "upgrade_unlimited")


def test_service_is_certain_and_never_asked_about(shop):
    found = resolved(shop, "call_centre")
    for action in ("topic_bill", "route_general", "priority_service"):
        assert propensity(found, action) == 1.0
    contacts = [one for one in found.scored.actions.tolist() if shop.expectation.modelled[one]]
    assert found.scored.pair.shape == (len(contacts), 2)


def test_of_an_unknown_customer_every_feature_is_missing(shop):
    found = resolved(shop, vector=None)
    assert np.isnan(found.scored.customer).all()
    assert Degraded.UNKNOWN_CUSTOMER in found.degraded
    assert propensity(found, "film_box") != pytest.approx(propensity(resolved(shop), "film_box"), abs=1e-12)


@pytest.mark.parametrize("stored", ["of another", "torn", "of an unknown schema"])
def test_features_that_cannot_be_read_are_never_scored(shop, stored):
    mine, bens = (encode(shop.schema, GOOD, CustomerKey("shop", who), NOW) for who in ("anna", "ben"))
    vector = {"of another": bens, "torn": mine[:-4], "of an unknown schema": mine[:8] + bytes(8) + mine[16:]}[stored]
    found = resolved(shop, vector=vector)
    assert (len(found.scored.customer), len(found.scored.moment), found.scored.pair.size) == (0, 0, 0)
    assert shop.expectation.without_model(found.scored.actions).propensity.tolist() == found.scored.propensity.tolist()


def test_equal_priorities_are_settled_by_what_the_model_said(shop):
    """Young actions of one group with the same start have the same chance, until they are known better."""
    alike = {"starting": (0.1, 50.0), "value": {"margin": 10.0}, "cost": 0.0, "group": "phones"}
    even = with_actions(shop, new_phone=alike, basic_tariff=alike | {"tags": ()}, upgrade_unlimited={"treatments": {}})
    found = resolved(even)
    told = {action: said_by_the_model(shop, action) for action in ("new_phone", "basic_tariff")}
    order = [even.policy.catalogue.ids[one] for one in found.placed[0].candidates.actions]
    by_model = sorted(told, key=told.__getitem__, reverse=True)
    assert propensity(found, "new_phone") == propensity(found, "basic_tariff")
    assert [one for one in order if one in told] == by_model
    assert told["new_phone"] != told["basic_tariff"]


async def test_the_log_keeps_the_row_as_scored(shop):
    company = Company(shop)
    decision = await company.decide()
    assert (decision.degraded, decision.model_revision) == ((), shop.expectation.bundle.revision)
    record = unpack_decision((await company.store.read_record(decision.decision_id)).body)
    customer = np.frombuffer(record.scored.customer, dtype="<f4")
    assert customer[0] == 950.0
    assert np.isnan(customer[1])
    assert np.frombuffer(record.scored.moment, dtype="<f4").tolist() == [12.0]
    stable = np.frombuffer(record.scored.actions, dtype="<u4").tolist()
    told = dict(zip(stable, np.frombuffer(record.scored.propensity, dtype="<f8").tolist(), strict=True))
    best = first(decision, "hero")
    assert told[shop.policy.policy.actions[IDS.index(best.action)].stable_id] == best.factors.propensity
    assert names(decision, "hero") == [best.action]
