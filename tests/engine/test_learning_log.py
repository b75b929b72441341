"""What is learnt from the log is what decisions were made by, joined to what came of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.arbitrate import NOTHING
from engine.batch import greedy
from engine.evaluation.evaluate import evaluate
from engine.evaluation.log_choices import log_choices
from engine.evaluation.tried import GONE
from engine.feedback import Feedback
from engine.history_terms import history_terms
from engine.ids import CustomerKey
from engine.learning.log_history import log_history
from engine.learning.log_source import contacts_of
from engine.outcome import Outcome
from engine.sink.log_files import write_log
from models.history_together import together
from models.matrix import training_matrix
from rules.experiments import Exploration
from tests.engine.company import DAY, GOOD, NOW, Company, changed, corner_shop, proposed

PEOPLE = 600


def eager(snapshot):
    """The corner shop, trying things in half of its decisions, whoever asks."""
    tiers = tuple(replace(tier, exploration_limit=1.0) for tier in snapshot.policy.policy.tiers)
    return changed(snapshot, exploration=Exploration(share=0.5), tiers=tiers, control_groups=())


async def met(company: Company) -> None:
    """Everyone is asked once on the web; older customers accept, younger ones say no or nothing."""
    for number in range(PEOPLE):
        who = CustomerKey("shop", f"customer{number}")
        company.know(who, {**GOOD, "age": 20 + number % 50})
        decision = await company.decide(customer=who, now=NOW + number)
        for action in proposed(decision):
            if number % 50 >= 25:
                await company.tell(decision, "ACCEPTED", action, NOW + number + 60)
            elif number % 3:
                await company.tell(decision, "REJECTED", action, NOW + number + 60)


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> tuple[Company, Path]:
    """A shop after a day, and the folder of its log."""
    company = Company(eager(corner_shop()))
    asyncio.run(met(company))
    folder = tmp_path_factory.mktemp("log")
    write_log(folder, [(number, one) for number, log in company.store.logs.items() for _, one in log])
    return company, folder


def test_every_proposal_is_a_row_with_the_features_of_its_moment(shop):
    company, folder = shop
    contacts = [one for one in contacts_of(folder, company.snapshot) if one.action is not None]
    history = log_history(iter(contacts), company.snapshot)
    assert len(history) == len(contacts) > PEOPLE / 2
    ages = {f"customer{number}": 20.0 + number % 50 for number in range(PEOPLE)}
    assert history.inputs["customer.age"].tolist() == [ages[one.record.customer] for one in contacts]
    assert set(history.probability[~np.isnan(history.probability)]) <= {
        one.probability for one in contacts if one.probability is not None
    }


def test_success_and_what_is_still_open_are_told_apart(shop):
    company, folder = shop
    history = log_history(contacts_of(folder, company.snapshot), company.snapshot)
    older = history.inputs["customer.age"] >= 45
    assert (history.results.success == older).all()
    told_no = np.array([int(one.split("customer")[1]) % 3 != 0 for one in history.customer_ids])
    assert (history.results.closed == (older | told_no)).all()


async def test_what_an_agent_offered_instead_is_no_success_of_what_was_proposed(tmp_path):
    company = Company(changed(corner_shop(), control_groups=(), exploration=Exploration()))
    who = CustomerKey("shop", "ben")
    company.know(who, GOOD)
    decision = await company.decide(customer=who, now=NOW)
    action = proposed(decision)[0]
    told = Outcome("o", decision.decision_id, action, "ACCEPTED", NOW + 60, agent="kim", offered_instead="film_box")
    await Feedback(company.store, lambda: company.snapshot).record([told], NOW + 60)
    write_log(tmp_path, [(number, one) for number, log in company.store.logs.items() for _, one in log])
    contact = next(one for one in contacts_of(tmp_path, company.snapshot) if one.action is not None)
    assert (contact.success, contact.closed) == (False, True)


def test_what_was_closed_by_time_alone_is_known_once_the_log_is_old_enough(shop, monkeypatch):
    company, folder = shop
    monkeypatch.setattr("engine.learning.log_source.newest_in", lambda _: NOW + 400 * DAY)
    history = log_history(contacts_of(folder, company.snapshot), company.snapshot)
    assert history.results.closed.all()


def test_the_pair_is_what_the_ledger_told_then(shop):
    company, folder = shop
    history = log_history(contacts_of(folder, company.snapshot), company.snapshot)
    matrix = training_matrix(history, history_terms(company.snapshot.schema, company.snapshot.policy.policy))
    assert history.pairs is not None
    assert (history.pairs[:, 0] == 0).all()
    assert matrix.left_out["pair.times_shown"] == "the same in every row"


def test_a_policy_judged_by_its_own_log_is_worth_what_it_earned(shop):
    company, folder = shop
    tried = log_choices(contacts_of(folder, company.snapshot), company.snapshot)
    found = evaluate(company.snapshot, tried)
    assert found.refused == ""
    assert found.policy.support.effective == pytest.approx(found.choices, rel=0.01)
    for estimate in found.policy.estimates.values():
        assert estimate.value == pytest.approx(found.logged.value, rel=0.05)


def test_nothing_is_a_choice_like_any_other(shop):
    company, folder = shop
    tried = log_choices(contacts_of(folder, company.snapshot), company.snapshot)
    assert NOTHING in tried.tried.tolist()
    assert (tried.logged.reward[tried.actions == NOTHING] == 0.0).all()
    nothing = evaluate(company.snapshot, tried).arms["nothing"].value
    assert (nothing.value, nothing.standard_error) == (0.0, 0.0)


def test_a_decision_that_was_taken_back_teaches_nothing(tmp_path):
    async def taken_back() -> Company:
        company = Company(eager(corner_shop()))
        _, gone = [await company.decide(now=NOW + at) for at in (0, DAY)]
        await company.store.void(CustomerKey("shop", "anna"), gone.decision_id)
        return company

    company = asyncio.run(taken_back())
    write_log(tmp_path, [(number, one) for number, log in company.store.logs.items() for _, one in log])
    assert {one.record.now for one in contacts_of(tmp_path, company.snapshot)} <= {NOW}


def test_tables_and_log_are_learnt_from_together(shop):
    company, folder = shop
    one = log_history(contacts_of(folder, company.snapshot), company.snapshot)
    terms = history_terms(company.snapshot.schema, company.snapshot.policy.policy)
    both = together(one, replace(one, inputs={"customer.age": one.inputs["customer.age"]}, pairs=None), terms.actions)
    assert len(both) == 2 * len(one)
    assert both.customers.max() == one.customers.max()
    assert np.isnan(both.inputs["moment.hour"][len(one) :]).all()
    assert both.appraisal is not None
    assert both.appraisal.gain.tolist() == [*one.appraisal.gain, *one.appraisal.gain]


def test_choices_of_actions_that_are_gone_were_made_all_the_same(shop):
    """Left out, those that are left would seem to have been likelier than they were."""
    company, folder = shop
    before = log_choices(contacts_of(folder, company.snapshot), company.snapshot)
    chosen, often = np.unique(before.actions[before.actions != NOTHING], return_counts=True)
    rare = company.snapshot.policy.catalogue.ids[chosen[often.argmin()]]
    kept = tuple(one for one in company.snapshot.policy.policy.actions if one.id != rare)
    without = changed(company.snapshot, actions=kept)
    tried = log_choices(contacts_of(folder, without), without)
    assert len(tried.logged) + tried.open == len(before.logged) + before.open
    assert 0 < (tried.actions == GONE).sum() < len(tried.logged)
    found = evaluate(greedy(without), tried)
    assert found.refused == ""
    assert found.policy.support.mean == pytest.approx(found.policy.support.wanted, abs=0.1)
    assert rare not in found.arms


async def test_a_later_placement_is_judged_beside_what_the_earlier_ones_showed(tmp_path):
    """Two places on a page: a policy that leads with another action finds the second place's choices as they were, its
    own favourite shown above or not."""
    shop = eager(corner_shop())
    web = shop.policy.policy.channels["web"]
    places = {**web.placements, "banner": replace(web.placements["hero"], name="banner")}
    channels = {**shop.policy.policy.channels, "web": replace(web, placements=places)}
    company = Company(changed(shop, channels=channels))
    await met(company)
    write_log(tmp_path, [(number, one) for number, log in company.store.logs.items() for _, one in log])
    boosts = replace(shop.policy.policy.levers, actions={"new_phone": 10_000.0})
    for snapshot in (company.snapshot, changed(company.snapshot, levers=boosts)):
        tried = log_choices(contacts_of(tmp_path, snapshot), snapshot)
        assert {*tried.placements} == {"hero", "banner"}
        found = evaluate(greedy(snapshot), tried)
        assert found.refused == ""
        assert found.policy.support.mean == pytest.approx(found.policy.support.wanted, abs=0.15)
    second = [one for one in tried.questions if one.request.placements == ("banner",)]
    assert all(len(one.request.exclude) <= 1 for one in second)
    assert any(one.request.exclude == ("new_phone",) for one in second)
