from __future__ import annotations

import re
import string
from dataclasses import replace
from pathlib import Path

import pytest

from documents.strict_yaml import load
from rules.facts import FactSchema
from rules.policy import Policy, Reason
from rules.reading.document import read_policy
from rules.reasons import LANGUAGES, Audience, Because, Reasons
from rules.wording.code import Code

_MACHINERY = re.compile(
    r"\b(mask|commit|lease|epoch|fitted|partition|propensity|arbitration|lever|suppress|slate|degraded|off-policy|"
    r"counterfactual|uplift|horizon|shadow|hysteresis|control group)", re.IGNORECASE,
)  # fmt: skip
_WORTH = re.compile(
    r"\b(value|worth|tier|rank|margin|profit|money|score|priority|segment|chance|cost|low)|"
    r"价值|等级|利润|评分|分数|优先|可能性|成本",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def policy(corner_shop_path: Path, facts: FactSchema) -> Policy:
    policy, _ = read_policy(load(corner_shop_path), facts)
    assert policy is not None
    return policy


@pytest.fixture(scope="module")
def reasons(policy: Policy) -> Reasons:
    return Reasons(policy)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_sentence_for_every_audience(language: str) -> None:
    sentences = LANGUAGES[language].sentences
    assert set(sentences) == set(Code)
    for sentence in sentences.values():
        assert sentence.customer
        assert sentence.agent
        assert sentence.analyst


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_only_use_words_that_are_filled(language: str) -> None:
    spoken = {"customer", "customers", "agent", "company"}
    for sentence in LANGUAGES[language].sentences.values():
        assert _fields(sentence.customer) <= spoken
        assert _fields(sentence.agent) <= spoken | {"until"}
        assert _fields(sentence.analyst) <= spoken | {"until", "rule", "observed", "required"}


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_a_customer_never_hears_what_they_are_worth(reasons: Reasons, locale: str) -> None:
    for code in Code:
        because = Because(code, "no_loan_in_complaint", observed="value 12", required="tier 1", until="noon")
        told = reasons.tell(because, Audience.CUSTOMER, locale)
        assert not _WORTH.search(told), told
        assert not any(c.isdigit() for c in told), told


def test_nobody_but_the_analyst_reads_rules_or_machinery(reasons: Reasons) -> None:
    for code in Code:
        because = Because(code, "no_loan_in_complaint", observed="x", required="y")
        for audience in (Audience.CUSTOMER, Audience.AGENT):
            told = reasons.tell(because, audience)
            assert not _MACHINERY.search(told), told
            assert "no_loan_in_complaint" not in told
        assert not _MACHINERY.search(reasons.tell(because, Audience.ANALYST))


def test_the_companys_own_words_come_first(reasons: Reasons) -> None:
    because = Because(Code.NOT_ELIGIBLE, "adults_only", observed="17")
    assert reasons.tell(because, Audience.CUSTOMER) == "This is for adults only."
    assert reasons.tell(because, Audience.AGENT) == "The customer is a minor."
    told = reasons.tell(because, Audience.ANALYST)
    assert told == "age below 18 (May we: rule adults_only; observed 17, required !(customer.age < 18))"


@pytest.mark.parametrize(
    ("written", "allows", "required"),
    [
        ("customer.on_contract", False, "!customer.on_contract"),
        ("customer.on_contract", True, "customer.on_contract"),
        ("(customer.age < 18)", False, "!(customer.age < 18)"),
        ("(customer.age < 18) || (customer.age > 80)", False, "!((customer.age < 18) || (customer.age > 80))"),
    ],
)
def test_what_a_rule_requires_is_what_would_let_pass(policy: Policy, written: str, allows: bool, required: str) -> None:
    rules = tuple(
        replace(one, allows=allows, when=replace(one.when, source=written)) if one.id == "adults_only" else one
        for one in policy.rules
    )
    assert Reasons(replace(policy, rules=rules)).required("adults_only") == required


def test_the_tier_for_everybody_else_says_so(reasons: Reasons) -> None:
    assert reasons.tell_tier("prospect", Audience.ANALYST) == "Tier prospect: otherwise"


def test_the_agents_words_are_never_read_to_the_customer(reasons: Reasons) -> None:
    because = Because(Code.NOT_APPLICABLE, "has_need")
    assert reasons.tell(because, Audience.AGENT) == "The customer uses little data."
    assert reasons.tell(because, Audience.CUSTOMER) == "This is not available right now."


def test_what_is_not_recorded_is_said_to_be_so(reasons: Reasons) -> None:
    assert "observed not recorded" in reasons.tell(Because(Code.CAPPED, "push_week"), Audience.ANALYST)


def test_a_hospital_says_patient(policy: Policy) -> None:
    hospital = Reasons(replace(policy, vocabulary={"customer": "patient"}))
    assert hospital.tell(Because(Code.NOT_SUITABLE), Audience.AGENT) == "It would not be good for this patient."


def test_an_unknown_language_is_told_in_english(reasons: Reasons) -> None:
    because = Because(Code.QUIET_HOURS, until="08:00")
    assert reasons.tell(because, Audience.AGENT, "xx-YY") == "It is quiet time for this customer until 08:00."


def test_a_chinese_reader_is_told_in_chinese(reasons: Reasons) -> None:
    hospital = Because(Code.PAUSED, "too_expensive", until="08:00")
    assert reasons.tell(hospital, Audience.ANALYST, "zh_CN") == "由规则 too_expensive 暂停触达，至 08:00"


def test_values_are_filled_in_as_they_are(reasons: Reasons) -> None:
    told = reasons.tell(Because(Code.NO_TREATMENT, observed="{rule.__class__}"), Audience.ANALYST)
    assert told == "No treatment for the channel {rule.__class__}"


def test_the_tiers_public_reason_is_told_and_its_condition_only_to_the_analyst(reasons: Reasons) -> None:
    assert reasons.tell_tier("relationship_1", Audience.CUSTOMER) == "You have been with us for a long time."
    assert reasons.tell_tier("prospect", Audience.CUSTOMER) == "This is based on your time with Corner Shop."
    assert "customer.value_12m >= 900" in reasons.tell_tier("relationship_1", Audience.ANALYST)


def test_a_customer_of_another_language_is_told_nothing_in_the_policys(policy: Policy) -> None:
    tiers = tuple(replace(tier, public_why="You came first.") for tier in policy.tiers)
    rules = tuple(replace(rule, reason=Reason("Only for adults.", "Ask the age.", "a")) for rule in policy.rules)
    plain = replace(policy, tiers=tiers, rules=rules)
    young, name = Because(Code.NOT_ELIGIBLE, rule="adults_only"), tiers[0].name
    written, unsaid = Reasons(replace(plain, language="en")), Reasons(plain)
    for locale in ("", "en-GB", "fr"):
        assert written.tell(young, Audience.CUSTOMER, locale) == "Only for adults."
        assert written.tell_tier(name, Audience.CUSTOMER, locale) == "You came first."
    for one in (written.tell(young, Audience.CUSTOMER, "zh-CN"), written.tell_tier(name, Audience.AGENT, "zh-CN")):
        assert one.isascii() is False
    assert written.tell(young, Audience.AGENT, "zh-CN") == "Ask the age."
    assert unsaid.tell_tier(name, Audience.CUSTOMER, "zh-CN") == "You came first."
    german = Reasons(replace(plain, language="de"))
    assert german.tell(young, Audience.CUSTOMER, "de-AT") == "Only for adults."
    assert german.tell(young, Audience.CUSTOMER, "en") != "Only for adults."
