"""Live facts of actions are read by rules, costs and weights as they are now, and are unknown once they are stale."""

from __future__ import annotations

from dataclasses import replace

from documents.strict_yaml import parse
from rules.compiled import CompiledPolicy
from rules.facts import FLAG, NUMBER
from rules.policy import ContextField, ContextWeight, Scope, Stage
from rules.policy_file import compile_source, read_policy
from rules.screen import Candidates, screen
from rules.situation import Moment
from rules.weights import weigh
from tests.rules.shop import ATTRIBUTES, HERE, NOON, cel, compiled, offer, rule

LIVE = {
    **ATTRIBUTES,
    "stock": ContextField("stock", NUMBER, (), 0.0, live=True, stale_after=3600.0),
    "slots": ContextField("slots", NUMBER, (), None, live=True),
    "open": ContextField("open", FLAG, (), False, live=True),
}
FULL = {"rating": 1.0, "digital": True}
ACTIONS = [offer(name, attributes=FULL) for name in ("chair", "lamp", "sofa")]


def shop(*rules, **fields) -> CompiledPolicy:
    return compiled(ACTIONS, attributes=LIVE, rules=rules, **fields)


def left(ready: CompiledPolicy, posted, now: float = NOON, **customer) -> set[str]:
    """The actions that screening leaves."""
    moment = Moment(now, "web")
    values = ready.bind(customer, moment)
    verdicts = ready.judge(values, ready.place(values), ready.with_posted(posted).at(now))
    allowed = screen(ready, verdicts, moment, Candidates(ready.catalogue.all, 0, 0)).allowed
    return {name for name, index in ready.catalogue.index.items() if allowed >> index & 1}


IN_STOCK = rule("in_stock", allow="action.stock > 0", stage=Stage.APPLICABILITY)


def test_a_rule_reads_the_fact_as_it_was_told_and_else_the_default():
    ready = shop(IN_STOCK)
    assert left(ready, {("sofa", "stock"): (5.0, NOON - 10)}) == {"sofa"}
    assert left(ready, {}) == set()
    verdicts = ready.judge({}, ready.place({}))
    assert screen(ready, verdicts, Moment(NOON, "web"), Candidates(ready.catalogue.all, 0, 0)).allowed == 0


def test_a_stale_fact_is_unknown_and_fails_closed_both_ways():
    posted = {(name, "stock"): (5.0, NOON) for name in ("chair", "lamp", "sofa")}
    posted["sofa", "stock"] = (5.0, NOON + 60)
    allowed = shop(IN_STOCK)
    assert left(allowed, posted, NOON + 3599) == {"chair", "lamp", "sofa"}
    assert left(allowed, posted, NOON + 3600) == {"sofa"}
    assert left(shop(rule("gone", block="action.stock <= 0")), posted, NOON + 3600) == {"sofa"}
    assert left(allowed, posted, NOON + 60) == {"chair", "lamp", "sofa"}


def test_a_fact_without_a_default_is_unknown_until_it_is_told():
    ready = shop(rule("slots", allow="action.slots >= 1"))
    assert left(ready, {("lamp", "slots"): (1.0, NOON - 1e9)}) == {"lamp"}


def test_flags_and_what_the_customer_brings_mix_with_live_facts():
    ready = shop(rule("sold", allow="action.open && (customer.spend > 100 || action.stock >= 2)"))
    posted = {("sofa", "open"): (1.0, NOON), ("lamp", "open"): (1.0, NOON), ("lamp", "stock"): (3.0, NOON)}
    assert left(ready, posted) == {"lamp"}
    assert left(ready, posted, spend=200.0) == {"lamp", "sofa"}


def test_costs_and_weights_read_live_facts_and_an_unknown_cost_does_not_compete():
    dear = [replace(one, cost=cel("action.slots * 2.0")) for one in ACTIONS[:2]]
    scarce = ContextWeight("scarce", cel("action.stock < 3"), 50.0, Scope(), HERE)
    ready = compiled([*dear, ACTIONS[2]], attributes=LIVE, context_weights=(scarce,))
    posted = {("lamp", "slots"): (4.0, NOON), ("sofa", "stock"): (9.0, NOON)}
    values = ready.bind({}, Moment(NOON, "web"))
    tier = ready.place(values)
    weights = weigh(ready, ready.judge(values, tier, ready.with_posted(posted).at(NOON)), tier)
    chair, lamp, sofa = (ready.catalogue.index[name] for name in ("chair", "lamp", "sofa"))
    assert (weights.cost[lamp], weights.unpriced) == (8.0, 1 << chair)
    assert [weights.context[one] for one in (chair, lamp, sofa)] == [1.5, 1.5, 1.0]


def test_columns_are_made_anew_only_when_something_goes_stale():
    facts = shop().with_posted({("sofa", "stock"): (5.0, NOON)}, 7)
    first = facts.at(NOON + 5)
    assert facts.at(NOON + 3599) is first
    assert facts.at(NOON + 3600) is not first
    assert facts.at(NOON + 5)[0].values.tolist() == first[0].values.tolist()
    sofa = shop().catalogue.index["sofa"]
    assert [facts.value("stock", sofa, NOON + second) for second in (0, 3600)] == [5.0, None]
    assert (facts.value("price", sofa, NOON), facts.revision) == (None, 7)


MISTAKES = """attributes:
  stock: {type: number, default: 0, live: true, stale_after: 1h}
  shade: {type: category, values: [red], default: red, live: true}
  height: {type: number, default: 0, stale_after: 1h}
"""


def test_what_cannot_be_live_is_refused(corner_shop_path, facts):
    text = corner_shop_path.read_text().replace("attributes:\n", MISTAKES, 1)
    text = text.replace("title: Unlimited data\n", "title: 'only {action.stock} left'\n", 1)
    problems = read_policy(parse(text, "policy.yaml"), facts)[1].problems
    assert sorted(one.code for one in problems) == ["live-category", "live-placeholder", "unexpected-key"]


def test_an_action_needs_no_value_for_a_live_attribute(corner_shop_path, facts):
    text = corner_shop_path.read_text()
    ready = compile_source(
        parse(text.replace("attributes:\n", "attributes:\n  slots: {type: number, live: true}\n", 1), "p.yaml"), facts
    )
    assert (ready.unposted.names, ready.unposted.value("slots", 0, NOON)) == (("slots",), None)
