"""What the model went by is told exactly, in words, of what is proposed only, and never to customers."""

from __future__ import annotations

import numpy as np
import pytest

from engine.decision import Audience, Decision, RankedAction, Trace
from engine.explaining.explainer import Explainer
from engine.snapshot import Snapshot
from models.contributions import effects_of
from tests.engine.company import ANNA, DAY, GOOD, NOW, Company, contact, corner_shop
from tests.engine.modelled import INPUTS, modelled_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Snapshot:
    return modelled_shop(tmp_path_factory.mktemp("bundles") / "shop")


async def explained(shop: Snapshot, **fields: object) -> Decision:
    company = Company(shop, "call_centre", explain=Explainer(60.0).explain)
    company.know(ANNA, {**GOOD, "handset_os": "ios"})
    await company.store.contacted(ANNA, contact("basic_tariff", NOW - 5 * DAY))
    return await company.decide(**({"trace": Trace.FULL, "audience": Audience.ANALYST} | fields))


def ranked(decision: Decision) -> dict[str, RankedAction]:
    return {one.action: one for filled in decision.placements for one in filled.actions}


def test_the_effects_of_all_inputs_and_the_start_make_up_the_raw_score(shop: Snapshot):
    bundle = shop.expectation.bundle
    assert bundle is not None
    draws = np.random.default_rng(0)
    rows = draws.integers(0, 12, (40, len(INPUTS))).astype(np.float32)
    rows[::3, 0], rows[1::4, 5] = 950.0, np.nan
    found = effects_of(bundle.booster, rows)
    margins = bundle.booster.predict(rows, raw_score=True)
    np.testing.assert_allclose(found.inputs.sum(axis=1) + found.start, margins, rtol=0, atol=1e-9)
    assert effects_of(bundle.booster, rows[:0]).inputs.shape == (0, len(INPUTS))


async def test_the_strongest_three_are_told_by_what_they_mean_for_what_is_proposed(shop: Snapshot):
    decision = await explained(shop)
    offers = {name: one for name, one in ranked(decision).items() if one.factors.propensity < 1.0}
    assert {"upgrade_unlimited", "basic_tariff"} <= offers.keys()
    for one in offers.values():
        effects = [abs(each.effect) for each in one.contributions]
        assert 0 < len(effects) <= 3
        assert effects == sorted(effects, reverse=True)
    assert all(not one.contributions for one in ranked(decision).values() if one.action not in offers)
    told = {each.input: each for one in offers.values() for each in one.contributions}
    value = told["customer.value_12m"]
    assert value.meaning == corner_shop().schema.feature("value_12m").meaning
    assert value.value == 950.0
    towards = "Speaks for it" if value.effect > 0 else "Speaks against it"
    assert value.sentence == f"{towards}: {value.meaning}, here 950."
    assert {"ios", None} >= {told[name].value for name in told if name == "customer.handset_os"}


async def test_what_is_told_is_what_was_scored(shop: Snapshot):
    """The three strongest of the effects of the very row that gave the propensity."""
    decision = await explained(shop)
    bundle = shop.expectation.bundle
    assert bundle is not None
    table = [one.id for one in shop.policy.policy.actions]
    one = ranked(decision)["basic_tariff"]
    row = np.array([[950.0, 0.0, 12.0, table.index("basic_tariff"), 1.0, 5.0]], dtype=np.float32)
    effects = effects_of(bundle.booster, row)
    strongest = np.argsort(-np.abs(effects.inputs[0]), kind="stable")[:3]
    assert [each.input for each in one.contributions] == [INPUTS[place].name for place in strongest]
    assert [each.effect for each in one.contributions] == effects.inputs[0][strongest].tolist()


async def test_they_are_told_in_chinese_too_and_to_agents(shop: Snapshot):
    decision = await explained(shop, locale="zh-CN", audience=Audience.AGENT)
    sentences = [each.sentence for one in ranked(decision).values() for each in one.contributions]
    assert sentences
    assert all("支持它的因素" in one for one in sentences)


async def test_customers_are_told_nothing_of_it_nor_is_a_trace_that_does_not_ask(shop: Snapshot):
    for fields in ({"audience": Audience.CUSTOMER}, {"trace": Trace.REASONS}):
        decision = await explained(shop, **fields)
        assert all(not one.contributions and one.counterfactual is None for one in ranked(decision).values())
        assert all(one.counterfactual is None for one in decision.dropped)


async def test_without_a_model_there_is_nothing_to_tell():
    decision = await explained(corner_shop())
    assert ranked(decision)
    assert all(not one.contributions for one in ranked(decision).values())
