"""Tables that companies hand over, Parquet or CSV, with the place of every cell that is to be complained of.

CSV is read as text (commas, a header, UTF-8; gzip and zstd by their endings), so that a wrong cell can be
shown as it stands; an empty cell is missing. Parquet keeps its types.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import polars as pl

from documents.problem import DocumentInvalid, Place, Problem

CSV_ENDINGS = (".csv", ".csv.gz", ".csv.zst")
ENDINGS = (*CSV_ENDINGS, ".parquet")
_TWICE = "_duplicated_"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one file. `lines_before`: lines of the file that precede the first row (header and earlier rows)."""

    file: str
    frame: pl.DataFrame
    lines_before: int

    def place(self, row: int = 0, column: str = "") -> Place:
        """Where a cell stands: line of a CSV, row number of a Parquet file; column by its number, from 1."""
        columns = self.frame.columns
        number = columns.index(column) + 1 if column in columns else 1
        broken = int(self._breaks(self.frame.head(row)).sum() or 0)
        return Place(self.file, self.lines_before + row + broken + 1, number)

    def lines(self) -> pl.Series:
        """Where every row stands, as `place` tells it; int64 (n,)."""
        broken = self._breaks(self.frame).cum_sum().shift(1, fill_value=0)
        return broken + pl.int_range(len(self.frame), eager=True) + (self.lines_before + 1)

    def _breaks(self, rows: pl.DataFrame) -> pl.Series:
        """How many lines more than one each row takes: cells of a CSV may hold line breaks."""
        text = (
            [] if self.file.endswith(".parquet") else [name for name in rows.columns if rows[name].dtype == pl.String]
        )
        counts = (rows[name].str.count_matches("\n").fill_null(0).cast(pl.Int64) for name in text)
        return sum(counts, pl.zeros(len(rows), dtype=pl.Int64, eager=True))

    def header(self) -> Place:
        return Place(self.file, 1, 1)


def read_table(path: Path) -> Table:
    """The whole file. Raises DocumentInvalid where it cannot be read or has no rows."""
    try:
        frame = _scan(path).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(path, error) from None
    if not len(frame):
        raise _refusal(path, "empty-file", "the file has no rows", "write at least one row below the header")
    return Table(str(path), _checked(path, frame), _header_lines(path))


def read_batches(path: Path, rows: int) -> Iterator[Table]:
    """The file in tables of about `rows` rows, in order. Raises DocumentInvalid as read_table does, for a
    broken line when its turn comes."""
    before = _header_lines(path)
    empty = True
    try:
        for frame in _scan(path).collect_batches(chunk_size=rows, maintain_order=True):
            table = Table(str(path), _checked(path, frame), before)
            yield table
            before = table.place(len(frame)).line - 1
            empty = empty and not len(frame)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(path, error) from None
    if empty:
        raise _refusal(path, "empty-file", "the file has no rows", "write at least one row below the header")


def count_rows(path: Path) -> int:
    """How many rows the file has. Raises DocumentInvalid where it cannot be read."""
    try:
        return int(_scan(path).select(pl.len()).collect().item())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(path, error) from None


def column_names(path: Path) -> list[str]:
    """The columns of the file. Raises DocumentInvalid where it cannot be read."""
    try:
        return _scan(path).collect_schema().names()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(path, error) from None


def count_repeats(path: Path, column: str) -> int:
    """How many rows have a value in `column` that another row has too, but for the last of each. Raises
    DocumentInvalid where the file cannot be read."""
    values = pl.col(column).drop_nulls()
    try:
        return int(_scan(path).select(values.len() - values.n_unique()).collect().item())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(path, error) from None


def _scan(path: Path) -> pl.LazyFrame:
    if not path.name.endswith(ENDINGS):
        hint = f"name it by what it is: {', '.join(ENDINGS)}"
        raise _refusal(path, "unknown-format", f"{path.name} is neither Parquet nor CSV by its name", hint)
    if not path.is_file():
        raise _refusal(path, "unreadable", "there is no such file", "check the path")
    return pl.scan_parquet(path) if path.suffix == ".parquet" else pl.scan_csv(path, infer_schema=False)


def _header_lines(path: Path) -> int:
    return 0 if path.suffix == ".parquet" else 1


def _checked(path: Path, frame: pl.DataFrame) -> pl.DataFrame:
    for name in frame.columns:
        if _TWICE in name and (first := name.rpartition(_TWICE)[0]) in frame.columns:
            raise _refusal(path, "duplicate-column", f"the column {first!r} stands twice", "keep one of them")
    if len(frame.columns) == 1 and (marks := [mark for mark in ";\t|" if mark in frame.columns[0]]):
        hint = "save it with commas between the columns"
        raise _refusal(path, "separator", f"the columns are separated by {marks[0]!r}", hint)
    return frame


def _unreadable(path: Path, error: Exception) -> DocumentInvalid:
    if isinstance(error, pl.exceptions.NoDataError):
        return _refusal(path, "empty-file", "the file is empty", "write a header and at least one row")
    if path.suffix != ".parquet" and (ragged := _first_ragged(path)):
        line, found, expected = ragged
        message = f"{found} columns where the header has {expected}"
        problem = Problem("ragged-row", Place(str(path), line, 1), message, "put values with commas in double quotes")
        return DocumentInvalid([problem])
    if "utf-8" in str(error):
        return _refusal(path, "not-utf8", "the file is not UTF-8 text", "save it as UTF-8")
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return _refusal(path, "unreadable", f"cannot be read: {said}", "write it anew, or check that it is complete")


def _first_ragged(path: Path) -> tuple[int, int, int] | None:
    """Line, columns found and columns expected of the first row that is longer than the header."""
    if path.suffix == ".zst":
        return None
    try:
        with _text_of(path) as lines:
            reader = csv.reader(lines, strict=True)
            expected = len(next(reader))
            for row in reader:
                if len(row) > expected:
                    return reader.line_num, len(row), expected
    except (csv.Error, UnicodeDecodeError, OSError, EOFError, StopIteration):
        return None
    return None


def _text_of(path: Path) -> IO[str]:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def _refusal(path: Path, code: str, message: str, hint: str) -> DocumentInvalid:
    return DocumentInvalid([Problem(code, Place(str(path), 1, 1), message, hint)])
