"""Cases say what is left of limits over all customers and what is free in queues, and see what follows."""

import pytest

from documents.problem import DocumentInvalid
from rules.limits import LimitKind, Pacing
from rules.policy import Scope
from tests.engine.limited import limit, shop_with
from tests.engine.suites_at_work import CAST, failures, read, tried, written

SHOP = shop_with(
    limit("launch", 10, pacing=Pacing()),
    limit("desk", 0, LimitKind.CAPACITY, per="", queue="agents", fresh_for=600.0, floors={"transactional": 0.5},
          scope=Scope(actions=("route_retention",))),
)  # fmt: skip
LEFT = CAST.replace("  web: {channel: web}", "  web: {channel: web, exclude: [film_box], limits: {launch: 1}}")


def test_what_is_left_is_taken_by_the_decisions_of_a_case(tmp_path):
    case = """
        - name: the last one is taken
          customer: {id: bert, like: anna, history: []}
          steps:
            - {decide: web, expect: {hero: upgrade_unlimited}}
            - {outcome: IMPRESSION}
            - decide: {channel: web, exclude: [film_box]}
              expect: {hero: {first: upgrade_unlimited}}
        - name: none is left
          customer: anna
          moment: {like: web, limits: {launch: 0}}
          expect: {not_proposed: {upgrade_unlimited: {stage: availability, rule: launch, because: LIMIT_REACHED}}}
        - name: a price makes it worth less than others
          customer: anna
          moment: {like: web, limits: {launch: {left: 5, price: 9}}}
          expect: {hero: basic_tariff}
    """
    run = tried(written(tmp_path, case, LEFT), snapshot=SHOP)
    assert failures(run) == []
    assert run.coverage.missed("limits") == ("desk",)


def test_a_route_spills_over_by_tier(tmp_path):
    case = """
        - name: <free> free for <who>
          for each:
            - [who, free, route]
            - [anna, 0, route_general]
            - [anna, 1, route_retention]
            - [poor, 1, route_general]
            - [poor, 2, route_retention]
          customer: <who>
          moment: {like: leaving, capacity: {agents: <free>}}
          expect: {route: <route>}
    """
    cast = CAST.replace("  stranger: {}", "  stranger: {}\n  poor: {like: anna, features: {value_12m: 10}}")
    assert failures(tried(written(tmp_path, case, cast), snapshot=SHOP)) == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("limits: {lunch: 1}", "unknown-limit"),
        ("limits: {launch: 11}", "out-of-range"),
        ("limits: {desk: 1}", "unknown-limit"),
        ("capacity: {agent: 1}", "unknown-queue"),
        ("capacity: {agents: 1.5}", "wrong-type"),
    ],
)
def test_mistakes_are_told(tmp_path, said, code):
    case = f"- {{name: one, customer: anna, moment: {{like: web, {said}}}, expect: {{tier: relationship_1}}}}"
    with pytest.raises(DocumentInvalid) as invalid:
        read(written(tmp_path, case), snapshot=SHOP)
    assert [one.code for one in invalid.value.problems] == [code]
