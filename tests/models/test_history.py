"""Reading a history: what counts as success, when a row is closed, and what the columns become."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from documents.problem import DocumentInvalid
from models.history import History, read_history
from models.history_check import Terms

HEAD = "customer_id,at,channel,action,outcome"
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC).timestamp()  # noon of a Monday in Berlin


def read(folder: Path, terms: Terms, text: str) -> History:
    path = folder / "history.csv"
    path.write_text(text)
    return read_history([path], terms)


def test_each_action_has_its_own_success(tmp_path: Path, history_terms: Terms) -> None:
    rows = [
        "ann,2026-01-01,web,plan,ACCEPTED",
        "ann,2026-01-01,web,phone,ACCEPTED",
        "bob,2026-01-01,web,phone,CONVERSION",
        "bob,2026-01-01,web,survey,ANSWERED",
        "cat,2026-03-01,web,survey,",
    ]
    history = read(tmp_path, history_terms, "\n".join([HEAD, *rows]))
    assert history.results.success.tolist() == [True, False, True, True, False]
    assert history.results.outcomes.tolist() == [3, 3, 6, 10, 0]
    assert history.results.rewards.tolist() == [1, 0, 1, 1, 0]
    assert history.customers.tolist() == [0, 0, 1, 1, 2]


def test_a_row_is_closed_when_it_can_no_longer_change(tmp_path: Path, history_terms: Terms) -> None:
    rows = [
        "ann,2026-01-01,web,plan,",
        "ann,2026-01-19,web,plan,",
        "ann,2026-01-19,web,plan,CLICKED",
        "ann,2026-01-19,web,plan,REJECTED",
        "ann,2026-01-20,web,plan,ACCEPTED",
    ]
    history = read(tmp_path, history_terms, "\n".join([HEAD, *rows]))
    assert history.results.closed.tolist() == [True, False, False, True, True]


def test_a_success_after_its_window_is_none(tmp_path: Path, history_terms: Terms) -> None:
    rows = [
        "ann,2026-01-01,web,plan,ACCEPTED,2026-01-14",
        "ann,2026-01-01,web,plan,ACCEPTED,2026-01-16",
    ]
    history = read(tmp_path, history_terms, "\n".join([HEAD + ",outcome_at", *rows]))
    assert history.results.success.tolist() == [True, False]
    assert history.results.closed.all()


def test_a_reward_above_nothing_is_success(tmp_path: Path, history_terms: Terms) -> None:
    text = "customer_id,at,channel,action,reward\nann,2026-01-01,web,plan,12.5\nann,2026-01-01,web,plan,0\n"
    history = read(tmp_path, history_terms, text)
    assert history.results.success.tolist() == [True, False]
    assert history.results.rewards.tolist() == [12.5, 0]
    assert history.results.closed.all()


@pytest.mark.parametrize(
    "at",
    [
        "2026-03-02T12:00:00",
        "2026-03-02 12:00",
        "2026-03-02T11:00:00Z",
        "2026-03-02T13:00:00+02:00",
        str(int(NOON)),
        f"{NOON}",
    ],
)
def test_times_are_read_as_people_write_them(tmp_path: Path, history_terms: Terms, at: str) -> None:
    history = read(tmp_path, history_terms, f"{HEAD}\nann,{at},push,plan,REJECTED\n")
    assert history.at.tolist() == [NOON]
    assert history.inputs["moment.hour"].tolist() == [12]
    assert history.inputs["moment.weekday"].tolist() == [1]
    assert history.inputs["moment.direction"].tolist() == [1]


def test_the_hour_is_the_customers_own_where_a_zone_is_given(tmp_path: Path, history_terms: Terms) -> None:
    text = f"{HEAD},time_zone\nann,{NOON},web,plan,REJECTED,Asia/Tokyo\nbob,{NOON},web,plan,REJECTED,\n"
    assert read(tmp_path, history_terms, text).inputs["moment.hour"].tolist() == [20, 12]


def test_parquet_with_its_own_types_reads_the_same(tmp_path: Path, history_terms: Terms) -> None:
    frame = pl.DataFrame(
        {
            "customer_id": [7, 8],
            "at": pl.Series(["2026-03-02T12:00", "2026-03-29T02:30"]).str.to_datetime(),
            "channel": ["web", "push"],
            "action": ["plan", "phone"],
            "outcome": ["ACCEPTED", None],
            "age": [40, None],
            "value": [1.5, float("nan")],
            "os": pl.Series(["android", "ios"], dtype=pl.Categorical),
            "contract": [True, None],
            "probability": [0.5, 1.0],
            "context.queue": [3, 4],
        }
    )
    frame.write_parquet(tmp_path / "history.parquet")
    history = read_history([tmp_path / "history.parquet"], history_terms)
    assert history.customer_ids.to_list() == ["7", "8"]
    assert history.at[0] == NOON
    assert history.at[1] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC).timestamp()  # skipped: read as 03:30
    np.testing.assert_array_equal(history.inputs["customer.age"], [40, np.nan])
    np.testing.assert_array_equal(history.inputs["customer.value"], [1.5, np.nan])
    np.testing.assert_array_equal(history.inputs["customer.os"], [1, 0])
    np.testing.assert_array_equal(history.inputs["customer.contract"], [1, np.nan])
    np.testing.assert_array_equal(history.inputs["context.queue"], [3, 4])
    assert history.probability.tolist() == [0.5, 1.0]


def test_files_are_joined_and_may_lack_columns_that_others_have(tmp_path: Path, history_terms: Terms) -> None:
    (tmp_path / "a.csv").write_text(f"{HEAD},age\nann,2026-01-01,web,plan,REJECTED,30\n")
    (tmp_path / "b.csv").write_text("customer_id,at,channel,action,reward\nann,2026-01-02,web,phone,1\n")
    history = read_history([tmp_path / "a.csv", tmp_path / "b.csv"], history_terms)
    assert history.customers.tolist() == [0, 0]
    assert history.results.success.tolist() == [False, True]
    np.testing.assert_array_equal(history.inputs["customer.age"], [30, np.nan])


def test_rows_where_nothing_was_proposed_are_left_out_and_noted(tmp_path: Path, history_terms: Terms) -> None:
    history = read(tmp_path, history_terms, f"{HEAD}\nann,2026-01-01,web,,\nbob,2026-01-01,web,plan,REJECTED\n")
    assert history.customer_ids.to_list() == ["bob"]
    assert any(note.code == "no-action" and "left out: 1" in note.message for note in history.notes)


def test_a_history_without_any_action_is_refused(tmp_path: Path, history_terms: Terms) -> None:
    with pytest.raises(DocumentInvalid, match="no row names an action"):
        read(tmp_path, history_terms, f"{HEAD}\nann,2026-01-01,web,,\n")


def test_features_named_like_a_column_of_the_history_are_read_with_their_prefix(
    tmp_path: Path, history_terms: Terms
) -> None:
    history = read(tmp_path, history_terms, f"{HEAD},customer.age\nann,2026-01-01,web,plan,REJECTED,55\n")
    assert history.inputs["customer.age"].tolist() == [55]


def test_rows_dated_after_now_are_open_and_close_no_others(tmp_path: Path, history_terms: Terms) -> None:
    rows = [
        "ann,2026-03-01,web,plan,,",
        "ann,2026-03-01,web,plan,ACCEPTED,2026-03-01",
        "bob,2027-01-01,web,plan,ACCEPTED,",
        "bob,2026-03-01,web,plan,ACCEPTED,2026-03-09",
    ]
    path = tmp_path / "history.csv"
    path.write_text("\n".join([HEAD + ",outcome_at", *rows]))
    history = read_history([path], history_terms, NOON)
    assert history.results.closed.tolist() == [False, True, False, False]
    (note,) = [one for one in history.notes if one.code == "future-row"]
    assert note.message.endswith(": 2")


def test_rows_that_stand_twice_are_noted_and_kept(tmp_path: Path, history_terms: Terms) -> None:
    row = "ann,2026-01-01,web,plan,ACCEPTED\n"
    (tmp_path / "a.csv").write_text(f"{HEAD}\n{row}{row}bob,2026-01-01,web,plan,\n")
    (tmp_path / "b.csv").write_text(f"{HEAD}\n{row}cat,2026-01-01,web,plan,\n")
    history = read_history([tmp_path / "a.csv", tmp_path / "b.csv"], history_terms)
    noted = [(Path(one.place.file).name, one.message) for one in history.notes if one.code == "repeated-row"]
    assert [(file, "for cell: 1;" in message) for file, message in noted] == [("a.csv", True), ("b.csv", True)]
    assert len(history) == 5
