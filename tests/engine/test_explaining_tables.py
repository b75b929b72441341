"""What a row of a decision table took away comes back with the nearest case that another row allows, not row by row."""

from __future__ import annotations

from dataclasses import replace

from engine.decide import resolve
from engine.decision import Audience, Request, Trace
from engine.demo.pack import pack_folder
from engine.explaining.conditions import RuleConditions
from engine.explaining.search import Search
from engine.explaining.told import Change, ChangeKind
from engine.explaining.worlds import Worlds, world_of
from engine.ids import CustomerKey
from engine.profile import know
from engine.resolution import Question
from engine.snapshot import Snapshot, facts_of, snapshot_of
from engine.standing import Consent
from engine.store import Profile
from models.codec import encode
from models.feature_file import load_features
from rules.policy_file import load_policy
from rules.situation import Moment
from tests.engine.company import NOW, changed

WHO = CustomerKey("shop", "ruth")
SELDOM = {"has_card": True, "card_months": 12, "value_12m": 160.0, "days_since_visit": 34.0, "mean_basket": 13.0}


def chain_of_shops() -> Snapshot:
    schema = load_features(pack_folder("retail") / "features.yaml")
    shop = snapshot_of(load_policy(pack_folder("retail") / "policy.yaml", facts_of(schema)), schema, None)
    still = replace(shop.policy.policy.exploration, share=0.0)
    return changed(shop, control_groups=(), limits=(), exploration=still)


def changes_for(shop: Snapshot, action: str) -> tuple[Change, ...]:
    consent = Consent({"email:marketing": True, "email:service": True}).pack()
    profile = Profile(vector=encode(shop.schema, SELDOM, WHO, NOW), consent=consent)
    request = Request(WHO, "email", trace=Trace.FULL, audience=Audience.ANALYST)
    resolution = resolve(shop, Question(request, know(shop, WHO, profile, NOW), Moment(NOW, "email")))
    search = Search(Worlds(world_of(shop, resolution)), RuleConditions.of(shop.policy, facts_of(shop.schema)))
    return search.changes_for(shop.policy.catalogue.index[action])


def test_the_row_that_allows_is_aimed_at_rather_than_each_row_that_does_not():
    (visit, *rest) = changes_for(chain_of_shops(), "voucher_welcome_back")
    assert (visit.target, visit.before, visit.after) == ("days_since_visit", 34.0, 60.0)
    assert {one.kind for one in rest} <= {ChangeKind.BOOST}
