"""Numbers are told as people read them."""

import pytest

from engine.page.figures import clock


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(5, "0:05"), (3599, "59:59"), (3600, "1 h 00 min"), (86_400, "24 h 00 min"), (259_200, "3.0 d")],
)
def test_durations_are_told_in_the_unit_that_fits(seconds, told):
    assert clock(seconds) == told
