"""The hospital speaks of patients, sells nothing, and lets need alone decide who is served how."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace

import pytest
from msgspec import Struct, structs
from typer.testing import CliRunner

from engine.cli.app import app
from engine.decider import Decider
from engine.decision import Audience as DecisionAudience
from engine.decision import Trace
from engine.ids import CustomerKey
from engine.profile import know
from engine.store import Profile
from engine.suites.coverage import Coverage
from engine.suites.read_suite import read_suites, suites_in
from engine.suites.run import Runner
from engine.suites.terms import Terms
from engine.tiers.standing import standing_of
from models.codec import encode
from rules.policy import Kind
from rules.reasons import LANGUAGES, Audience, Because
from rules.wording.code import Code

NOT_SAID = re.compile(r"customer|\bsell|\bsold\b|\bsale|\bbuy|\bbought\b|purchase|客户|销售", re.IGNORECASE)
BLANK = re.compile(r"\{[a-z_.]+\}")
NOW = 1_790_244_000.0
WORTH = re.compile(r"value|revenue|insur|income|margin|\bpay", re.IGNORECASE)


@pytest.fixture(scope="module")
def hospital(packs):
    return packs("hospital")


def written(policy) -> Iterator[str]:
    """What the policy itself lets people read."""
    yield from (tier.public_why for tier in policy.tiers)
    for action in policy.actions:
        for treatment in action.treatments.values():
            content = treatment.content
            yield from (content.title, content.body, content.say, content.if_objected, content.accept, content.reject)
    for one in (*policy.rules, *policy.contact.stops, *(row for table in policy.tables for row in table.rows)):
        yield from (one.reason.customer, one.reason.agent, one.reason.analyst)
    yield from (step.text for procedure in policy.procedures for step in procedure.steps)


def test_what_the_policy_says_speaks_of_patients(hospital):
    texts = [text for text in written(hospital.policy) if text]
    assert len(texts) > 150
    assert [text for text in texts if NOT_SAID.search(BLANK.sub("", text))] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", list(Audience))
def test_every_sentence_of_befit_speaks_of_patients(hospital, language, audience):
    rules = ["", *(rule.id for rule in hospital.compiled.rules)]
    told = {
        hospital.snapshot.reasons.tell(Because(code, rule, "customer.care_need = 4", "", "08:00"), audience, language)
        for code in Code
        for rule in rules
    }
    assert [sentence for sentence in told if NOT_SAID.search(sentence)] == []


def sentences(told: object) -> Iterator[str]:
    """Every text of an answer that is more than a name."""
    if isinstance(told, str):
        yield from [told] if " " in told else []
    elif isinstance(told, Mapping):
        yield from (one for part in told.values() for one in sentences(part))
    elif isinstance(told, list | tuple):
        yield from (one for part in told for one in sentences(part))
    elif isinstance(told, Struct):
        yield from (one for part in structs.asdict(told).values() for one in sentences(part))
    elif is_dataclass(told):
        yield from (one for part in fields(told) for one in sentences(getattr(told, part.name)))


def test_what_is_answered_to_every_case_of_its_suites_speaks_of_patients(hospital, monkeypatch):
    told: set[str] = set()
    decide = Decider.decide

    async def listening(self, request, *more):
        for audience in DecisionAudience:
            trial = replace(request, audience=audience, dry_run=True, trace=Trace.FULL)
            told.update(sentences(await decide(self, trial, *more)))
        return await decide(self, request, *more)

    monkeypatch.setattr(Decider, "decide", listening)
    suites = read_suites(suites_in(hospital.folder), Terms.of(hospital.policy, hospital.schema))
    asyncio.run(Runner(hospital.snapshot, Coverage.of(hospital.compiled), lambda: 0).run(suites))
    assert len(told) > 200
    assert [text for text in told if NOT_SAID.search(text)] == []


def test_why_a_tier_is_held_and_what_would_lift_speak_of_patients(hospital):
    who = CustomerKey("hospital", "ina")
    vector = encode(hospital.schema, {"long_term_conditions": 1, "days_since_checkup": 90.0}, who, NOW)
    found = standing_of(hospital.snapshot, know(hospital.snapshot, who, Profile(vector=vector), NOW), NOW)
    told = {found.condition, found.next_condition, *(one.comparison for one in (*found.because, *found.lift))}
    assert [text for text in told if NOT_SAID.search(text)] == []
    assert any("patient." in text for text in told)


def test_nothing_is_offered_for_money(hospital):
    assert Kind.OFFER not in {action.kind for action in hospital.policy.actions}
    assert [action.id for action in hospital.policy.actions if action.partner] == []
    assert "margin" not in hospital.policy.goals


def test_no_feature_says_what_somebody_is_worth(hospital):
    assert [one.name for one in hospital.schema.features if WORTH.search(one.name)] == []


def test_who_is_served_first_and_where_is_decided_by_need_and_never_by_tier(hospital):
    medical = [
        action.id for action in hospital.policy.actions if action.kind in (Kind.SERVICE_LEVEL, Kind.CHANNEL_ROUTE)
    ]
    amounts = {str(action.value) for action in hospital.policy.actions if action.id in medical}
    assert not any("tier" in amount for amount in amounts)
    assert all("tier.name" not in table.inputs for table in hospital.policy.tables)
    assert not any("tier.name" in rule.when.source for rule in hospital.policy.rules)
    weights = {tier.weights["calm"] for tier in hospital.policy.tiers}
    assert weights == {1.0}


def test_nobody_is_served_worse_for_where_they_grew_up_or_for_their_sex(tmp_path):
    """Over many patients only one difference shows: who needs an interpreter has one, and others do not."""
    project, file = str(tmp_path / "hospital"), str(tmp_path / "decided.parquet")
    run("init", "--pack", "hospital", project, "--customers", "1500")
    asked = ("--project", project, "--customers", f"{project}/customers.parquet")
    run("batch", *asked, "--channel", "nurse_line", "--out", file)
    told = json.loads(run("fairness", *asked, "--batch", file, "-o", "json"))
    found = {(one["feature"], one["measure"]) for one in told["rates"] if one["disparity"]}
    assert {one["feature"] for one in told["rates"]} == {"sex", "origin"}
    assert found <= {("origin", "service with_interpreter")}


def run(*words: str) -> str:
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 0, ran.output
    return ran.stdout
