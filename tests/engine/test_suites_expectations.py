"""Every kind of expectation holds where it should, and tells what came and why where it does not."""

import pytest

from tests.engine.suites_at_work import asked, failures, tried, written

HOLDING = [
    ("anna", "call", "{tier: relationship_1}"),
    ("anna", "call", "{offer: instalment_loan}"),
    ("anna", "call", "{offer: [instalment_loan, upgrade_unlimited, ask_contact_time]}"),
    ("anna", "call", "{offer: {exactly: [instalment_loan, upgrade_unlimited, ask_contact_time]}}"),
    ("anna", "call", "{offer: {first: instalment_loan, order: [instalment_loan, ask_contact_time]}}"),
    ("anna", "call", "{offer: {includes: [ask_contact_time, upgrade_unlimited], cause: none}}"),
    ("anna", "call", "{placements: {offer: instalment_loan}, service_level: priority_service}"),
    ("complaining", "web", "{hero: nothing}"),
    ("complaining", "web", "{hero: {exactly: nothing, cause: NONE_ALLOWED}}"),
    ("stranger", "push", "{message: {blocked_by: marketing}}"),
    ("stranger", "call", "{degraded: [UNKNOWN_CUSTOMER], tier: prospect}"),
    ("stranger", "call", "{degraded: [UNKNOWN_CUSTOMER, MODEL_MISSING]}"),
    ("anna", "call", "{degraded: none}"),
    ("anna", "{like: call, store: away}", "{degraded: [STORE_UNAVAILABLE], route: route_general}"),
    ("anna", "push", "{message: {send_at: at once}}"),
    ("anna", "call", "{proposed: [instalment_loan, route_general]}"),
    ("anna", "call", "{proposed: instalment_loan}"),
    ("anna", "call", "{proposed: {instalment_loan: BEST}}"),
    ("anna", "call", "{proposed: {instalment_loan: {in: offer, rank: 1, because: BEST}}}"),
    ("anna", "call", "{proposed: {upgrade_unlimited: {content: {body: 'for 30 months', say: SHALL I}}}}"),
    ("anna", "call", "{proposed: {upgrade_unlimited: {reason: {customer: you, agent: fits, analyst: '8.28'}}}}"),
    ("anna", "call", "{not_proposed: [stay_discount, film_box]}"),
    ("anna", "call", "{not_proposed: {stay_discount: retention_only_on_cancel, film_box: NO_TREATMENT}}"),
    ("anna", "call", "{not_proposed: {new_phone: arbitration, basic_tariff: {because: OUTRANKED}}}"),
    ("anna", "call", "{allowed: [new_phone, instalment_loan, ask_contact_time]}"),
    ("anna", "call", "{allowed: basic_tariff}"),
    ("complaining", "call", "{not_proposed: {new_phone: {stage: contact, rule: open_complaint}}}"),
    ("complaining", "call", "{not_proposed: {new_phone: {reason: 'a complaint is  open'}}}"),
]


@pytest.mark.parametrize(("customer", "moment", "expect"), HOLDING)
def test_what_is_so_holds(tmp_path, customer, moment, expect):
    assert asked(tmp_path, expect, customer, moment) == []


