"""Reloads under load: every answer shows by which policy it was made, and a mixed one is found."""

from __future__ import annotations

from loadtest.marking import mark_of, marked
from loadtest.reloading import Reloads

FILES = {"policy.yaml": b"tiers:\n  - public_why: You are new.\n  - public_why: You stay.\n", "features.yaml": b"x"}


def test_a_marker_stands_in_every_why_and_is_read_back():
    files = marked(FILES, 7)
    assert files["features.yaml"] == b"x"
    whys = [line.partition(": ")[2] for line in files["policy.yaml"].decode().splitlines() if "why" in line]
    assert [mark_of(why) for why in whys] == ["7", "7"]
    assert mark_of("You are new.") == ""


def test_an_answer_with_the_marker_of_another_revision_is_mixed():
    found = Reloads(marks={"aaa": "", "bbb": "1"})
    assert found.mixed({"aaa ": 5, "bbb 1": 3}) == 0
    assert found.mixed({"aaa 1": 2, "bbb ": 1, "ccc 9": 4, "bbb 1": 3}) == 7
