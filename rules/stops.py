"""When nothing more is sold for a while: while a condition holds, or for a time after something happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.contact_rows import ContactRows
from rules.ledger import outcome_code
from rules.policy import StopSelling
from rules.scoped import Scoped, ScopedCompiler
from rules.situation import Standing


@dataclass(frozen=True, slots=True)
class CompiledStop:
    """A stop over a bitmask of actions. `outcomes` are codes as rules.ledger has them; what was settled stops
    nothing."""

    id: str
    scope: int
    test: Scoped | None
    outcomes: frozenset[int]
    within: float
    broken_promise: bool = False
    open_complaint: bool = False

    def stands(self, standing: Standing) -> bool:
        """Whether something that was not put right yet keeps it up."""
        broken, open_ = standing.broken_promises, standing.open_complaints
        return bool((self.broken_promise and broken) or (self.open_complaint and open_))

    def follows(self, rows: ContactRows, now: float) -> bool:
        """Whether one of its outcomes, of any contact, happened within the time before `now`."""
        if not self.outcomes:
            return False
        since, outcomes = now - self.within, self.outcomes
        told = zip(rows.outcome_at, rows.outcomes, rows.settled, strict=True)
        return any(at >= since and one in outcomes and not settled for at, one, settled in told)


def compile_stops(compiler: ScopedCompiler, stops: Sequence[StopSelling]) -> tuple[CompiledStop, ...]:
    """The stops; those whose condition does not hold are reported and left out."""
    compiled = []
    for stop in stops:
        scope = compiler.catalogue.mask(stop.scope)
        test = None if stop.when is None else compiler.compile(stop.when, scope)
        if test is not None or stop.when is None:
            outcomes = frozenset(outcome_code(name) for name in stop.after_outcomes)
            states = (stop.broken_promise, stop.open_complaint)
            compiled.append(CompiledStop(stop.id, scope, test, outcomes, stop.within, *states))
    return tuple(compiled)
