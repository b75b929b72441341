"""What happened before a case and what happens in it goes through the live core: pauses, caps, offers that stand."""

import pytest

from tests.engine.suites_at_work import asked, failures, tried, written

REJECTED = "ago: 2d, channel: web, action: basic_tariff, outcome: REJECTED"

UPGRADE = "{like: call, exclude: [instalment_loan]}"


def played(folder, steps, customer="anna", **more):
    said = "".join(f"\n  {key}: {value}" for key, value in more.items())
    indented = "\n".join(f"    - {step}" for step in steps)
    return failures(tried(written(folder, f"- name: one\n  customer: {customer}{said}\n  steps:\n{indented}\n")))


SHOWN = "channel: web, action: upgrade_unlimited, outcome: IMPRESSION"


@pytest.mark.parametrize(
    ("history", "moment", "expect"),
    [
        (f"[{{{REJECTED}, reason: too_expensive}}]", "call", "{not_proposed: {upgrade_unlimited: too_expensive}}"),
        (f"[{{ago: 13d, {SHOWN}}}]", UPGRADE, "{proposed: {upgrade_unlimited: HONOURED}}"),
        (f"[{{ago: 15d, {SHOWN}}}]", UPGRADE, "{proposed: {upgrade_unlimited: BEST}}"),
        (
            "[{ago: 9d, channel: web, action: film_box, outcome: CONVERSION}]",
            "call",
            "{not_proposed: {instalment_loan: same_family}}",
        ),
        (
            "[{ago: 9d, channel: web, action: film_box, outcome: CONVERSION, outcome_ago: 1d}]",
            "call",
            "{not_proposed: {instalment_loan: {rule: recent_purchase, because: SELLING_STOPPED}}}",
        ),
        ("[{ago: 3d, channel: push, action: data_tip}]", "push", "{message: film_box}"),
        (
            "[{ago: 3d, channel: push, action: data_tip}, {ago: 2d, channel: push, action: data_tip}]",
            "push",
            "{message: {exactly: nothing, blocked_by: push_week}}",
        ),
    ],
)
def test_the_past_is_felt(tmp_path, history, moment, expect):
    assert asked(tmp_path, expect, f"{{like: anna, history: {history}}}", moment) == []


def test_an_own_history_replaces_an_inherited_one(tmp_path):
    cast = f"""\
version: 1
now: 2026-09-24T12:00:00+02:00
customers:
  tired: {{features: {{age: 40}}, history: [{{{REJECTED}, reason: too_expensive}}]}}
  rested: {{like: tired, history: []}}
moments:
  web: {{channel: web}}
cases:
"""
    case = """
    - name: <who>
      for each:
        - [who, stopped by]
        - [tired, too_expensive]
        - [rested, has_need]
      customer: <who>
      moment: web
      expect: {not_proposed: {upgrade_unlimited: {rule: has_need}, basic_tariff: <stopped by>}}
    """
    (failure,) = failures(tried(written(tmp_path, case, cast)))
    assert failure.expected == "basic_tariff not proposed by has_need"
    assert "was allowed but not chosen" in failure.got


def test_a_sequence_is_felt_step_by_step(tmp_path):
    steps = [
        "{decide: call, as: first, expect: {offer: {includes: [upgrade_unlimited]}}}",
        "{outcome: REJECTED, action: upgrade_unlimited, reason: not_now}",
        "{decide: {like: call, follows: first}, expect: {not_proposed: {upgrade_unlimited: EXCLUDED}}}",
        "{decide: call, expect: {not_proposed: {upgrade_unlimited: not_now}}}",
        "{wait: 6d}",
        "{decide: web, expect: {not_proposed: {upgrade_unlimited: not_now}}}",
        "{wait: 2d}",
        "{decide: call, expect: {proposed: [upgrade_unlimited]}}",
    ]
    assert played(tmp_path, steps) == []


def test_an_outcome_of_an_earlier_decision_is_told_by_its_name(tmp_path):
    steps = [
        "{decide: call, as: at_the_desk}",
        "{decide: web}",
        "{outcome: ACCEPTED, action: instalment_loan, of: at_the_desk}",
        "{decide: web, expect: {hero: {exactly: nothing}, not_proposed: {film_box: recent_purchase}}}",
    ]
    assert played(tmp_path, steps) == []


def test_an_outcome_needs_no_action_where_only_one_was_proposed(tmp_path):
    steps = [
        "{decide: web, expect: {hero: film_box}}",
        "{outcome: REJECTED, reason: no_need}",
        "{decide: web, expect: {hero: film_box}}",
    ]
    assert played(tmp_path, steps) == []


