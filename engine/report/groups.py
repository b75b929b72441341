"""Befit against every comparison group: the measures, what they come to in money, and whether the groups were dealt as
declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from engine.report.dealt import BEFIT, Dealt
from engine.report.measures import COST, Measure, measured, money_of, told
from engine.report.verdict import Against, Pace, against
from models.lift import MISMATCH_BELOW, sample_ratio
from rules.policy import ControlGroup

PEGA_NAMES: Mapping[str, str] = {
    "random": "NBAPrioritization",
    "propensity_only": "PropensityPriority",
    "no_levers": "LeverPriority",
    "eligibility_only": "EngagementPolicy",
}
"""How Pega's Impact Analyzer calls the groups, by arm; it has none for doing nothing."""
ARM_SAYS: Mapping[str, str] = {
    "random": "any relevant action at random",
    "nothing": "no offers and no messages",
    "propensity_only": "by chance of acceptance alone",
    "no_levers": "without manual boosts",
    "eligibility_only": "whatever may be offered, whether it makes sense now or not",
}


@dataclass(frozen=True, slots=True)
class Group:
    """What one group comes to; `sums` of the columns of its units."""

    id: str
    arm: str
    share: float
    customers: int
    units: int
    sums: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Compared:
    """Befit against one group. `money` is the measure of money. `extra` is how much more the customers of Befit brought
    in all than they would have in the group's way, with its interval; `return_on_cost` that per extra money spent,
    None where it is not sure (95 %) that more was spent."""

    group: Group
    measures: tuple[Against, ...]
    money: Against
    extra: float
    extra_low: float
    extra_high: float
    extra_cost: float
    return_on_cost: float | None


@dataclass(frozen=True, slots=True)
class Dealing:
    """Customers and months by group against the shares of the policies that dealt them: how likely counts so far off
    are by chance alone. `otherwise` of `checked` are not in the group that the policy deals them."""

    probability: float
    expected: Mapping[str, float]
    found: Mapping[str, int]
    checked: int
    otherwise: int

    @property
    def broken(self) -> bool:
        """Whether the groups cannot be trusted: nothing that is compared by them can."""
        return self.probability < MISMATCH_BELOW or self.otherwise > 0


def groups(rows: pl.DataFrame, declared: Sequence[ControlGroup], dealt: Dealt) -> tuple[Group, ...]:
    """Befit first, then the comparison groups in the policy's order, then those that only the log knows. What a group
    is, and its share, are told by the policies that dealt it; by today's where none of them is known."""
    shares = {BEFIT: 1.0 - sum(one.share for one in declared)} | {one.id: one.share for one in declared}
    arms = {one.id: one.arm for one in declared} | dealt.arms
    if dealt.checked:
        shares = {name: dealt.share(name) for name in (*shares, *dealt.expected) if name in dealt.expected}
    logged = rows["group"].unique(maintain_order=True).to_list()
    names = [*shares, *(name for name in logged if name not in shares)]
    return tuple(_group(rows, name, arms.get(name, ""), shares.get(name, 0.0)) for name in names)


def compared(rows: pl.DataFrame, found: Sequence[Group], pace: Pace) -> tuple[Compared, ...]:
    """Befit against each group of which there is anybody."""
    test = rows.filter(pl.col("group") == BEFIT)
    controls = [one for one in found if one.id != BEFIT and one.units]
    money = money_of(rows)
    sides = ((one, rows.filter(pl.col("group") == one.id)) for one in controls if len(test))
    return tuple(_compared(test, control, one, money, pace) for one, control in sides)


def dealing(dealt: Dealt) -> Dealing:
    """Hold the groups to their shares."""
    due = {name: expected for name, expected in dealt.expected.items() if expected > 0.0}
    found = {name: dealt.found[name] for name in due}
    probability = sample_ratio(list(found.values()), [one / dealt.checked for one in due.values()])
    return Dealing(probability, due, found, dealt.checked, dealt.otherwise)


def pairs(test: pl.DataFrame, control: pl.DataFrame, measures: Sequence[Measure], pace: Pace) -> tuple[Against, ...]:
    """Two sets of units by all measures that both can be told of."""
    found = []
    for measure in measures:
        one, other = measured(test, measure), measured(control, measure)
        if one is not None and other is not None:
            found.append(against(measure, one, other, pace))
    return tuple(found)


def _group(rows: pl.DataFrame, name: str, arm: str, share: float) -> Group:
    mine = rows.filter(pl.col("group") == name)
    numbers = [column for column, kind in mine.schema.items() if kind == pl.Float64 and column != "at"]
    sums = {column: float(mine[column].sum()) for column in numbers}
    return Group(name, arm, share, mine["customer"].n_unique(), len(mine), sums)


def _compared(test: pl.DataFrame, control: pl.DataFrame, group: Group, measure: Measure, pace: Pace) -> Compared:
    both = pl.concat([test, control])
    found = pairs(test, control, told(both), pace)
    (money, cost) = pairs(test, control, (measure, COST), pace)
    count = len(test)
    extra, spent = money.difference * count, cost.difference * count
    back = extra / spent if cost.low > 0.0 else None
    return Compared(group, found, money, extra, money.low * count, money.high * count, spent, back)
