"""What the telco policy allows to whom: the people of the story, and everything to somebody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.demo.cast import cast_story
from engine.demo.company.people import JONAS, LENA, MIA, PLAIN, TOM
from engine.demo.company.personas import with_personas
from rules.contact import read_history, screen_contact
from rules.ledger import Ledger
from rules.policy import Kind
from rules.screen import Candidates, screen
from rules.situation import Moment, Standing
from rules.weights import weigh

NOW = 1_790_000_000.0
RENEWING = replace(MIA, differs={**MIA.differs, "contract_end_days": 38.0, "churn_risk": 0.3})
"""Mia with a contract that ends, wavering a little."""


class Screens:
    """What the policy allows and thinks of one customer at a channel."""

    def __init__(self, compiled, features, channel, intent="") -> None:
        moment = Moment(NOW, channel, intent, "", {"queue_minutes": 5.0})
        values = compiled.bind(features, moment)
        self.tier = compiled.place(values)
        self.verdicts = compiled.judge(values, self.tier)
        self._catalogue = compiled.catalogue
        screened = screen(compiled, self.verdicts, moment, Candidates(compiled.catalogue.all))
        consent = {f"{channel}:marketing": True, f"{channel}:service": True}
        history = read_history(compiled, Standing(Ledger(), consent=consent), moment)
        self.mask = screen_contact(compiled, self.verdicts, history, moment, screened.allowed).allowed
        self.gains = weigh(compiled, self.verdicts, self.tier).gain

    def ids(self, *kinds: Kind) -> set[str]:
        catalogue = self._catalogue
        return {catalogue.ids[i] for i in catalogue.indexes(self.mask) if catalogue.actions[i].kind in kinds}

    def worth_most(self, kind: Kind) -> str:
        return max(self.ids(kind), key=lambda name: self.gains[self._catalogue.index[name]])


def known(columns, row) -> dict[str, float | str | bool]:
    cells = {name: column[row] for name, column in columns.items()}
    return {name: cell.item() for name, cell in cells.items() if str(cell) not in ("", "nan")}


@pytest.fixture(scope="module")
def compiled(telco):
    return telco.compiled


@pytest.fixture(scope="module")
def population(telco):
    return telco.population


@pytest.fixture(scope="module")
def meet(compiled):
    def at(persona, channel, intent="", **differs):
        told = {name: value for name, value in ({**PLAIN, **persona.differs, **differs}).items() if value != ""}
        return Screens(compiled, told, channel, intent)

    return at


def test_every_action_is_allowed_to_somebody(compiled, population):
    everyone = with_personas(population, cast_story(compiled.policy, population.ids, NOW).people)
    business = np.flatnonzero(everyone.columns["relationship_type"] == "business")
    leaving = np.argsort(-everyone.number("churn_risk"))
    channels, intents = tuple(compiled.policy.channels), compiled.policy.intents
    reached = 0
    for turn, row in enumerate((*range(400), *business[:100], *leaving[:100])):
        channel = channels[turn % len(channels)]
        reached |= Screens(compiled, known(everyone.columns, row), channel, intents[turn % len(intents)]).mask
    assert [name for i, name in enumerate(compiled.catalogue.ids) if not reached >> i & 1] == []


def test_every_tier_has_customers(compiled, population):
    moment = Moment(NOW, "call_centre")
    tiers = [compiled.place(compiled.bind(known(population.columns, row), moment)).tier.name for row in range(1_500)]
    shares = {tier.name: tiers.count(tier.name) / len(tiers) for tier in compiled.policy.tiers}
    assert all(share > 0.005 for share in shares.values()), shares
    assert 0.04 < shares["relationship_1"] < 0.2


def test_a_visitor_sees_phones_and_is_a_prospect(compiled):
    visitor = Screens(compiled, {"phones_viewed_3d": 5.0, "pages_viewed_7d": 5.0}, "web_shop")
    assert visitor.tier.tier.name == "prospect"
    assert {"phone_flagship", "tariff_unlimited", "tariff_first_contract"} <= visitor.ids(Kind.OFFER)
    assert not visitor.ids(Kind.OFFER) & {"contract_renewal", "tariff_young", "fibre_500"}


def test_mia_is_of_the_first_tier_and_gets_the_gold_desk(meet):
    mia = meet(MIA, "call_centre", phones_viewed_3d=5.0)
    assert mia.tier.tier.name == "relationship_1"
    assert mia.worth_most(Kind.SERVICE_LEVEL) == "gold_desk"
    assert mia.worth_most(Kind.TOPIC) == "topic_new_phone"
    assert {"phone_flagship", "phone_middle"} <= mia.ids(Kind.OFFER)


def test_nothing_dear_is_offered_where_the_price_decides(meet):
    tom = meet(TOM, "call_centre", "upgrade").ids(Kind.OFFER)
    assert {"phone_refurbished", "phone_middle"} <= tom
    assert not tom & {"phone_flagship", "tariff_unlimited"}


def test_an_open_complaint_leaves_service_and_a_gesture(meet):
    lena = meet(LENA, "call_centre", "billing")
    assert lena.ids(Kind.OFFER) == {"goodwill_credit"}
    assert not lena.ids(Kind.ASK)
    assert lena.worth_most(Kind.MESSAGE) == "message_complaint_status"
    assert lena.worth_most(Kind.CHANNEL_ROUTE) == "route_complaints"
    assert lena.worth_most(Kind.TOPIC) == "topic_open_complaint"


def test_who_bought_yesterday_is_helped(meet):
    jonas = meet(JONAS, "web_shop")
    assert not [name for name in jonas.ids(Kind.OFFER) if name != "right_size_plan"]
    assert jonas.ids(Kind.MESSAGE) == {"message_setup_help"}
    assert meet(JONAS, "call_centre").worth_most(Kind.TOPIC) == "topic_setup"


@pytest.mark.parametrize(
    ("differs", "gone"),
    [
        ({"is_minor": True}, {"phone_flagship", "tariff_unlimited", "contract_renewal"}),
        ({"credit_class": "d"}, {"phone_flagship", "smartwatch"}),
        ({"late_payments_12m": 2.0}, {"tariff_unlimited", "phone_middle"}),
        ({"data_used_share": 0.3}, {"tariff_unlimited", "data_gift"}),
        ({"churn_risk": 0.2}, {"data_gift"}),
        ({"instalments_left": 12.0}, {"phone_flagship", "renewal_with_phone"}),
        ({"open_fault": True}, {"phone_flagship", "tv_pack"}),
    ],
)
def test_rules_take_away_what_does_not_befit(meet, differs, gone):
    assert gone <= meet(RENEWING, "call_centre").ids(Kind.OFFER)
    assert not gone & meet(RENEWING, "call_centre", **differs).ids(Kind.OFFER)


def test_a_cancelling_customer_is_led_to_the_retention_desk(meet):
    leaving = meet(MIA, "call_centre", "cancel", churn_risk=0.5)
    assert "route_retention" in leaving.ids(Kind.CHANNEL_ROUTE)
    assert "loyalty_discount_25" in leaving.ids(Kind.OFFER)
    assert "loyalty_discount_25" not in meet(MIA, "call_centre").ids(Kind.OFFER)
