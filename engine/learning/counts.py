"""Counts of what contacts came to, out of the log."""

from __future__ import annotations

from collections.abc import Iterable

from engine.learning.log_contacts import LogContact
from engine.snapshot import Snapshot
from models.learned_counts import Cell, Counting, LearnedCounts

HALF_LIFE = 90 * 86_400.0
"""Seconds after which a contact counts half."""

REMEMBERED = 10
"""Half-lives after which a contact, then a thousandth, is no longer read."""


def counted(
    contacts: Iterable[LogContact], snapshot: Snapshot, newest: float, half_life: float = HALF_LIFE
) -> LearnedCounts:
    """Counts as of `newest` (s), until when the log tells what happened: of every contact whose window has closed by
    then, whatever was answered before."""
    counting, actions = Counting(newest, half_life), snapshot.policy.catalogue.actions
    for one in contacts:
        if one.action is None:
            continue
        action = actions[one.action]
        ended = one.record.now + action.success_within
        if ended <= newest:
            cell = Cell(action.id, one.record.tier, one.record.request.channel)
            counting.add(cell, ended, success=one.success)
    return counting.counts()
