"""Numbers as people read them."""

from __future__ import annotations

_HOUR, _DAY = 60, 24 * 60


def counted(before: int, after: int) -> str:
    """The difference of two counts, signed."""
    return f"{after - before:+,}" if after != before else "0"


def difference(before: float, after: float) -> str:
    """The difference of two amounts of money, signed."""
    rounded = round(after - before, 2)
    return f"{rounded:+,.2f}" if rounded else "0.00"


def relative(before: float, after: float) -> str:
    """The difference as a share of what was before; as money where that was nothing."""
    return f"{(after - before) / abs(before):+.1%}" if before else f"{after - before:+,.2f}"


def percent(share: float) -> str:
    """A share; small ones with three digits, so that few are not none."""
    return f"{share:.1%}" if share >= 0.0005 or not share else f"{share:.3%}"


def clock(seconds: float) -> str:
    """A duration in minutes and seconds, from an hour on in hours and minutes, from two days on in days."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 2 * _DAY:
        return f"{minutes / _DAY:.1f} d"
    return f"{minutes}:{rest:02d}" if minutes < _HOUR else f"{minutes // _HOUR} h {minutes % _HOUR:02d} min"
