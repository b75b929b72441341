"""Cases let things happen: events, live facts, promises that break, procedures that go on."""

from __future__ import annotations

import pytest

from documents.problem import DocumentInvalid
from tests.engine.eventful import eventful
from tests.engine.suites_at_work import failures, read, tried, written
from tests.engine.test_live_facts import shop


def broken(cases: str, tmp_path, snapshot) -> list[tuple[str, str]]:
    return [(one.expected, one.got) for one in failures(tried(written(tmp_path, cases), snapshot=snapshot))]


def test_events_are_known_to_the_next_decision(tmp_path):
    cases = """
    - name: who looks a lot is left alone
      customer: anna
      steps:
        - {event: page_view, attributes: {page: phones}, ago: 1h}
        - {decide: web, expect: {not_proposed: {stay_discount: {}}, allowed: [film_box]}}
        - {event: page_view}
        - {decide: web, expect: {not_proposed: {film_box: {rule: test_stop}}}}
        - {wait: 3w}
        - {decide: web, expect: {allowed: [film_box]}}
    """
    assert broken(cases, tmp_path, eventful("customer.pages_7d > 1.9")) == []


def test_a_promise_breaks_alerts_and_is_kept(tmp_path):
    cases = """
    - name: the sofa is late
      customer: anna
      steps:
        - {event: delivery_promised, attributes: {order: "17", date: 2026-09-25}}
        - {decide: web, expect: {allowed: [film_box], alerts: none}}
        - {wait: 2d}
        - {decide: web, expect: {not_proposed: {film_box: {rule: broken}}, alerts: [broken_promise]}}
        - {event: delivery_kept, attributes: {order: "17"}}
        - {decide: web, expect: {allowed: [film_box]}}
    """
    assert broken(cases, tmp_path, eventful()) == []


def test_a_procedure_is_carried_and_its_steps_fall_due(tmp_path):
    cases = """
    - name: a bill is wrong
      customer: anna
      steps:
        - {decide: {like: call, intent: billing}, expect: {procedure: line_down, alerts: none}}
        - {wait: 1m}
        - {event: step_done, attributes: {procedure: line_down, step: greet}}
        - {wait: 4m}
        - {decide: {like: call, intent: billing}, expect: {procedure: line_down, alerts: none}}
        - {wait: 2m}
        - {decide: call, expect: {procedure: none, alerts: overdue_step}}
    """
    assert broken(cases, tmp_path, eventful()) == []


def test_live_facts_are_told_to_the_rules(tmp_path):
    cases = """
    - name: sold out
      customer: anna
      steps:
        - {event: action_facts, action: film_box, attributes: {stock: 0}}
        - {decide: web, expect: {not_proposed: {film_box: {rule: in_stock}}}}
        - {event: action_facts, action: film_box, attributes: {stock: 3}}
        - {decide: web, expect: {allowed: [film_box]}}
        - {wait: 2h}
        - {decide: web, expect: {not_proposed: {film_box: {rule: in_stock}}}}
    """
    assert broken(cases, tmp_path, shop()) == []


def test_what_is_not_as_expected_is_told(tmp_path):
    cases = """
    - name: all wrong
      customer: anna
      steps:
        - {event: consent_changed, attributes: {channel: psh, purpose: marketing, given: true}}
        - {decide: call, expect: {procedure: line_down, alerts: [overdue_step]}}
    """
    told = broken(cases, tmp_path, eventful())
    assert [one[0] for one in told] == ["consent_changed can be entered", "procedure line_down", "alerts: overdue_step"]
    assert [one[1] for one in told[1:]] == ["procedure none", "none"]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("{event: pageview}", "unknown-event"),
        ("{event: page_view, attributes: {pge: x}}", "bad-event"),
        ("{event: purchase}", "bad-event"),
        ("{event: page_view, attributes: {page: [x]}}", "bad-value"),
        ("{event: action_facts, action: filmbox, attributes: {stock: 1}}", "unknown-action"),
        ("{event: action_facts, attributes: {stock: 1}}", "bad-event"),
        ("{decide: web, expect: {procedure: line}}", "unknown-procedure"),
        ("{decide: web, expect: {alerts: [broken]}}", "unknown-alert"),
        ("{event: page_view, wait: 3d}", "bad-step"),
    ],
)
def test_what_a_case_cannot_let_happen_is_a_mistake(tmp_path, step, code):
    last = "{decide: web, expect: {tier: relationship_1}}"
    cases = f"- name: one\n  customer: anna\n  steps:\n    - {step}\n    - {last}\n"
    with pytest.raises(DocumentInvalid) as refused:
        read(written(tmp_path, cases), snapshot=eventful())
    assert [one.code for one in refused.value.problems] == [code]
