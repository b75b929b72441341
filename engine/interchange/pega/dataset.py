"""A file of Pega's as a table: CSV and Parquet, and what their dataset exports are - a .zip with `data.json` in it, one
JSON object a line, or such lines by themselves."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import polars as pl

from documents.problem import DocumentInvalid, Place, Problem
from models.table_file import Table, read_table

LINES = "data.json"
_ENDINGS = (".zip", ".json", ".ndjson", ".json.gz")


def read_dataset(path: Path) -> Table:
    """The whole file; columns that hold lists or objects are left out. Raises DocumentInvalid where it cannot be read
    or has no rows."""
    if not path.name.endswith(_ENDINGS):
        return read_table(path)
    try:
        frame = pl.read_ndjson(_lines(path), infer_schema_length=None)
    except (OSError, zipfile.BadZipFile, pl.exceptions.PolarsError) as error:
        raise _unreadable(path, str(error)) from None
    if frame.is_empty():
        raise _unreadable(path, "the file has no rows")
    flat = [name for name, kind in frame.schema.items() if not kind.is_nested()]
    return Table(str(path), frame.select(flat), 0)


def _lines(path: Path) -> bytes:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix != ".zip":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        found = [name for name in archive.namelist() if Path(name).name == LINES]
        if not found:
            raise _unreadable(path, f"there is no {LINES} in it")
        return b"".join(archive.read(name) for name in found)


def _unreadable(path: Path, why: str) -> DocumentInvalid:
    hint = f"CSV, Parquet, JSON lines (.json, .ndjson), or a .zip with {LINES}"
    return DocumentInvalid([Problem("unreadable", Place(str(path), 1, 1), f"cannot be read: {why}", hint)])
