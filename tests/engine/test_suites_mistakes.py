"""Every mistake in a suite is told at its place, all at once, and each once."""

import pytest

from documents.problem import DocumentInvalid
from tests.engine.suites_at_work import CAST, mistakes, read, written

ONE = "- name: one\n  customer: {}\n  moment: {}\n  expect: {}\n"


def of_expectation(folder, expect, moment="call"):
    """(column within the expectation, code) of every mistake in it."""
    found = mistakes(folder, ONE.format("anna", moment, expect))
    assert {line for line, _, _ in found} == {4}
    return [(column - len("    expect: "), code) for _, column, code in found]


@pytest.mark.parametrize(
    ("expect", "column", "code"),
    [
        ("{}", 1, "nothing-expected"),
        ("{teir: prospect}", 2, "unknown-key"),
        ("{hero: film_box}", 2, "unknown-key"),
        ("{tier: gold}", 8, "unknown-tier"),
        ("{offer: film_bx}", 9, "unknown-action"),
        ("{offer: []}", 9, "empty-list"),
        ("{offer: [new_phone, film_bx]}", 21, "unknown-action"),
        ("{offer: {last: film_box}}", 10, "unknown-key"),
        ("{offer: {cause: BORED}}", 17, "unknown-name"),
        ("{offer: {order: [film_box]}}", 17, "no-order"),
        ("{offer: {send_at: 8 o'clock}}", 19, "bad-time"),
        ("{offer: {blocked_by: nobody}}", 22, "unknown-rule"),
        ("{degraded: [TIRED]}", 13, "unknown-code"),
        ("{proposed: [film_bx]}", 13, "unknown-action"),
        ("{proposed: {film_bx: BEST}}", 13, "unknown-action"),
        ("{proposed: {film_box: CAPPED}}", 23, "unknown-reason-to-propose"),
        ("{proposed: {film_box: {in: hero}}}", 28, "unknown-placement-here"),
        ("{proposed: {film_box: {rank: 0}}}", 30, "out-of-range"),
        ("{proposed: {film_box: {reason: {boss: x}}}}", 33, "unknown-key"),
        ("{proposed: {film_box: {content: {smell: x}}}}", 34, "unknown-key"),
        ("{not_proposed: {film_box: nobody}}", 27, "unknown-rule,-stage-or-code"),
        ("{not_proposed: {film_box: {stage: late}}}", 35, "unknown-stage"),
        ("{not_proposed: {film_box: {rule: nobody}}}", 34, "unknown-rule"),
        ("{not_proposed: {film_box: {because: BEST}}}", 37, "unknown-reason-to-stop"),
        ("{allowed: [film_box, film_bx]}", 22, "unknown-action"),
        ("{placements: {hero: film_box}}", 15, "unknown-key"),
    ],
)
def test_a_mistake_in_an_expectation_is_told_where_it_stands(tmp_path, expect, column, code):
    assert of_expectation(tmp_path, expect) == [(column, code)]


