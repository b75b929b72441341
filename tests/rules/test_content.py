from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.strict_yaml import parse
from rules.content import Contents
from rules.facts import FactSchema
from rules.policy import Content, Policy
from rules.reading.document import read_policy
from rules.situation import Value
from rules.template import read_template, shown, tidy

_WEB = "      web: {title: Basic tariff}"


def _read(path: Path, facts: FactSchema, web: str = _WEB) -> Policy:
    text = path.read_text(encoding="utf-8")
    assert text.count(_WEB) == 1
    policy, reader = read_policy(parse(text.replace(_WEB, web), "policy.yaml"), facts)
    assert not reader.problems, reader.problems
    assert policy is not None
    return policy


def _filled(path: Path, facts: FactSchema, body: str, values: dict[str, Value]) -> str:
    web = f"      web:\n        title: x\n        body: {body}"
    return Contents(_read(path, facts, web), facts).fill("basic_tariff", "web", values, values).body


def test_a_treatment_without_placeholders_is_returned_untouched(corner_shop_path: Path, facts: FactSchema) -> None:
    policy = _read(corner_shop_path, facts)
    basic = next(action for action in policy.actions if action.id == "basic_tariff")
    contents = Contents(policy, facts)
    assert contents.fill("basic_tariff", "web", {}, {}) is basic.treatments["web"].content


def test_an_action_without_a_treatment_in_the_channel_says_nothing(corner_shop_path: Path, facts: FactSchema) -> None:
    assert Contents(_read(corner_shop_path, facts), facts).fill("route_general", "web", {}, {}) == Content()


def test_values_of_customer_and_action_stand_in_the_text(corner_shop_path: Path, facts: FactSchema) -> None:
    contents = Contents(_read(corner_shop_path, facts), facts)
    filled = contents.fill("upgrade_unlimited", "call_centre", {"tenure_months": 26.0}, {})
    assert filled.body == "With us for 26 months: unlimited data for 49 EUR."
    assert filled.title == "Unlimited data"


@pytest.mark.parametrize(
    ("body", "values", "text"),
    [
        ('"{customer.tenure_months} months"', {}, "0 months"),
        ('"Used {customer.data_used_share}."', {}, "Used –."),
        ('"Used {customer.data_used_share|some}."', {}, "Used some."),
        ('"Used {customer.data_used_share|some}."', {"data_used_share": 0.5}, "Used 0.5."),
        ('"Hello {customer.first_name}, welcome"', {}, "Hello, welcome"),
        ('"Hello {customer.first_name|there}, welcome"', {}, "Hello there, welcome"),
        ('"Hello {customer.first_name}"', {"first_name": "Ada"}, "Hello Ada"),
        ('"Wait {context.queue_minutes} min"', {"queue_minutes": 4.25}, "Wait 4.25 min"),
        ('"Wait {context.queue_minutes} min"', {}, "Wait 0 min"),
        ('"Contract: {customer.on_contract}"', {"on_contract": True}, "Contract: yes"),
        ('"{{literally}} {action.group}"', {}, "{literally} tariffs"),
        ('"By {action.partner|us}"', {}, "By us"),
    ],
)
def test_missing_values_leave_a_neutral_text(
    corner_shop_path: Path, facts: FactSchema, body: str, values: dict[str, Value], text: str
) -> None:
    assert _filled(corner_shop_path, facts, body, values) == text


def test_a_value_in_a_text_is_never_read_as_a_placeholder(corner_shop_path: Path, facts: FactSchema) -> None:
    body = '"{customer.first_name}"'
    assert _filled(corner_shop_path, facts, body, {"first_name": "{action.id}"}) == "{action.id}"


def test_values_within_links_are_percent_encoded(corner_shop_path: Path, facts: FactSchema) -> None:
    web = '      web: {title: x, link: "https://shop.example/?n={customer.first_name|a b}&g={action.group}"}'
    contents = Contents(_read(corner_shop_path, facts, web), facts)
    filled = contents.fill("basic_tariff", "web", {"first_name": "a&b=c/ü"}, {})
    assert filled.link == "https://shop.example/?n=a%26b%3Dc%2F%C3%BC&g=tariffs"
    assert contents.fill("basic_tariff", "web", {}, {}).link == "https://shop.example/?n=a%20b&g=tariffs"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (49.0, "49"),
        (49.5, "49.5"),
        (0.1 + 0.2, "0.3"),
        (1234567.0, "1234567"),
        (-0.0, "0"),
        (-0.001, "-0.001"),
        (0.00421, "0.0042"),
        (False, "no"),
        ("x", "x"),
        (float("nan"), None),
        (float("inf"), None),
        (None, None),
    ],
)
def test_values_are_shown_as_people_write_them(value: Value | None, text: str | None) -> None:
    assert shown(value) == text


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="{}ab.|_!:0[] customeractionx\n", max_size=40))
def test_any_text_is_a_template_and_only_plain_names_are_placeholders(text: str) -> None:
    template = read_template(text)
    assert all(placeholder.name.isidentifier() for placeholder in template.placeholders)
    assert all(0 <= offset < len(text) and text[offset] in "{}" for offset, _ in template.mistakes)
    if "{" not in text and "}" not in text:
        assert "".join(str(piece) for piece in template.pieces) == text


def test_gaps_are_tidied() -> None:
    assert tidy("Hello , you  there !\n  x ") == "Hello, you there!\nx"
