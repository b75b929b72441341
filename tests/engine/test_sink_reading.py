"""The log's files give back what the store logged: each entry once, in order, taken back or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.sink.layout import LOG, LogMissing, files_of
from engine.sink.log_files import write_log
from engine.sink.log_table import ERASED
from engine.sink.reading import decisions_with_outcomes, read_entries
from engine.store import LogEntry
from tests.engine.company import ANNA, DAY, NOW, Company, corner_shop, proposed

HOUR_MS = 3_600_000


def entry(moment_ms: int, kind: str = "event", name: str = "", sequence: int = 1, number: int = 0) -> LogEntry:
    stream_id = f"{moment_ms}-{number}"
    return LogEntry(stream_id, kind, name or stream_id, "w", sequence, b"body", tenant="shop", customer="anna")


def logged(company: Company) -> list[tuple[int, LogEntry]]:
    return [(number, one) for number, log in company.store.logs.items() for _, one in log]


def test_entries_come_back_as_they_were_by_partition_and_stream_id(tmp_path):
    written = [(1, entry(5, number=9)), (0, entry(HOUR_MS + 7)), (1, entry(5, number=10)), (33, entry(2))]
    write_log(tmp_path, written)
    assert list(read_entries(tmp_path)) == [written[at][1] for at in (1, 0, 2, 3)]


def test_an_entry_that_was_written_twice_is_read_once(tmp_path):
    first, second, third = (entry(5, sequence=1), entry(6, sequence=2), entry(HOUR_MS, sequence=3))
    write_log(tmp_path, [(0, first), (0, second)])
    write_log(tmp_path, [(0, second), (0, third)])
    again = replace(first, stream_id="7-0")
    write_log(tmp_path, [(0, again)])
    assert list(read_entries(tmp_path)) == [first, second, third]


def test_writing_the_same_entries_again_leaves_the_same_files(tmp_path):
    entries = [(0, entry(5)), (1, entry(6))]
    assert write_log(tmp_path, entries) == write_log(tmp_path, entries)
    assert len(files_of(tmp_path, LOG)) == 1


def test_erasures_of_one_customer_are_all_read(tmp_path):
    twice = [(0, entry(5, "erase", "anna")), (0, entry(6, "erase", "anna"))]
    write_log(tmp_path, twice)
    assert len(list(read_entries(tmp_path))) == 2


def test_what_is_left_of_an_erased_customer_is_not_read(tmp_path):
    write_log(tmp_path, [(0, entry(5, ERASED))])
    assert list(read_entries(tmp_path)) == []


def test_a_decision_is_read_as_voided_also_where_the_void_came_in_a_later_file(tmp_path):
    write_log(tmp_path, [(0, entry(5, "decision", "one")), (0, entry(6, "decision", "two"))])
    write_log(tmp_path, [(0, entry(2 * HOUR_MS, "void", "one"))])
    assert [(one.id, one.voided) for one in read_entries(tmp_path, kinds=("decision",))] == [
        ("one", True),
        ("two", False),
    ]


def test_bounds_are_the_moments_at_which_befit_learned_of_it(tmp_path):
    entries = [(0, entry(at * 1000, sequence=at)) for at in (10, 20, 30)]
    write_log(tmp_path, entries)
    assert [one.sequence for one in read_entries(tmp_path, since=20)] == [20, 30]
    assert [one.sequence for one in read_entries(tmp_path, until=20)] == [10]


def test_a_large_slice_is_read_partition_by_partition_in_the_same_order(tmp_path, monkeypatch):
    entries = [(number, entry(hour * HOUR_MS + number)) for hour in range(3) for number in (2, 0, 1)]
    write_log(tmp_path, entries)
    at_once = list(read_entries(tmp_path))
    monkeypatch.setattr("engine.sink.reading._AT_ONCE", 1)
    assert list(read_entries(tmp_path)) == at_once


def test_a_folder_without_a_log_says_how_to_make_one(tmp_path):
    with pytest.raises(LogMissing, match="befit sink"):
        list(read_entries(tmp_path))


async def test_decisions_come_with_their_outcomes_and_without_those_taken_back(tmp_path):
    company = Company(corner_shop())
    kept, gone, later = [await company.decide(now=NOW + at) for at in (0, DAY, 2 * DAY)]
    action = proposed(kept)[0]
    await company.tell(kept, "ACCEPTED", action, NOW + 90)
    await company.tell(kept, "IMPRESSION", action, NOW + 60)
    await company.store.void(ANNA, gone.decision_id)
    write_log(tmp_path, logged(company))
    found = list(decisions_with_outcomes(tmp_path, until=NOW + 2 * DAY))
    assert [one.record.decision_id for one in found] == [kept.decision_id]
    assert [one.type for one in found[0].outcomes] == ["IMPRESSION", "ACCEPTED"]
    assert [one.record.decision_id for one in decisions_with_outcomes(tmp_path, since=NOW + 1)] == [later.decision_id]