@pytest.mark.parametrize(
    ("customer", "column", "code"),
    [
        ("berta", 1, "unknown-customer"),
        ("{like: berta}", 8, "unknown-customer"),
        ("{lke: anna}", 2, "unknown-key"),
        ("{id: 'a{b'}", 6, "bad-id"),
        ("{id: ''}", 6, "bad-id"),
        ("{features: {aeg: 3}}", 13, "unknown-feature"),
        ("{features: {age: 3.5}}", 18, "bad-value"),
        ("{features: {age: old}}", 18, "bad-value"),
        ("{features: {handset_os: palm}}", 25, "bad-value"),
        ("{features: {on_contract: 2}}", 26, "bad-value"),
        ("{consent: some}", 11, "unknown-name"),
        ("{consent: {phone: [marketing]}}", 12, "unknown-channel"),
        ("{consent: {push: [credit]}}", 19, "unknown-purpose-of-consent-here"),
        ("{time_zone: Europe/Berlim}", 13, "unknown-time-zone"),
        ("{history: [{channel: web, action: film_box}]}", 12, "missing-key"),
        ("{history: [{ago: 2 days, channel: web, action: film_box}]}", 18, "bad-duration"),
        ("{history: [{ago: 2d, channel: wbe, action: film_box}]}", 31, "unknown-channel"),
        ("{history: [{ago: 2d, channel: web, action: film_bx}]}", 44, "unknown-action"),
        ("{history: [{ago: 2d, channel: web, action: film_box, outcome: BORED}]}", 63, "unknown-outcome"),
        ("{history: [{ago: 2d, channel: web, action: film_box, reason: no_need}]}", 62, "no-outcome"),
        (
            "{history: [{ago: 2d, channel: web, action: film_box, outcome: CLICKED, outcome_ago: 3d}]}",
            85,
            "outcome-too-early",
        ),
        (
            "{history: [{ago: 2d, channel: web, action: film_box, outcome: REJECTED, reason: not_now}]}",
            81,
            "unknown-reason-to-reject-film_box",
        ),
    ],
)
def test_a_mistake_in_a_customer_is_told_where_it_stands(tmp_path, customer, column, code):
    found = mistakes(tmp_path, ONE.format(customer, "call", "{tier: prospect}"))
    assert next((line, at - len("    customer: "), what) for line, at, what in found) == (2, column, code)


@pytest.mark.parametrize(
    ("moment", "column", "code"),
    [
        ("cal", 1, "unknown-moment"),
        ("{intent: cancel}", 1, "missing-key"),
        ("{channel: phone}", 11, "unknown-channel"),
        ("{like: call, intent: gossip}", 22, "unknown-intent"),
        ("{like: call, context: {queue: 4}}", 24, "unknown-context-key"),
        ("{like: call, context: {queue_minutes: long}}", 39, "bad-value"),
        ("{like: call, context: {page: garden}}", 30, "bad-value"),
        ("{like: call, placements: [hero]}", 27, "unknown-placement-of-call_centre"),
        ("{like: call, max_actions: 26}", 27, "out-of-range"),
        ("{like: call, exclude: [film_bx]}", 24, "unknown-action"),
        ("{like: call, follows: previous}", 1, "no-decision-yet"),
        ("{like: call, follows: yesterday}", 1, "unknown-decision"),
        ("{like: call, store: gone}", 21, "unknown-name"),
    ],
)
def test_a_mistake_in_a_moment_is_told_where_it_stands(tmp_path, moment, column, code):
    found = mistakes(tmp_path, ONE.format("anna", moment, "{tier: prospect}"))
    assert [(line, at - len("    moment: "), what) for line, at, what in found] == [(3, column, code)]


