"""Limits that others make idle: caps that are never reached before another, pauses that end within another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from rules.caps import IMPRESSION, CompiledCap, compile_cap
from rules.policy import Cap, CountedTogether, Direction, PauseRule
from rules.review.subject import Subject

T = TypeVar("T")
_HOUR, _DAY = 3600.0, 86400.0
_LONGEST = {"day": _DAY + _HOUR, "week": 7 * _DAY + _HOUR, "month": 31 * _DAY + _HOUR}
"""Seconds of the longest calendar window; the clock is turned back by an hour in some."""
_WITHIN = {"month": frozenset({"month", "day"}), "week": frozenset({"week", "day"}), "day": frozenset({"day"})}


def review_limits(subject: Subject) -> None:
    """Tell idle caps and idle pauses."""
    caps = [compile_cap(subject.catalogue, cap) for cap in subject.policy.contact.caps]
    for cap, tighter in _covered(caps, _covers_cap):
        message = f"the cap {cap.cap.id!r} is never reached before {tighter.cap.id!r}, line {tighter.cap.place.line}"
        subject.warn("cap-idle", cap.cap.place, message, "lower its limit, lengthen its window, or remove it")
    pauses = subject.policy.contact.pauses
    for pause, longer in _covered(pauses, lambda one, other: _covers_pause(subject, one, other)):
        message = f"the pause {pause.id!r} always ends within that of {longer.id!r}, line {longer.place.line}"
        subject.warn("pause-idle", pause.place, message, "make it longer, or remove it")
    for pause in pauses:
        _review_pause_in_cap(subject, pause)


def _covered(limits: Sequence[T], covers: Callable[[T, T], bool]) -> Iterator[tuple[T, T]]:
    """Each limit that another covers, with that other; of two that cover each other the later one."""
    for number, one in enumerate(limits):
        for place, other in enumerate(limits):
            if place != number and covers(other, one) and (place < number or not covers(one, other)):
                yield one, other
                break


def _covers_cap(first: CompiledCap, other: CompiledCap) -> bool:
    """Whether wherever `other` is reached, `first` is reached too: it counts at least the same contacts, at least as
    far back, up to a limit that is no higher."""
    wide, narrow = first.cap, other.cap
    counted = wide.counts != IMPRESSION or (narrow.counts == IMPRESSION and wide.release_after >= narrow.release_after)
    everywhere = not wide.channels or (bool(narrow.channels) and set(narrow.channels) <= set(wide.channels))
    met = everywhere and narrow.directions <= wide.directions
    if wide.limit > narrow.limit or not counted or not met or not _reaches_back(wide, narrow):
        return False
    if not other.together or (_everything(other) and not _everything(first)):
        return False
    return all(_within(mask, first.together) for mask in other.together)


def _everything(cap: CompiledCap) -> bool:
    """Whether it counts contacts with actions that the policy no longer has, too."""
    return bool(cap.stable) and not cap.stable[0]


def _within(mask: int, together: Sequence[int]) -> bool:
    return any(not mask & ~one for one in together)


def _reaches_back(wide: Cap, narrow: Cap) -> bool:
    if wide.calendar:
        return narrow.calendar in _WITHIN[wide.calendar]
    return wide.within >= (_LONGEST[narrow.calendar] if narrow.calendar else narrow.within)


def _covers_pause(subject: Subject, first: PauseRule, other: PauseRule) -> bool:
    """Whether whatever brings `other` about brings `first` about, for no fewer actions and no shorter."""
    scopes = not subject.scope(other.scope) & ~subject.scope(first.scope)
    reasons = not first.reason_codes or (bool(other.reason_codes) and other.reason_codes <= first.reason_codes)
    easier = first.times == 1 or (first.times <= other.times and first.window >= other.window)
    longer = first.paused == other.paused and first.duration >= other.duration
    return scopes and reasons and easier and longer and other.outcomes <= first.outcomes


def _review_pause_in_cap(subject: Subject, pause: PauseRule) -> None:
    """A pause after one outcome that ends while a cap of one contact still holds does nothing, unless the outcome
    comes after its time. Open offers are exempt from caps, so actions with `valid_for` are left alone."""
    actions = [subject.catalogue.actions[index] for index in subject.catalogue.indexes(subject.scope(pause.scope))]
    if pause.paused != CountedTogether.ACTION or any(action.valid_for is not None for action in actions):
        return
    needed = pause.duration + max((action.success_within for action in actions), default=0.0)
    for cap in subject.policy.contact.caps:
        everywhere = not cap.channels and cap.directions == frozenset(Direction)
        same = cap.limit == 1 and not cap.calendar and cap.counts != IMPRESSION and cap.within >= needed
        if everywhere and same and not subject.scope(pause.scope) & ~subject.scope(cap.scope):
            message = f"the pause {pause.id!r} ends while the cap {cap.id!r}, line {cap.place.line}, still holds"
            subject.warn(
                "pause-idle", pause.place, message, "outcomes come before it matters; make it longer, or remove it"
            )
            return
