"""Which file of a table holds which rows: entries of one slice, cut at the hours in which the store took them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.sink.files import write_table
from engine.sink.layout import LOG, entered_ms, file_name, hour_folder, order_of, slice_of
from engine.sink.log_table import log_frame
from engine.store import LogEntry

Entries = Sequence[tuple[int, LogEntry]]
"""Entries with their partitions."""


def write_log(out: Path, entries: Entries) -> list[Path]:
    """Write entries of any partitions into the table `log/` of a folder, and say where they are: what a program without
    a sink at work uses, as a test or an export. Writing the same entries again changes nothing. Raises OSError."""
    slices: dict[str, list[tuple[int, LogEntry]]] = {}
    for number, entry in entries:
        slices.setdefault(slice_of(number), []).append((number, entry))
    voided = voided_in(entries)
    written = []
    for name, within in slices.items():
        for place, some in by_hour(name, within).items():
            write_table(out / LOG / place, log_frame(some, voided))
            written.append(out / LOG / place)
    return written


def voided_in(entries: Entries) -> frozenset[str]:
    """The decisions that entries say were taken back."""
    return frozenset(entry.id for _, entry in entries if entry.kind == "void")


def by_hour(slice_name: str, entries: Entries) -> dict[Path, list[tuple[int, LogEntry]]]:
    """The entries of a slice by the file that is to hold them, below a table; in it by partition and stream id."""
    hours: dict[Path, list[tuple[int, LogEntry]]] = {}
    for number, entry in sorted(entries, key=lambda one: (one[0], *order_of(one[1].stream_id))):
        hours.setdefault(hour_folder(entered_ms(entry.stream_id)), []).append((number, entry))
    return {folder / file_name(slice_name, _ids(within)): within for folder, within in sorted(hours.items())}


def _ids(entries: Entries) -> dict[int, list[str]]:
    ids: dict[int, list[str]] = {}
    for number, entry in entries:
        ids.setdefault(number, []).append(entry.stream_id)
    return ids
