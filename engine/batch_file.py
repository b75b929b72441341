"""The file that `befit batch` writes: parts as they are decided, then one file under its name, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import polars as pl

_WHOLE_NUMBER = r"^(0|-?[1-9][0-9]{0,17})$"
_NAMES = ("customer_id", "row_id")


def write_batch(parts: Iterable[pl.DataFrame], out: Path, customers: Path) -> pl.LazyFrame:
    """Write the parts, in order, as one Parquet file (CSV where the name ends so), and give it to read.

    Ids get the type that they have in the `customers` file: numbers there are numbers here. Raises OSError.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        for number, part in enumerate(parts):
            part.write_parquet(folder / f"{number:06d}.parquet")
        told = pl.scan_parquet(folder / "*.parquet")
        typed = told.with_columns(pl.col(name).cast(pl.Int64) for name in _numbered(told, customers))
        whole = folder / "whole"
        typed.sink_csv(whole) if _is_csv(out) else typed.sink_parquet(whole)
        whole.replace(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return pl.scan_csv(out) if _is_csv(out) else pl.scan_parquet(out)


def _numbered(told: pl.LazyFrame, customers: Path) -> list[str]:
    """The id columns that hold whole numbers and were not written as text."""
    names = [name for name in _NAMES if name in told.collect_schema()]
    if customers.suffix == ".parquet":
        written = pl.scan_parquet(customers).collect_schema()
        names = [name for name in names if written[name] != pl.String]
    whole = told.select(pl.col(name).str.contains(_WHOLE_NUMBER).all() for name in names).collect()
    return [name for name in names if whole[name][0]]


def _is_csv(path: Path) -> bool:
    return path.suffix == ".csv"