def test_an_outcome_that_cannot_be_is_told_with_what_was_proposed(tmp_path):
    steps = ["{decide: web, expect: {hero: film_box}}", "{outcome: ACCEPTED, action: new_phone}"]
    (failure,) = played(tmp_path, steps)
    assert failure.expected == "ACCEPTED of new_phone can be entered"
    assert "did not offer this action" in failure.got
    assert failure.why == "the decision proposed film_box"


def test_what_changes_is_known_from_then_on(tmp_path):
    steps = [
        "{decide: push, expect: {message: film_box}}",
        "{change: {consent: {push: none}}}",
        "{decide: push, expect: {message: {blocked_by: marketing}}}",
        "{change: {features: {open_complaints: 1}}}",
        "{decide: web, expect: {not_proposed: {film_box: open_complaint}}}",
        "{change: {features: {open_complaints: null}}}",
        "{decide: web, expect: {hero: film_box}}",
    ]
    assert played(tmp_path, steps) == []


def test_sending_waits_for_the_morning_on_the_customers_clock(tmp_path):
    steps = [
        '{decide: push, expect: {message: {send_at: "2026-09-25 08:00"}}}',
        "{change: {time_zone: America/New_York}}",
        "{wait: 8d}",
        "{decide: push, expect: {message: {send_at: at once}}}",
    ]
    assert played(tmp_path, steps, now="2026-09-24T22:30:00+02:00") == []


def test_the_stores_absence_is_over_with_its_step(tmp_path):
    steps = [
        "{decide: {like: call, store: away}, expect: {degraded: [STORE_UNAVAILABLE], not_proposed: [instalment_loan]}}",
        "{decide: call, expect: {degraded: none, offer: instalment_loan}}",
    ]
    assert played(tmp_path, steps) == []


def test_a_decision_asks_as_the_moment_says(tmp_path):
    steps = [
        "{decide: {like: call, placements: [offer], max_actions: 1}, expect: {offer: [instalment_loan]}}",
        "{decide: {like: call, exclude: [instalment_loan]}, expect: {not_proposed: {instalment_loan: EXCLUDED}}}",
        "{decide: {like: leaving, context: {queue_minutes: 0}}, expect: {offer: stay_discount}}",
        "{decide: {like: call, locale: zh-CN}, expect: {proposed: {instalment_loan: {reason: {customer: 您}}}}}",
    ]
    assert played(tmp_path, steps) == []


def test_stopped_actions_are_stopped_for_the_whole_case(tmp_path):
    steps = ["{decide: call, expect: {not_proposed: {instalment_loan: STOPPED}}}"] * 2
    assert played(tmp_path, steps, stopped="[instalment_loan]") == []


def test_chance_is_off_unless_a_case_asks_for_it(tmp_path):
    drawn = """
    - name: <id>
      for each:
        id: [c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20]
      customer: {like: anna, id: <id>}
      moment: web
      explore: <explore>
      expect: {proposed: {film_box: BEST}}
    """
    quiet = tried(written(tmp_path, drawn.replace("<explore>", "false"), name="quiet_test.yaml"))
    assert failures(quiet) == []
    explored = """
    - name: <id>
      for each: {id: [EVERYONE]}
      customer: {features: {orders_12m: 1, data_used_share: 0.95}, id: <id>}
      moment: web
      explore: true
      expect: {proposed: {film_box: BEST}}
    """
    everyone = ", ".join(f"c{number}" for number in range(150))
    found = tried(written(tmp_path, explored.replace("EVERYONE", everyone)))
    assert 1 <= found.failed <= 20
    assert any("EXPLORED" in one.why or "nothing" in one.why for one in failures(found))


def test_a_comparison_group_is_joined_by_name(tmp_path):
    case = """
    - name: <id>
      for each: {id: [a, b, c, d, e, f, g, h]}
      customer: {like: anna, id: <id>}
      moment: {like: call, placements: [offer]}
      group: random_arm
      expect: {offer: instalment_loan}
    """
    assert 1 <= tried(written(tmp_path, case)).failed < 8


def test_a_run_repeats_exactly(tmp_path):
    case = """
    - {name: one, customer: anna, moment: call, explore: true, expect: {offer: nothing}}
    - {name: two, customer: anna, moment: call, group: random_arm, expect: {offer: nothing}}
    """
    file = written(tmp_path, case)
    assert tried(file).suites == tried(file).suites
