"""What became of every candidate that was not proposed: the stage, the rule and the reason, for a full trace."""

from __future__ import annotations

from engine.decision import Cause, Dropped, Factors, Why
from engine.explaining.seen import because_of
from engine.place import COMPARED, NOTHING_ARM
from engine.resolution import Resolution
from engine.snapshot import Snapshot
from rules.policy import Kind, Stage
from rules.reasons import Because
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
            because = because_of(snapshot, resolution, removal, index)
            why, name = _why(snapshot, resolution, because), catalogue.ids[index]
            factors = _factors(resolution, index) if removal.stage == Stage.THRESHOLD else None
            seen = _in_words(snapshot, because)
            found.append(Dropped(name, removal.stage.value, removal.rule_id, why, factors, *seen))
    return found


def _outranked(snapshot: Snapshot, resolution: Resolution) -> list[Dropped]:
    catalogue, gone = snapshot.policy.catalogue, _proposed(resolution)
    for removal in resolution.removals:
        gone |= removal.mask
    found = []
    for row, index in enumerate(resolution.scored.actions.tolist()):
        if not gone >> index & 1:
            because = _beaten(snapshot, resolution, index, row)
            why, name, factors = (
                _why(snapshot, resolution, because),
                catalogue.ids[index],
                resolution.scored.factors(row),
            )
            found.append(Dropped(name, ARBITRATION, "", why, factors, *_in_words(snapshot, because)))
    return found


def _in_words(snapshot: Snapshot, because: Because) -> tuple[str, str]:
    """What was observed and what was required, as this company's people read it."""
    return snapshot.reasons.named(because.observed), snapshot.reasons.named(because.required)


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
    if worth > 0.0 and drawn_empty(resolution, kind):
        code = Code.NOTHING_DRAWN
    return Because(code, observed=f"{worth:.2f}", required=_last_seat(snapshot, resolution, index))


def drawn_empty(resolution: Resolution, kind: Kind) -> bool:
    """Whether exploration left the place empty that an action of this kind could have had."""
    open_to = [placed for placed in resolution.placed if kind in placed.placement.kinds]
    empty = not any(placed.picked.actions for placed in open_to)
    return empty and any(placed.picked.cause is Cause.NOTHING_DRAWN for placed in open_to)


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
