"""Decides once in every channel for somebody nobody knows: proves that a snapshot decides, and warms what is lazy."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from documents.problem import BefitError
from engine.decide import resolve
from engine.decision import Request, Trace
from engine.ids import CustomerKey
from engine.present import present
from engine.profile import know
from engine.resolution import Question
from engine.snapshot import Snapshot
from engine.store import Profile
from rules.situation import Moment

NOBODY = CustomerKey("default", "rehearsal")


class DoesNotDecide(BefitError):
    """A snapshot compiles and yet fails to decide; the message tells where, never for whom."""


@contextmanager
def deciding() -> Iterator[None]:
    """Turns whatever deciding raises into DoesNotDecide."""
    try:
        yield
    except Exception as failure:
        (frame,) = traceback.extract_tb(failure.__traceback__)[-1:]
        raise DoesNotDecide(f"{type(failure).__name__} at {Path(frame.filename).name}:{frame.lineno}") from failure


def rehearse(snapshot: Snapshot, now: float) -> None:
    """Decide at `now` (s) in each channel, remembering nothing. Raises DoesNotDecide."""
    with deciding():
        known = know(snapshot, NOBODY, Profile(), now)
        for channel in snapshot.policy.policy.channels:
            request = Request(NOBODY, channel, dry_run=True, trace=Trace.FULL)
            question = Question(request, known, Moment(now, channel, "", "", {}))
            present(snapshot, resolve(snapshot, question), "")
