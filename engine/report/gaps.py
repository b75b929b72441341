"""What was not known when it was needed: the features that were missing, the rules that therefore took actions away,
and the money that this may have cost.

The money behind a gap: in each of its decisions, the best of the actions that were taken away, valued by what such an
action is expected to bring where it is allowed - chance x gain less cost, on average over the log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from engine.record import DecisionRecord, RemovalRecord
from engine.resolution import Question
from engine.rights.bound import bound
from engine.snapshot import Snapshot
from rules.wording.code import Code

_NEVER_GAPS = ("action", "tier", "known")


@dataclass(frozen=True, slots=True)
class Gap:
    """What was missing, of how many decisions, of which customers, because of which rules; `actions` are those that
    were taken away most often. `missing` "" where the rule stands no more in the policy."""

    missing: str
    decisions: int
    customers: frozenset[int]
    rules: tuple[str, ...]
    actions: tuple[str, ...]
    money: float


@dataclass(slots=True)
class _Missed:
    decisions: int = 0
    customers: set[int] = field(default_factory=set)
    rules: Counter[str] = field(default_factory=Counter)
    actions: Counter[int] = field(default_factory=Counter)
    together: Counter[bytes] = field(default_factory=Counter)


@dataclass(slots=True)
class Gaps:
    """Counts while a log is read."""

    missed: dict[str, _Missed] = field(default_factory=dict)
    expected: dict[int, tuple[float, int]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    decisions: int = 0

    def add(self, snapshot: Snapshot, record: DecisionRecord, question: Question, customer: int) -> None:
        """Count one decision; what a customer does not want to be known by is no gap."""
        self._expect(record)
        known = question.known
        if not known.readable or not known.personalised:
            return
        self.decisions += 1
        self.unknown.update(name for name in snapshot.schema.names if name not in known.values)
        removals = [one for one in record.removals if one.code == Code.UNKNOWN_FACT]
        if not removals:
            return
        values = bound(snapshot, known, question.moment)
        for missing, found in _by_missing(snapshot, removals, values.keys()).items():
            self._miss(missing, found, customer)

    def found(self, snapshot: Snapshot) -> list[Gap]:
        """The gaps, the most money first."""
        names = {one.stable_id: one.id for one in snapshot.policy.catalogue.actions}
        gaps = [self._gap(missing, missed, names) for missing, missed in self.missed.items()]
        return sorted(gaps, key=lambda one: (-one.money, -one.decisions, one.missing))

    def _gap(self, missing: str, missed: _Missed, names: dict[int, str]) -> Gap:
        often = [names.get(action, f"#{action:08x}") for action, _ in missed.actions.most_common()]
        rules = tuple(rule for rule, _ in missed.rules.most_common())
        money = sum(times * self._best(actions) for actions, times in missed.together.items())
        return Gap(missing, missed.decisions, frozenset(missed.customers), rules, tuple(often), money)

    def _best(self, actions: bytes) -> float:
        told = (self.expected.get(one, (0.0, 1)) for one in np.frombuffer(actions, dtype="<u4").tolist())
        return max((total / times for total, times in told), default=0.0)

    def _expect(self, record: DecisionRecord) -> None:
        scored = record.scored
        columns = (np.frombuffer(one, dtype="<f8") for one in (scored.propensity, scored.gain, scored.cost))
        chance, gain, cost = columns
        worth = np.maximum(0.0, np.nan_to_num(chance * gain - cost)).tolist()
        for action, one in zip(np.frombuffer(scored.actions, dtype="<u4").tolist(), worth, strict=True):
            total, times = self.expected.get(action, (0.0, 0))
            self.expected[action] = (total + one, times + 1)

    def _miss(self, missing: str, removals: Iterable[RemovalRecord], customer: int) -> None:
        missed = self.missed.setdefault(missing, _Missed())
        missed.decisions += 1
        missed.customers.add(customer)
        actions = b"".join(one.actions for one in removals)
        missed.rules.update({one.rule for one in removals})
        missed.actions.update(np.frombuffer(actions, dtype="<u4").tolist())
        missed.together[actions] += 1


def _by_missing(
    snapshot: Snapshot, removals: Iterable[RemovalRecord], known: Iterable[str]
) -> dict[str, list[RemovalRecord]]:
    """The removals by what was missing; one that misses several things stands under each."""
    found: dict[str, list[RemovalRecord]] = {}
    have = frozenset(known)
    for one in removals:
        for name in _missing(snapshot, one.rule, have):
            found.setdefault(name, []).append(one)
    return found


def _missing(snapshot: Snapshot, rule: str, known: frozenset[str]) -> Iterator[str]:
    reads = snapshot.policy.reads.get(rule, ())
    names = [one for one in reads if one not in known and one.partition(".")[0] not in _NEVER_GAPS]
    yield from names or ([] if reads else [""])
