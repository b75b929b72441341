"""Cases let events start messages and complaints stop selling, and say what is sent."""

from __future__ import annotations

import pytest

from documents.problem import DocumentInvalid
from tests.engine.eventful import cel
from tests.engine.suites_at_work import failures, read, tried, written
from tests.engine.test_duty import shop as with_duty
from tests.engine.triggered import trigger, triggering


def broken(cases: str, tmp_path, snapshot) -> list[tuple[str, str]]:
    return [(one.expected, one.got) for one in failures(tried(written(tmp_path, cases), snapshot=snapshot))]


def test_an_abandoned_basket_is_followed_by_a_message_unless_it_is_bought(tmp_path):
    cases = """
    - name: nothing happens after an abandoned basket
      customer: anna
      steps:
        - {event: basket, attributes: {change: abandoned}}
        - {push: push, sends: none}
        - {wait: 61m}
        - {push: push, sends: [film_box]}
        - {push: push, sends: none}
    - name: it is bought after all
      customer: anna
      steps:
        - {event: basket, attributes: {change: abandoned}}
        - {wait: 30m}
        - {event: purchase, attributes: {amount: 5}}
        - {wait: 31m}
        - {push: push, sends: none}
    """
    assert broken(cases, tmp_path, triggering()) == []


def test_what_is_sent_instead_is_told(tmp_path):
    cases = """
    - name: a basket that is not abandoned
      customer: anna
      steps:
        - {event: basket, attributes: {change: added}}
        - {wait: 61m}
        - {push: push, sends: [film_box]}
    """
    assert broken(cases, tmp_path, triggering()) == [("over push is sent: film_box", "nothing")]


LOYAL = triggering(trigger(), trigger("loyal", when=cel("event.change == 'added' && customer.orders_12m > 3")))


def test_a_case_says_which_triggers_an_event_starts(tmp_path):
    cases = """
    - name: an abandoned basket is followed up
      customer: anna
      steps:
        - {event: basket, attributes: {change: abandoned}, starts: [abandoned]}
    - name: who buys often is asked at once
      customer: anna
      steps:
        - {event: basket, attributes: {change: added}, starts: loyal}
        - {change: {features: {orders_12m: 1}}}
        - {event: basket, attributes: {change: added}, starts: none}
    """
    assert broken(cases, tmp_path, LOYAL) == []


def test_a_trigger_that_does_not_start_says_what_it_saw(tmp_path):
    cases = """
    - name: a newcomer
      customer: {like: anna, features: {orders_12m: 2}}
      steps:
        - {event: basket, attributes: {change: added}, starts: [loyal]}
        - {event: basket, attributes: {change: abandoned}, starts: none}
    """
    first, second = failures(tried(written(tmp_path, cases), snapshot=LOYAL))
    assert (first.expected, first.got) == ("basket starts: loyal", "nothing")
    assert first.why == 'loyal reads: customer.orders_12m is 2, event.change is "added"'
    assert (second.expected, second.got) == ("basket starts: nothing", "abandoned")


def test_triggers_and_what_they_decide_are_covered(tmp_path):
    cases = """
    - name: an abandoned basket
      customer: anna
      steps:
        - {event: basket, attributes: {change: abandoned}}
        - {wait: 61m}
        - {push: push, sends: [film_box]}
    """
    found = tried(written(tmp_path, cases), snapshot=LOYAL).coverage
    assert (found.touched["triggers"], found.missed("triggers")) == ({"abandoned"}, ("loyal",))
    assert "film_box" in found.touched["actions"]
    assert "push.message" in found.touched["placements"]


def test_a_complaint_stops_selling_until_it_is_resolved(tmp_path):
    cases = """
    - name: a complaint
      customer: anna
      steps:
        - {decide: web, expect: {allowed: [film_box], alerts: none}}
        - {outcome: COMPLAINT}
        - {decide: web, expect: {not_proposed: {film_box: {rule: unresolved}}, alerts: [complaint]}}
        - {resolve: complaint}
        - {decide: web, expect: {allowed: [film_box], alerts: none}}
        - {outcome: RATING, rating: 1}
        - {decide: web, expect: {alerts: [low_rating]}}
    """
    assert broken(cases, tmp_path, with_duty()) == []


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("{push: web, sends: none}", "unknown"),
        ("{push: push, sends: [no_such]}", "unknown"),
        ("{resolve: nonsense}", "unknown"),
        ("{event: basket, attributes: {change: added}, starts: [no_such]}", "unknown"),
        ("{event: purchase, attributes: {amount: 5}, starts: [abandoned]}", "unknown"),
    ],
)
def test_mistakes_in_steps_are_told_where_they_are(tmp_path, step, code):
    cases = f"""
    - name: a case
      customer: anna
      steps:
        - {step}
        - {{decide: web, expect: {{alerts: none}}}}
    """
    with pytest.raises(DocumentInvalid) as wrong:
        read(written(tmp_path, cases), snapshot=triggering())
    assert code in wrong.value.problems[0].code
