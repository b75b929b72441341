"""Moments as they are written on a command line."""

from __future__ import annotations

import pytest

from engine.cli.exits import UsageMistaken
from engine.cli.times import moment

NOW = 1_790_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", None),
        ("2026-09-24", 1_790_208_000.0),
        ("2026-09-24T02:00:00+02:00", 1_790_208_000.0),
        ("1790208000", 1_790_208_000.0),
        ("7d", NOW - 7 * 86_400),
        ("90m", NOW - 5_400),
    ],
)
def test_a_moment_is_a_date_a_time_a_number_or_how_long_ago(text, seconds):
    assert moment(text, "--since", NOW) == seconds


def test_what_is_no_moment_is_told_with_the_flag():
    with pytest.raises(UsageMistaken, match="--until last week: write a moment as 2026-09-24"):
        moment("last week", "--until", NOW)