BROKEN = [
    ("anna", "call", "{tier: prospect}", "tier prospect", "tier relationship_1", "customer.tenure_months is 30"),
    ("anna", "call", "{offer: basic_tariff}", "offer: basic_tariff first", "instalment_loan (worth", "not chosen"),
    ("anna", "call", "{offer: nothing}", "offer: nothing", "instalment_loan (worth", "rank 1"),
    ("anna", "call", "{offer: [upgrade_unlimited, instalment_loan]}", "then instalment_loan", "ask_contact", "rank 3"),
    ("anna", "call", "{offer: {order: [ask_contact_time, instalment_loan]}}", "before", "instalment_loan", "rank 3"),
    ("anna", "call", "{offer: {includes: [new_phone]}}", "new_phone among them", "upgrade_unlimited", "not chosen"),
    ("anna", "call", "{offer: {cause: FALLBACK}}", "cause FALLBACK", "cause none: instalment_loan", ""),
    ("anna", "push", '{message: {send_at: "08:00"}}', "sent at 08:00", "2026-09-24 12:00, which is at once", ""),
    ("stranger", "push", '{message: {send_at: "08:00"}}', "sent at 08:00", "nothing (NONE_ALLOWED", ""),
    ("anna", "push", "{message: {blocked_by: push_week}}", "held back by push_week", "film_box", "stopped nothing"),
    ("complaining", "call", "{degraded: [UNKNOWN_CUSTOMER]}", "UNKNOWN_CUSTOMER", "nothing missing", ""),
    ("stranger", "call", "{degraded: none}", "nothing missing", "UNKNOWN_CUSTOMER", ""),
    ("anna", "call", "{proposed: [film_box]}", "film_box proposed", "not proposed", '"is it there"'),
    ("anna", "web", "{proposed: [route_general]}", "route_general proposed", "not proposed", "is it there"),
    ("anna", "call", "{proposed: {upgrade_unlimited: {rank: 1}}}", "at rank 1", "offer at rank 2", ""),
    ("anna", "call", "{proposed: {upgrade_unlimited: {in: route}}}", "in route", "offer at rank 2", ""),
    ("anna", "call", "{proposed: {upgrade_unlimited: HONOURED}}", "because HONOURED", "offer at rank 2", ""),
    ("anna", "call", "{proposed: {upgrade_unlimited: {content: {say: gold}}}}", 'its say contains "gold"', "Shall", ""),
    (
        "anna",
        "call",
        "{proposed: {new_phone: {reason: {customer: x}}}}",
        "new_phone proposed",
        "not prop",
        "not chosen",
    ),
    (
        "anna",
        "call",
        "{proposed: {instalment_loan: {reason: {customer: gold}}}}",
        "the customer's reason",
        "suits you",
        "",
    ),
    ("anna", "call", "{not_proposed: [instalment_loan]}", "not proposed", "proposed in offer at rank 1", ""),
    (
        "anna",
        "call",
        "{not_proposed: {instalment_loan: adults_only}}",
        "by adults_only",
        "rank 1",
        "stopped nothing here",
    ),
    (
        "anna",
        "call",
        "{not_proposed: {stay_discount: open_complaint}}",
        "by open_complaint",
        "retention_only",
        "nothing",
    ),
    ("anna", "call", "{not_proposed: {film_box: contact}}", 'at "may we reach out now"', '"is it there"', ""),
    ("anna", "call", "{allowed: [new_phone, stay_discount]}", "stay_discount allowed", "not allowed", "retention_only"),
    ("complaining", "call", "{not_proposed: {new_phone: {reason: {agent: x}}}}", 'contains "x"', "Mend it first", ""),
]


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_not_so_is_explained(tmp_path, case):
    customer, moment, expect, *explained = case
    (failure,) = asked(tmp_path, expect, customer, moment)
    told = (failure.expected, failure.got, failure.why)
    assert [part in text for part, text in zip(explained, told, strict=True)] == [True] * 3, told


def test_the_explanation_names_the_rule_its_reason_and_what_it_saw(tmp_path):
    (failure,) = asked(tmp_path, "{proposed: [upgrade_unlimited]}", "{like: anna, features: {data_used_share: 0.5}}")
    assert failure.why == (
        'upgrade_unlimited stops at "does it make sense now" by has_need: The customer uses little data. '
        "(action.price is 49, customer.data_used_share is 0.5)"
    )


def test_what_is_not_known_is_said_to_be_unknown(tmp_path):
    (failure,) = asked(tmp_path, "{proposed: [upgrade_unlimited]}", "stranger")
    assert "customer.data_used_share is not known" in failure.why


def test_a_pause_is_explained_with_its_end(tmp_path):
    history = "[{ago: 2d, channel: web, action: basic_tariff, outcome: REJECTED, reason: too_expensive}]"
    (failure,) = asked(tmp_path, "{proposed: [upgrade_unlimited]}", f"{{like: anna, history: {history}}}")
    assert "by too_expensive" in failure.why
    assert "rests until 2026-12-21 11:00" in failure.why


def test_a_cap_is_explained_with_its_limit(tmp_path):
    history = "[{ago: 2h, channel: push, action: film_box}]"
    (failure,) = asked(tmp_path, "{message: upgrade_unlimited}", f"{{like: anna, history: {history}}}", "push")
    assert "by one_sale_a_day" in failure.why
    assert "(at most 1 in a calendar day)" in failure.why


def test_a_worth_is_told_with_its_parts(tmp_path):
    (failure,) = asked(tmp_path, "{proposed: {upgrade_unlimited: HONOURED}}")
    assert "worth 8.28 (chance 5.0% x gain 165.00 x 1.10 - cost 0.80)" in failure.got


def test_a_failure_points_at_the_expectation(tmp_path):
    case = """
    - name: one
      customer: anna
      moment: call
      expect:
        tier: prospect
    """
    (failure,) = failures(tried(written(tmp_path, case)))
    assert failure.place.line == 20
    assert failure.place.column == 13
