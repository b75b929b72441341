"""What became of every candidate that was not proposed: the stage, the rule and the reason, for a full trace."""

from __future__ import annotations

from engine.decision import Dropped, Factors, Why
from engine.observed import cooled_at, left_of, observed_by, paused_until
from engine.place import COMPARED, NOTHING_ARM
from engine.resolution import Resolution
from engine.snapshot import Snapshot
from rules.policy import Stage
from rules.reasons import Because
from rules.removal import Removal
from rules.wording.code import Code

ARBITRATION = "arbitration"


def dropped_of(snapshot: Snapshot, resolution: Resolution) -> tuple[Dropped, ...]:
    """Removed candidates by stage and rule, then the allowed ones that others outranked."""
    return (*_removed(snapshot, resolution), *_outranked(snapshot, resolution))


def _removed(snapshot: Snapshot, resolution: Resolution) -> list[Dropped]:
    catalogue, proposed = snapshot.policy.catalogue, _proposed(resolution)
    found = []
    for removal in resolution.removals:
        for index in catalogue.indexes(removal.mask & ~proposed).tolist():
            why = _why(snapshot, resolution, _because(snapshot, resolution, removal, index))
            factors = _factors(resolution, index) if removal.stage == Stage.THRESHOLD else None
            found.append(Dropped(catalogue.ids[index], removal.stage.value, removal.rule_id, why, factors))
    return found


def _because(snapshot: Snapshot, resolution: Resolution, removal: Removal, index: int) -> Because:
    rule, row = removal.rule_id, resolution.row_of(index)
    if removal.code is Code.PAUSED:
        return Because(removal.code, rule=rule, until=paused_until(snapshot, resolution, rule, index))
    if removal.code is Code.COOLING_DOWN:
        return Because(removal.code, rule=rule, until=cooled_at(snapshot, resolution))
    if removal.code is Code.LIMIT_REACHED:
        observed, required = left_of(resolution, rule, index)
        return Because(removal.code, rule=rule, observed=observed, required=required)
    if removal.stage != Stage.THRESHOLD or row is None:
        return Because(removal.code, rule=rule, observed=observed_by(snapshot, resolution, rule, index))
    of = resolution.scored.propensity if removal.code is Code.LOW_CHANCE else resolution.scored.priority
    return Because(removal.code, rule=removal.rule_id, observed=f"{of[row]:.3g}")


def _outranked(snapshot: Snapshot, resolution: Resolution) -> list[Dropped]:
    catalogue, gone = snapshot.policy.catalogue, _proposed(resolution)
    for removal in resolution.removals:
        gone |= removal.mask
    found = []
    for row, index in enumerate(resolution.scored.actions.tolist()):
        if not gone >> index & 1:
            why = _why(snapshot, resolution, _beaten(snapshot, resolution, index, row))
            found.append(Dropped(catalogue.ids[index], ARBITRATION, "", why, resolution.scored.factors(row)))
    return found


def _proposed(resolution: Resolution) -> int:
    """What is proposed, as a bitmask: also fallbacks, which may have been removed from the competition before."""
    found = 0
    for placed in resolution.placed:
        for action in placed.picked.actions:
            found |= 1 << action
    return found


def _beaten(snapshot: Snapshot, resolution: Resolution, index: int, row: int) -> Because:
    group, kind = resolution.group, snapshot.policy.catalogue.actions[index].kind
    if group is not None and group.arm == NOTHING_ARM and kind in COMPARED:
        return Because(Code.CONTROL_GROUP, observed=group.id)
    worth = float(resolution.scored.priority[row])
    code = Code.OUTRANKED if worth > 0.0 else Code.WORTH_LESS_THAN_NOTHING
    return Because(code, observed=f"{worth:.2f}", required=_last_seat(snapshot, resolution, index))


def _last_seat(snapshot: Snapshot, resolution: Resolution, index: int) -> str:
    """What took the last place that the action could have had."""
    catalogue = snapshot.policy.catalogue
    kind = catalogue.actions[index].kind
    for placed in resolution.placed:
        if kind in placed.placement.kinds and placed.picked.actions:
            last = placed.picked.actions[-1]
            row = resolution.row_of(last)
            worth = "" if row is None else f" with {resolution.scored.priority[row]:.2f}"
            return f"{catalogue.ids[last]}{worth}"
    return "nothing"


def _factors(resolution: Resolution, index: int) -> Factors | None:
    row = resolution.row_of(index)
    return None if row is None else resolution.scored.factors(row)


def _why(snapshot: Snapshot, resolution: Resolution, because: Because) -> Why:
    request = resolution.question.request
    return Why(because.code.value, snapshot.reasons.tell(because, request.audience, request.locale))
