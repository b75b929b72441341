"""What is wrong with a history is told with file, line, column and how to mend it."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from documents.problem import DocumentInvalid, Problem
from models.history import read_history
from models.history_check import Terms

HEAD = "customer_id,at,channel,action,outcome"
ROW = "ann,2026-01-01,web,plan,REJECTED"


def problems(folder: Path, terms: Terms, text: str, name: str = "history.csv") -> tuple[Problem, ...]:
    (folder / name).write_text(text)
    with pytest.raises(DocumentInvalid) as refused:
        read_history([folder / name], terms)
    return refused.value.problems


def notes(folder: Path, terms: Terms, text: str) -> dict[str, Problem]:
    (folder / "history.csv").write_text(text)
    return {note.code: note for note in read_history([folder / "history.csv"], terms).notes}


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ("ann,2026-01-01,web,plann,REJECTED", 4, "'plann' is not a declared value | did you mean 'plan'?"),
        ("ann,2026-01-01,webb,plan,REJECTED", 3, "'webb' is not a declared value | did you mean 'web'?"),
        ("ann,2026-01-01,,plan,REJECTED", 3, "the cell is empty | write one of the declared"),
        ("ann,2026-01-01,web,plan,REJECT", 5, "'REJECT' is not a declared value | did you mean 'REJECTED'?"),
        ("ann,01/02/2026,web,plan,REJECTED", 2, "'01/02/2026' is no time | write 2026-03-31T18:05:00"),
        ("ann,,web,plan,REJECTED", 2, "the cell is empty | write when it was"),
        (",2026-01-01,web,plan,REJECTED", 1, "the cell is empty | write who was met"),
    ],
)
def test_a_wrong_cell_is_shown_with_its_line_and_column(
    tmp_path: Path, history_terms: Terms, cells: str, column: int, said: str
) -> None:
    (problem,) = problems(tmp_path, history_terms, f"{HEAD}\n{ROW}\n{cells}\n{ROW}\n")
    assert (problem.place.line, problem.place.column) == (3, column)
    assert problem.place.file.endswith("history.csv")
    message, hint = said.split(" | ")
    assert message in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("name", "cell", "said"),
    [
        ("age", "old", "'old' is not a number"),
        ("age", "3.5", "'3.5' is not a whole number"),
        ("age", "20000000", "'20000000' is beyond 16,777,216"),
        ("value", "inf", "'inf' is not a finite number"),
        ("value", "1e39", "'1e39' is not a finite number that fits"),
        ("value", "1,5", "2 columns"),
        ("os", "beos", "'beos' is not a declared value"),
        ("contract", "maybe", "'maybe' is no flag"),
        ("probability", "0", "'0' is no probability"),
        ("context.queue", "long", "'long' is not a number"),
        ("context.page", "jobs", "'jobs' is not a declared value"),
        ("intent", "divorce", "'divorce' is not a declared value"),
        ("reward", "much", "'much' is not a number"),
        ("outcome_at", "soon", "'soon' is no time"),
        ("time_zone", "Mars/Base", "'Mars/Base' is no time zone"),
    ],
)
def test_every_column_is_held_to_its_type(
    tmp_path: Path, history_terms: Terms, name: str, cell: str, said: str
) -> None:
    text = f"{HEAD},{name}\n{ROW},{cell}\n"
    (problem,) = problems(tmp_path, history_terms, text)
    assert problem.place.line == 2
    assert said.replace("2 columns", "7 columns") in problem.message


def test_milliseconds_are_recognised(tmp_path: Path, history_terms: Terms) -> None:
    (problem,) = problems(tmp_path, history_terms, f"{HEAD}\nann,1767225600000,web,plan,REJECTED\n")
    assert "divide milliseconds by 1000" in problem.hint


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path, history_terms: Terms) -> None:
    (tmp_path / "one.csv").write_text(f"{HEAD}\nann,never,web,plan,REJECTED\nbob,never,nowhere,plan,REJECTED\n")
    (tmp_path / "two.csv").write_text("customer,at,channel,action\n1,2,web,plan\n")
    with pytest.raises(DocumentInvalid) as refused:
        read_history([tmp_path / "one.csv", tmp_path / "two.csv"], history_terms)
    told = [(Path(one.place.file).name, one.code, one.message) for one in refused.value.problems]
    assert ("one.csv", "wrong-type", "column 'at': 'never' is no time (2 such rows)") in told
    assert ("two.csv", "missing-column", "the column 'customer_id' is missing") in told
    assert ("two.csv", "missing-column", "neither 'outcome' nor 'reward' is there") in told
    assert len(told) == 4


def test_a_cell_after_a_quoted_line_break_still_has_its_line(tmp_path: Path, history_terms: Terms) -> None:
    text = f'{HEAD}\n"ann\nlee",2026-01-01,web,plan,REJECTED\nann,2026-01-01,web,plan,HAPPY\n'
    (problem,) = problems(tmp_path, history_terms, text)
    assert problem.place.line == 4


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("history.csv", b"", "empty-file"),
        ("history.csv", f"{HEAD}\n".encode(), "empty-file"),
        ("history.csv", f"{HEAD}\n{ROW},more\n".encode(), "ragged-row"),
        ("history.csv", f"{HEAD},outcome\n{ROW},REJECTED\n".encode(), "duplicate-column"),
        ("history.csv", f"{HEAD}\n{ROW}\n".replace(",", ";").encode(), "separator"),
        ("history.csv", f"{HEAD}\nm\xfcller,2026-01-01,web,plan,REJECTED\n".encode("latin-1"), "not-utf8"),
        ("history.parquet", b"PAR1 broken", "unreadable"),
        ("history.xlsx", b"PK", "unknown-format"),
        ("history.csv.gz", gzip.compress(f"{HEAD}\n{ROW}\n".encode(), mtime=0)[:30], "unreadable"),
    ],
)
def test_a_file_that_is_no_table_says_why(
    tmp_path: Path, history_terms: Terms, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DocumentInvalid) as refused:
        read_history([tmp_path / name], history_terms)
    assert [one.code for one in refused.value.problems] == [code]
    assert refused.value.problems[0].hint


def test_a_missing_file_is_told(tmp_path: Path, history_terms: Terms) -> None:
    with pytest.raises(DocumentInvalid, match="there is no such file"):
        read_history([tmp_path / "history.csv"], history_terms)


def test_compressed_csv_is_read(tmp_path: Path, history_terms: Terms) -> None:
    (tmp_path / "history.csv.gz").write_bytes(gzip.compress(f"{HEAD}\n{ROW}\n".encode()))
    assert len(read_history([tmp_path / "history.csv.gz"], history_terms)) == 1


def test_parquet_columns_of_a_wrong_type_are_told(tmp_path: Path, history_terms: Terms) -> None:
    frame = pl.DataFrame(
        {"customer_id": ["a"], "at": [[1]], "channel": ["web"], "action": ["plan"], "outcome": ["X"], "age": [[3]]}
    )
    frame.write_parquet(tmp_path / "history.parquet")
    with pytest.raises(DocumentInvalid) as refused:
        read_history([tmp_path / "history.parquet"], history_terms)
    assert {one.place.column for one in refused.value.problems} == {2, 5, 6}


def test_columns_without_a_meaning_are_noted_with_what_they_may_be(tmp_path: Path, history_terms: Terms) -> None:
    found = notes(tmp_path, history_terms, f"{HEAD},agee,context.pag\n{ROW},3,home\n")
    assert "'context.pag'" in found["undeclared-column"].message
    assert found["undeclared-column"].hint == "did you mean 'context.page'?"
    assert "age, value, os, contract" in found["absent-feature"].message


@pytest.mark.parametrize(("feature", "why"), [("call_duration", "only after the outcome"), ("income", "log: no")])
def test_what_a_model_may_not_read_is_refused_with_a_note(
    tmp_path: Path, history_terms: Terms, feature: str, why: str
) -> None:
    text = f"{HEAD},{feature}\n{ROW},12\n"
    assert why in notes(tmp_path, history_terms, text)["refused-feature"].message
    assert f"customer.{feature}" not in read_history([tmp_path / "history.csv"], history_terms).inputs
