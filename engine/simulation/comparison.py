"""What a comparison found: both sides by name, what was counted, and the figures that people ask for first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.simulation.boost import Boost
from engine.simulation.chosen import ARBITRATION, STAGES
from engine.simulation.compare import compare
from engine.simulation.questions import Batch
from engine.simulation.spread import Spread
from engine.simulation.tally import CHANNEL, NOTHING, Part, Sums, Tally, Why
from engine.snapshot import Snapshot
from engine.stage_words import STAGES as STAGE_WORDS
from rules.reasons import Audience, Because
from rules.wording.code import Code

__all__ = ["ARBITRATION", "STAGES", "ActionCounts", "Comparison", "Named", "compared", "in_words"]


@dataclass(frozen=True, slots=True)
class Named:
    """One side by name; revisions as decisions carry them, "" without a model."""

    label: str
    policy_revision: str
    model_revision: str


@dataclass(frozen=True, slots=True)
class ActionCounts:
    """One action's first places: `before`, `after`, and `kept` on both sides; how often it was shown at any rank,
    where it is a contact."""

    action: str
    before: int
    after: int
    kept: int
    shown_before: int
    shown_after: int

    @property
    def changed_share(self) -> float:
        """Of the decisions in which it came first on either side, the share in which only one side has it first."""
        either = self.before + self.after - self.kept
        return (either - self.kept) / either if either else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides over the same questions. `asked_of` says in words where those came from, `currency` what money is in;
    `sentences` tells what took actions away, for agents; `unseen` are sections that differ and of which no decision
    tells."""

    before: Named
    after: Named
    asked_of: str
    currency: str
    tally: Tally
    sentences: dict[Why, str]
    boost: Boost | None = None
    unseen: tuple[str, ...] = ()

    @property
    def changed_share(self) -> float:
        """The share of decisions in which another action comes first somewhere."""
        return self.tally.changed / self.tally.decisions if self.tally.decisions else 0.0

    @property
    def totals(self) -> Part:
        """All decisions together."""
        total = Part()
        for _, part in self.parts(CHANNEL):
            total.add(part)
        return total

    def parts(self, dimension: str) -> list[tuple[str, Part]]:
        """The tiers, channels or placements, those with most decisions first."""
        found = [(name, part) for (kind, name), part in self.tally.parts.items() if kind == dimension]
        return sorted(found, key=lambda one: (-one[1].decisions, one[0]))

    def actions(self) -> list[ActionCounts]:
        """The actions that came first or were shown on either side, those that changed most first."""
        tally = self.tally
        counted = [_by_action(one.items()) for one in (tally.before.first, tally.after.first, tally.kept)]
        shown = (tally.before.shown, tally.after.shown)
        names = set[str]().union(*counted, *shown) - {NOTHING}
        found = [
            ActionCounts(name, *(one.get(name, 0) for one in counted), *(one.get(name, 0) for one in shown))
            for name in names
        ]
        return sorted(found, key=lambda one: (2 * one.kept - one.before - one.after, one.action))


def compared(
    spread: Spread, batches: Iterable[Batch], named: tuple[str, str, str], told: Callable[[int], None]
) -> Comparison:
    """Compare the sides of `spread`; `named` has their labels and where the questions come from, `told` hears how many
    questions are done."""
    tally, done = Tally(), 0
    for found in spread.each(compare, batches):
        tally.add(found)
        done += found.decisions + sum(found.skipped.values())
        told(done)
    before, after = spread.sides.before, spread.sides.after
    return Comparison(
        before=Named(named[0], before.policy_revision, before.model_revision),
        after=Named(named[1], after.policy_revision, after.model_revision),
        asked_of=named[2],
        currency=after.policy.policy.currency,
        tally=tally,
        sentences=_sentences(tally, before, after),
    )


def in_words(why: Why) -> str:
    """What took an action out, in short: the rule, and the stage as people read it."""
    what = why.rule or why.code.replace("_", " ").lower()
    return f"{what} ({STAGE_WORDS.get(why.stage, why.stage)})"


def net(sums: Sums) -> float:
    """Expected value less the cost of the contacts."""
    return sums.gain - sums.cost


def _sentences(tally: Tally, before: Snapshot, after: Snapshot) -> dict[Why, str]:
    """By the side on which it happened; the changed side has the last word."""
    found: dict[Why, str] = {}
    for snapshot, whys in (
        (before, (*tally.admitted, *tally.before.funnel.removed)),
        (after, (*tally.displaced, *tally.left_by, *tally.after.funnel.removed)),
    ):
        for why in whys:
            if why.code in Code.__members__:
                found[why] = snapshot.reasons.tell(Because(Code(why.code), rule=why.rule), Audience.AGENT)
            else:
                found[why] = "The policy does not have it."
    return found


def _by_action(counted: Iterable[tuple[tuple[str, str], int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, action), count in counted:
        found[action] = found.get(action, 0) + count
    return found