@pytest.mark.parametrize(
    ("steps", "line", "code"),
    [
        (["{decide: call}"], 1, "nothing-expected"),
        (["{wait: 3d, decide: call}"], 4, "bad-step"),
        (["{sleep: 3d}"], 4, "bad-step"),
        (["{wait: soon}"], 4, "bad-duration"),
        (["{outcome: REJECTED}", "{decide: call, expect: {tier: prospect}}"], 4, "no-decision-yet"),
        (["{decide: call, expect: {tier: prospect}}", "{outcome: BORED}"], 5, "unknown-outcome"),
        (["{decide: call, as: a, expect: {tier: prospect}}", "{outcome: CLICKED, of: b}"], 5, "unknown-decision"),
        (["{decide: call, as: a, expect: {tier: prospect}}", "{decide: call, as: a}"], 5, "name-taken"),
        (["{decide: call, as: previous, expect: {tier: prospect}}"], 4, "name-taken"),
        (["{decide: call, expect: {tier: prospect}}", "{change: {history: []}}"], 5, "unknown-key"),
    ],
)
def test_a_mistake_in_a_step_is_told_where_it_stands(tmp_path, steps, line, code):
    case = "- name: one\n  customer: anna\n  steps:\n" + "".join(f"    - {step}\n" for step in steps)
    assert [(at, what) for at, _, what in mistakes(tmp_path, case)][:1] == [(line, code)]


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("- {customer: anna, moment: call, expect: {tier: prospect}}", "missing-key"),
        ("- {name: one, customer: anna}", "missing-key"),
        ("- {name: one, customer: anna, moment: call, steps: [{decide: call, expect: {tier: prospect}}]}", "two-ways"),
        ("- {name: one, customer: anna, moment: call, now: today, expect: {tier: prospect}}", "bad-time"),
        ("- {name: one, customer: anna, moment: call, now: 2026-01-01T10:00, expect: {tier: prospect}}", "bad-time"),
        ("- {name: one, customer: anna, moment: call, stopped: [x], expect: {tier: prospect}}", "unknown-action"),
        ("- {name: one, customer: anna, moment: call, group: x, expect: {tier: prospect}}", "unknown-comparison-group"),
        ("- {name: one, customer: anna, moment: call, explore: 1, expect: {tier: prospect}}", "wrong-type"),
        ("[]", "empty-list"),
    ],
)
def test_a_mistake_in_a_case_is_told(tmp_path, case, code):
    assert [what for _, _, what in mistakes(tmp_path, case)][:1] == [code]


def test_two_cases_of_one_name_are_a_mistake(tmp_path):
    case = ONE.format("anna", "call", "{tier: prospect}")
    assert mistakes(tmp_path, case + case) == [(5, 5, "duplicate-name")]


def test_a_time_must_be_said_somewhere(tmp_path):
    cast = CAST.replace("now: 2026-09-24T12:00:00+02:00\n", "")
    assert mistakes(tmp_path, ONE.format("anna", "call", "{tier: prospect}"), cast) == [(1, 5, "no-time")]


def test_who_is_like_herself_is_told(tmp_path):
    cast = CAST.replace("  stranger: {}\n", "  stranger: {like: other}\n  other: {like: stranger}\n")
    found = mistakes(tmp_path, ONE.format("anna", "call", "{tier: prospect}"), cast)
    assert [code for _, _, code in found] == ["like-itself"]


def test_the_mistakes_of_all_files_are_told_together(tmp_path):
    case = ONE.format("anna", "call", "{{tier: {}}}")
    files = [written(tmp_path, case.format(tier), name=f"{tier}_test.yaml") for tier in ("gold", "silver")]
    with pytest.raises(DocumentInvalid) as refused:
        read(*files, tmp_path / "none_test.yaml")
    assert [one.code for one in refused.value.problems] == ["unknown-tier", "unreadable", "unknown-tier"]


def test_a_wrong_customer_or_time_does_not_hide_what_is_wrong_behind_it(tmp_path):
    cast = CAST.replace("now: 2026-09-24T12:00:00+02:00", "now: noon")
    found = mistakes(tmp_path, ONE.format("ana", "call", "{tier: gold, not_proposed: [film_bx]}"), cast)
    assert [code for _, _, code in found] == ["bad-time", "unknown-customer", "unknown-tier", "unknown-action"]


def test_a_wrong_moment_does_not_hide_what_is_expected_wrongly(tmp_path):
    found = mistakes(tmp_path, ONE.format("anna", "{channel: fax}", "{tier: gold, hero: film_bx, offer: [no_such]}"))
    assert [code for _, _, code in found] == ["unknown-channel", "unknown-tier", "unknown-action", "unknown-action"]


def test_shared_fixtures_that_are_not_there_are_told_where_they_are_named(tmp_path):
    cast = CAST.replace("customers:", "fixtures: nowhere.yaml\ncustomers:")
    found = mistakes(tmp_path, ONE.format("anna", "call", "{tier: prospect}"), cast)
    assert [(column, code) for _, column, code in found] == [(11, "no-such-file")]
