"""What one side chose for one question, and how its offers, messages and asks fared on the way."""

from __future__ import annotations

from dataclasses import dataclass

from engine.decide import resolve
from engine.fates import drawn_empty
from engine.resolution import Placed, Question, Resolution
from engine.simulation.tally import NOTHING, Funnel, Sums, Why
from engine.snapshot import Snapshot
from rules.policy import CONTACT_KINDS, Stage
from rules.wording.code import Code

ARBITRATION = "arbitration"
SHOWN = "shown"
STAGES = (*(stage.value for stage in Stage), SHOWN)
"""What is left after each of them, in order; SHOWN is what came of the choice among the allowed."""

GONE = Why(Stage.AVAILABILITY.value, "", "NOT_IN_THE_POLICY")


@dataclass(frozen=True, slots=True)
class Side:
    """A snapshot with the bitmask of its contacts."""

    snapshot: Snapshot
    contacts: int

    @staticmethod
    def of(snapshot: Snapshot) -> Side:
        kinds = snapshot.policy.catalogue.kinds
        return Side(snapshot, sum(kinds[kind] for kind in CONTACT_KINDS))


@dataclass(slots=True)
class Chosen:
    """One side's choice. `first` has the action of each placement, NOTHING where it is empty; `later` all other ranks;
    `sums` by placement; `shown` the ids of the contacts at any rank, `proposed` a bitmask of all actions."""

    side: Side
    resolution: Resolution
    first: dict[str, str]
    later: tuple[tuple[int, ...], ...]
    sums: dict[str, Sums]
    shown: list[str]
    proposed: int

    @property
    def tier(self) -> str:
        return self.resolution.tier.tier.name

    def why_not(self, action: str) -> Why:
        """What keeps an action from its place."""
        catalogue = self.side.snapshot.policy.catalogue
        index = catalogue.index.get(action)
        if index is None:
            return GONE
        for removal in self.resolution.removals:
            if removal.mask >> index & 1:
                return Why(removal.stage.value, removal.rule_id, removal.code.value)
        row = self.resolution.row_of(index)
        if any(one.controlled for one in self.resolution.placed):
            return Why(ARBITRATION, self.resolution.group.id if self.resolution.group else "", Code.CONTROL_GROUP.value)
        worth = 0.0 if row is None else self.resolution.scored.priority.item(row)
        if worth <= 0.0:
            return Why(ARBITRATION, "", Code.WORTH_LESS_THAN_NOTHING.value)
        drawn = drawn_empty(self.resolution, catalogue.actions[index].kind)
        return Why(ARBITRATION, "", (Code.NOTHING_DRAWN if drawn else Code.OUTRANKED).value)


def choose(side: Side, question: Question) -> Chosen:
    """Decide one question."""
    resolution = resolve(side.snapshot, question)
    ids = side.snapshot.policy.catalogue.ids
    first, sums, shown, proposed = {}, {}, [], 0
    for placed in resolution.placed:
        name, actions = placed.placement.name, placed.picked.actions
        first[name] = ids[actions[0]] if actions else NOTHING
        sums[name] = _sums(side, resolution, placed)
        for action in actions:
            proposed |= 1 << action
            if side.contacts >> action & 1:
                shown.append(ids[action])
    later = tuple(placed.picked.actions[1:] for placed in resolution.placed)
    return Chosen(side, resolution, first, later, sums, shown, proposed)


def count_funnel(funnel: Funnel, chosen: Chosen) -> None:
    """Add how the contacts of one decision fared, stage by stage."""
    contacts, by = chosen.side.contacts, funnel.removed
    removed: dict[str, int] = {}
    for removal in chosen.resolution.removals:
        mask = removal.mask & contacts
        if mask:
            stage = removal.stage._value_
            removed[stage] = removed.get(stage, 0) | mask
            why = Why(stage, removal.rule_id, removal.code._value_)
            by[why] = by.get(why, 0) + mask.bit_count()
    funnel.considered += contacts.bit_count()
    left = contacts
    for stage in STAGES:
        left = left & chosen.proposed if stage == SHOWN else left & ~removed.get(stage, 0)
        if not left:
            break
        funnel.left[stage] += left.bit_count()
        funnel.alive[stage] += 1


def _sums(side: Side, resolution: Resolution, placed: Placed) -> Sums:
    sums, scored = Sums(), resolution.scored
    for rank, action in enumerate(placed.picked.actions):
        row, contact = scored.rows.get(action), side.contacts >> action & 1
        sums.contacts += contact
        if row is None:
            continue
        if contact:
            sums.cost += scored.cost.item(row)
        if rank == 0:
            sums.priority += scored.priority.item(row)
            sums.gain += scored.propensity.item(row) * scored.gain.item(row) if contact else 0.0
    return sums
