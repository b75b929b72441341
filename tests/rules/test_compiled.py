"""A whole policy made ready: every bad expression told at once, two evaluations a decision."""

from dataclasses import replace

from documents.problem import Place
from rules.contact import read_history, screen_contact
from rules.ledger import Ledger
from rules.policy import ContactPolicy, ContextWeight, Expression, Scope
from rules.policy_file import load_policy
from rules.screen import Candidates, screen
from rules.situation import Moment, Standing
from rules.weights import weigh
from tests.rules.shop import HERE, NOON, compile_with_problems, compiled, offer, policy, rule, stop, tier


def at(line, source="customer.nothing > 1"):
    return Expression(source, Place("policy.yaml", line, 20))


def test_a_bad_expression_anywhere_is_told_where_it_stands():
    written = policy(
        [offer("a", value={"margin": at(1, "customer.nothing * 2")}, cost=at(2, "customer.nothing"))],
        tiers=(replace(tier("gold", "true"), when=at(3)), tier("basic")),
        rules=(replace(rule("r", allow="true"), when=at(4)),),
        contact=ContactPolicy(stops=(replace(stop("s", when="true"), when=at(5)),)),
        context_weights=(ContextWeight("w", at(6), 5.0, Scope(), HERE),),
    )
    ready, problems = compile_with_problems(written)
    assert ready is None
    assert sorted((place.line, place.column, code) for place, code, *_ in problems) == [
        (line, 20, "unknown-name") for line in range(1, 7)
    ]


def test_a_policy_without_tiers_is_not_ready_and_breaks_nothing():
    assert compile_with_problems(policy([offer("a")], tiers=()))[0] is None


def test_a_policy_without_actions_or_conditions_is_ready():
    ready = compiled([])
    values = ready.bind({}, Moment(NOON, "web"))
    verdicts = ready.judge(values, ready.place(values))
    assert (values, list(verdicts.values), ready.evaluations) == ({}, [], 0)
    assert screen(ready, verdicts, Moment(NOON, "web"), Candidates(0)).allowed == 0


def test_a_whole_decision_evaluates_twice(facts, corner_shop_path):
    ready = load_policy(corner_shop_path, facts)
    moment = Moment(NOON, "call_centre", intent="cancel", context={"queue_minutes": 3.0})
    before = ready.tiers.conditions.evaluations + ready.conditions.evaluations
    values = ready.bind({"age": 40.0, "tenure_months": 30.0, "value_12m": 1000.0}, moment)
    placed = ready.place(values)
    verdicts = ready.judge(values, placed)
    allowed = screen(ready, verdicts, moment, Candidates(ready.catalogue.all)).allowed
    history = read_history(ready, Standing(Ledger(), consent={}), moment)
    verdict = screen_contact(ready, verdicts, history, moment, allowed)
    weights = weigh(ready, verdicts, placed)
    assert ready.tiers.conditions.evaluations + ready.conditions.evaluations - before == 2
    assert verdict.allowed
    assert weights.gain.shape == (len(ready.catalogue),)
    assert verdicts.errors == ()


def test_only_what_the_policy_reads_is_bound():
    ready = compiled([offer("a")], rules=(rule("r", allow="customer.spend > 1 && tier.name == 'everyone'"),))
    assert ready.bind({"spend": 2.0, "age": 30.0}, Moment(NOON, "web")) == {"customer.spend": 2.0}


def test_the_variables_of_every_rule_are_known_by_its_id():
    ready = compiled(
        [offer("a")],
        tiers=(tier("gold", "customer.spend > 1"), tier("basic")),
        rules=(rule("r", allow="customer.age > 1 && action.price < 5"),),
        contact=ContactPolicy(stops=(stop("s", when="customer.complaint"),)),
    )
    assert ready.reads == {
        "r": ("action.price", "customer.age"),
        "s": ("customer.complaint",),
        "tier:gold": ("customer.spend",),
    }
