"""Decision Analyzer: one row for each decision and candidate, with the stage at which it fell away or came out.

Pega's priority is a product, P x V x C x L. Ours is not, so `Value` is what makes it one: priority / (P x C x L), the
cost of the contact and the price of what is scarce included. What fell away before arbitration has no `Priority`, and
what fell away before it was scored no `FinalPropensity` either. Nor has a priority what no product tells: C or L of 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from engine.interchange.pega.contests import Contest, Contests
from engine.interchange.pega.names import DIRECTIONS, MOMENT, model_control_group, moment
from engine.interchange.pega.stages import (
    NOT_GRANTED,
    OUTPUT,
    OUTRANKED,
    WORTHLESS,
    PegaStage,
    is_arbitrated,
    stage_of,
)
from engine.interchange.policies import PolicyKnown
from engine.record import DecisionRecord
from engine.sink.reading import Joined
from models.value import Terms, product_value
from rules.ledger import stable_id
from rules.policy import Action, Direction

MANDATORY = 5_000_000.0
"""Added to the priority of what always comes first: Pega's tools know mandatory actions by it."""
SCHEMA: Mapping[str, Any] = {
    "pxInteractionID": pl.String,
    "pxDecisionTime": MOMENT,
    "Primary_pySubjectID": pl.String,
    "Primary_pySubjectType": pl.String,
    "Primary_ContainerPayload_Channel": pl.String,
    "Primary_ContainerPayload_Direction": pl.String,
    "ModelControlGroup": pl.String,
    "pxStrategyName": pl.String,
    "pyApplication": pl.String,
    "pyApplicationVersion": pl.String,
    "pyIssue": pl.String,
    "pyGroup": pl.String,
    "pyName": pl.String,
    "pyTreatment": pl.String,
    "PlacementType": pl.String,
    "pxRecordType": pl.String,
    "Stage_pyStageGroup": pl.String,
    "Stage_pyName": pl.String,
    "Stage_pyOrder": pl.Int32,
    "pxComponentName": pl.String,
    "pxComponentType": pl.String,
    "FinalPropensity": pl.Float64,
    "Value": pl.Float64,
    "ContextWeight": pl.Float64,
    "Weight": pl.Float64,
    "Priority": pl.Float64,
    "pxRank": pl.Int32,
}


class _Fate(NamedTuple):
    """Where a candidate fell away or came out, by what, in which placement."""

    stage: PegaStage
    component: str
    placement: str = ""


class _Worth(NamedTuple):
    """A candidate's factors as a product; `value` None where no product tells the priority."""

    propensity: float
    value: float | None
    context_weight: float
    lever: float
    priority: float


def decision_rows(joined: Joined, known: PolicyKnown, subject: str) -> Iterator[tuple[Any, ...]]:
    """The rows of one decision in the order of SCHEMA; `subject` names the customer."""
    record = joined.record
    channel = known.channel(record.request.channel)
    if channel is None:
        return
    contests, outbound = Contests(record, channel), channel.direction is Direction.OUTBOUND
    worths = _worths(record)
    fates = _removed(record, outbound) | _chosen(joined)
    ranks = _ranks(worths, fates, contests, known)
    arm = model_control_group(known.arms.get(record.group, ""))
    about = (subject, "Customer", channel.name, DIRECTIONS[channel.direction], arm)
    head = (*about, "Befit", known.policy.company, record.policy)
    for stable in {**fates, **worths}:
        action = known.actions.get(stable)
        contest = None if action is None else contests.of_kind(action.kind)
        if action is not None and contest is not None:
            fate = fates.get(stable) or _left(worths[stable])
            row = _row(action, fate, worths.get(stable), channel.name)
            yield contest.interaction, moment(record.now), *head, *row, ranks.get(stable)


def _row(action: Action, fate: _Fate, worth: _Worth | None, channel: str) -> tuple[Any, ...]:
    treatment = action.treatments.get(channel)
    named = (action.issue, action.group, action.id, treatment.id if treatment else None)
    record_type = "OUTPUT" if fate.stage is OUTPUT else "FILTERED_OUT"
    stage = (record_type, *fate.stage[:3], fate.component, fate.stage.component)
    return *named, fate.placement or None, *stage, *_factors(action, fate, worth)


def _factors(action: Action, fate: _Fate, worth: _Worth | None) -> tuple[float | None, ...]:
    if worth is None:
        return None, None, None, None, None
    priority = None
    if is_arbitrated(fate.stage) and worth.value is not None:
        priority = worth.priority + (MANDATORY if action.mandatory else 0.0)
    return worth.propensity, worth.value, worth.context_weight, worth.lever, priority


def _left(worth: _Worth) -> _Fate:
    """What became of a candidate that nothing removed and nobody chose."""
    return _Fate(OUTRANKED, "outranked") if worth.priority > 0.0 else _Fate(WORTHLESS, "worth_less_than_nothing")


def _removed(record: DecisionRecord, outbound: bool) -> dict[int, _Fate]:
    """By action the first removal that took it."""
    found: dict[int, _Fate] = {}
    for one in record.removals:
        fate = _Fate(stage_of(one.stage, one.code, outbound=outbound), one.rule or one.code.lower())
        for stable in _ids(one.actions):
            found.setdefault(stable, fate)
    return found


def _chosen(joined: Joined) -> dict[int, _Fate]:
    """What came out, and what did not because the store did not grant it any more."""
    return {
        stable_id(pick.action): _Fate(
            NOT_GRANTED if pick.action in joined.lost else OUTPUT,
            "contact_not_granted" if pick.action in joined.lost else "output",
            placement.placement,
        )
        for placement in joined.record.placements
        for pick in placement.picks
    }


def _worths(record: DecisionRecord) -> dict[int, _Worth]:
    """The scored candidates in the catalogue's order."""
    scored = record.scored
    packed = (scored.propensity, scored.gain, scored.cost, scored.context_weight, scored.lever, scored.priority)
    chance, gain, cost, context, lever, priority = (np.frombuffer(one, dtype="<f8") for one in packed)
    scarcity = np.frombuffer(scored.scarcity, dtype="<f8") if scored.scarcity else 0.0
    value = product_value(Terms(chance, gain, cost, context_weight=context, lever=lever, scarcity=scarcity))
    values = [None if np.isnan(one) else one for one in value.tolist()]
    columns = (chance.tolist(), values, context.tolist(), lever.tolist(), priority.tolist())
    return dict(zip(_ids(scored.actions), map(_Worth, *columns), strict=True))


def _ranks(
    worths: Mapping[int, _Worth], fates: Mapping[int, _Fate], contests: Contests, known: PolicyKnown
) -> dict[int, int]:
    """The place of each candidate that was arbitrated in its contest: mandatory first, then by priority."""
    listed: dict[str, list[tuple[bool, float, int]]] = {}
    for stable, worth in worths.items():
        action = known.actions.get(stable)
        contest: Contest | None = None if action is None else contests.of_kind(action.kind)
        fate = fates.get(stable) or _left(worth)
        if action is not None and contest is not None and is_arbitrated(fate.stage) and worth.value is not None:
            listed.setdefault(contest.interaction, []).append((not action.mandatory, -worth.priority, stable))
    ranks = {}
    for among in listed.values():
        for rank, (_, _, stable) in enumerate(sorted(among, key=lambda one: one[:2]), start=1):
            ranks[stable] = rank
    return ranks


def _ids(packed: bytes) -> list[int]:
    found: list[int] = np.frombuffer(packed, dtype="<u4").tolist()
    return found
