"""Files that are there whole or not at all, and are still there after a power cut."""

from __future__ import annotations

import io
import os
from pathlib import Path

import polars as pl

SUFFIX = ".part"
"""Of what is not whole yet: no pattern for Parquet files finds it."""


def write_table(path: Path, frame: pl.DataFrame) -> None:
    """The frame as a Parquet file, in one step. Raises OSError."""
    beside = begin_table(path, frame)
    settle(beside, path)


def begin_table(path: Path, frame: pl.DataFrame) -> Path:
    """Write the file beside its place, where `settle` brings it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + SUFFIX)
    # In memory first: what the system refuses, as on a full disk, is an OSError then, and not one of the library's.
    packed = io.BytesIO()
    frame.write_parquet(packed, compression="zstd", statistics=True)
    _write(beside, packed.getbuffer())
    return beside


def write_bytes(path: Path, content: bytes) -> None:
    """The file in one step. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + SUFFIX)
    _write(beside, content)
    settle(beside, path)


def _write(path: Path, content: bytes | memoryview) -> None:
    try:
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as failure:
        raise OSError(failure.errno, failure.strerror, str(path)) from failure


def settle(beside: Path, path: Path) -> None:
    """Bring a written file to its place, and make sure that it stays there."""
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that what was renamed or removed in a folder stays so."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
