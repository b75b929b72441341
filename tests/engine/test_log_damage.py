"""A damaged log is refused by name: nothing of it is silently left out."""

from __future__ import annotations

import polars as pl
import pytest

from engine.learning.log_source import newest_in
from engine.report.past import Span, past_in_files
from engine.sink.damage import LogDamaged
from engine.sink.log_files import write_log
from engine.sink.reading import decisions_with_outcomes
from engine.store import LogEntry


@pytest.fixture
def lake(tmp_path):
    entry = LogEntry("1790000000000-0", "decision", "0000-01a0c5f1e400-0000000001", "w", 1, b"\x00no record")
    write_log(tmp_path, [(0, entry)])
    return tmp_path


def test_a_record_that_cannot_be_read_is_named(lake):
    with pytest.raises(LogDamaged, match="record of decision 0000-01a0c5f1e400-0000000001"):
        list(decisions_with_outcomes(lake))


def test_a_file_that_cannot_be_read_is_named(lake):
    (path,) = (lake / "log").rglob("*.parquet")
    path.write_bytes(b"not a table")
    for read in (newest_in, decisions_with_outcomes, lambda folder: past_in_files(folder, Span()).decisions):
        with pytest.raises(LogDamaged, match=path.name):
            list(read(lake))


def test_a_file_that_lacks_a_column_is_named(lake):
    (path,) = (lake / "log").rglob("*.parquet")
    pl.read_parquet(path).drop("body").write_parquet(path)
    with pytest.raises(LogDamaged, match=path.name):
        list(decisions_with_outcomes(lake))
