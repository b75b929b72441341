"""CSV read into cells with their places."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.csv_cells import load_csv, parse_csv
from documents.problem import DocumentInvalid


def texts(text: str) -> list[list[str]]:
    return [[cell.text for cell in row] for row in parse_csv(text, "t.csv")]


def test_cells_are_parted_by_commas_or_by_semicolons() -> None:
    assert texts("a,b\n1,2\n") == [["a", "b"], ["1", "2"]]
    assert texts("a;b\n1;2,5\n") == [["a", "b"], ["1", "2,5"]]
    assert texts("a;b,c\n") == [["a;b", "c"]]


def test_quotes_keep_commas_lines_and_quotes() -> None:
    assert texts('"a, ""b""","c\nd" ,e') == [['a, "b"', "c\nd", "e"]]
    assert texts('a "b" c,"open') == [['a "b" c', '"open']]


def test_empty_lines_are_left_out_and_places_hold() -> None:
    rows = parse_csv('a,b\r\n\r\n,\r\n"x\r\ny",z\r\nlast, w', "t.csv")
    places = [[(cell.place.line, cell.place.column) for cell in row] for row in rows]
    assert places == [[(1, 1), (1, 3)], [(4, 1), (5, 4)], [(6, 1), (6, 6)]]
    assert rows[2][1].line == "last, w"


@given(
    st.lists(st.lists(st.text("ab ,\"'\n;", min_size=0, max_size=4), min_size=2, max_size=3), min_size=1, max_size=4)
)
def test_what_a_writer_wrote_is_read(rows: list[list[str]]) -> None:
    rows = [["head,", "x"], *rows]
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    stripped = [[cell.strip() for cell in row] for row in rows]
    assert texts(written.getvalue()) == [row for row in stripped if any(row)]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match="unreadable"):
        load_csv(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(DocumentInvalid, match="not-utf8"):
        load_csv(tmp_path / "latin.csv")
    (tmp_path / "bom.csv").write_bytes(b"\xef\xbb\xbfa,b\n")
    assert load_csv(tmp_path / "bom.csv")[0][0].text == "a"
