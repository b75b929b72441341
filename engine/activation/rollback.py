"""Where a rollback leads: down the stack of what was in force, so that a second one goes further back, not forth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.activation.in_force import Change, InForce, Origin
from engine.refusal import Refusal, RefusalKind

NOTHING_BEFORE = Refusal("nothing-before", "nothing else was in force before", kind=RefusalKind.NOT_READY)
NEVER_IN_FORCE = Refusal("never-in-force", "was never in force", "revision", RefusalKind.NOT_FOUND)


def rolled_back(history: Sequence[InForce], revision: str = "") -> Change | Refusal:
    """What changes when what is in force is rolled back; `history` has the newest first. A `revision` of policy or
    bundle leads there, "" to what was in force before."""
    if revision:
        if any(was.policy == revision for was in history):
            return Change(policy=revision)
        return Change(bundle=revision) if any(was.bundle == revision for was in history) else NEVER_IN_FORCE
    stack = stacked(reversed(history))
    return Change(*stack[-2]) if len(stack) > 1 else NOTHING_BEFORE


def stacked(history: Iterable[InForce]) -> list[tuple[str, str]]:
    """(policy, bundle) that lie below what is in force, the lowest first; `history` has the oldest first. What was
    rolled back no longer lies there."""
    stack: list[tuple[str, str]] = []
    for was in history:
        pair = (was.policy, was.bundle)
        if was.origin is Origin.ROLLBACK and pair in stack:
            while stack[-1] != pair:
                stack.pop()
        elif not stack or stack[-1] != pair:
            stack.append(pair)
    return stack
