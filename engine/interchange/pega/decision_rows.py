"""Decision Analyzer: one row for each decision and candidate, with the stage at which it fell away or came out.

Pega's priority is a product; `Value` and `Weight` are those of product.py that make ours one. What fell away before
arbitration has no `Priority`, and what fell away before it was scored no `FinalPropensity` either. Nor has a priority
what no lever can move: P, C or G of 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from engine.interchange.pega.contests import Contests
from engine.interchange.pega.names import DIRECTIONS, MOMENT, model_control_group, moment
from engine.interchange.pega.product import Product, Weighed, product_of
from engine.interchange.pega.stages import (
    NOT_GRANTED,
    OUTPUT,
    OUTRANKED,
    WORTHLESS,
    PegaStage,
    is_arbitrated,
    stage_of,
)
from engine.past.policies import PolicyKnown
from engine.record import DecisionRecord
from engine.sink.reading import Joined
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


class _Place(NamedTuple):
    """A candidate that was arbitrated, in its contest."""

    rank: int
    product: Product


def decision_rows(joined: Joined, known: PolicyKnown, subject: str) -> Iterator[tuple[Any, ...]]:
    """The rows of one decision in the order of SCHEMA; `subject` names the customer."""
    record = joined.record
    channel = known.channel(record.request.channel)
    if channel is None:
        return
    contests, outbound = Contests(record, channel), channel.direction is Direction.OUTBOUND
    worths = _worths(record)
    fates = _removed(record, outbound) | _chosen(joined)
    places = _places(worths, fates, contests, known)
    arm = model_control_group(known.arms.get(record.group, ""))
    about = (subject, "Customer", channel.name, DIRECTIONS[channel.direction], arm)
    head = (*about, "Befit", known.policy.company, record.policy)
    for stable in {**fates, **worths}:
        action = known.actions.get(stable)
        contest = None if action is None else contests.of_kind(action.kind)
        if action is not None and contest is not None:
            fate = fates.get(stable) or _left(worths[stable])
            row = _row(action, fate, channel.name)
            factors = _factors(action, worths.get(stable), places.get(stable))
            yield contest.interaction, moment(record.now), *head, *row, *factors


def _row(action: Action, fate: _Fate, channel: str) -> tuple[Any, ...]:
    treatment = action.treatments.get(channel)
    named = (action.issue, action.group, action.id, treatment.id if treatment else None)
    record_type = "OUTPUT" if fate.stage is OUTPUT else "FILTERED_OUT"
    stage = (record_type, *fate.stage[:3], fate.component, fate.stage.component)
    return *named, fate.placement or None, *stage


def _factors(action: Action, weighed: Weighed | None, place: _Place | None) -> tuple[float | None, ...]:
    """Propensity, value, context weight, lever, priority and rank."""
    if weighed is None:
        return (None,) * 6
    if place is None:
        return weighed.propensity, None, weighed.context_weight, None, None, None
    priority = weighed.priority + (MANDATORY if action.mandatory else 0.0)
    return weighed.propensity, place.product.value, weighed.context_weight, place.product.lever, priority, place.rank


def _left(worth: Weighed) -> _Fate:
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


def _worths(record: DecisionRecord) -> dict[int, Weighed]:
    """The scored candidates in the catalogue's order."""
    scored = record.scored
    packed = (scored.propensity, scored.gain, scored.cost, scored.context_weight, scored.priority)
    chance, gain, cost, context, priority = (np.frombuffer(one, dtype="<f8") for one in packed)
    scarcity = np.frombuffer(scored.scarcity, dtype="<f8") if scored.scarcity else 0.0
    columns = (chance.tolist(), gain.tolist(), (cost + scarcity).tolist(), context.tolist(), priority.tolist())
    return dict(zip(_ids(scored.actions), map(Weighed, *columns), strict=True))


def _places(
    worths: Mapping[int, Weighed], fates: Mapping[int, _Fate], contests: Contests, known: PolicyKnown
) -> dict[int, _Place]:
    """The place of each candidate that was arbitrated in its contest: mandatory first, then by priority."""
    listed: dict[str, list[int]] = {}
    for stable, worth in worths.items():
        action = known.actions.get(stable)
        contest = None if action is None else contests.of_kind(action.kind)
        fate = fates.get(stable) or _left(worth)
        if contest is not None and is_arbitrated(fate.stage) and product_of(worth, 0.0) is not None:
            listed.setdefault(contest.interaction, []).append(stable)
    found: dict[int, _Place] = {}
    for among in listed.values():
        best = sorted((worths[one].priority for one in among), reverse=True)[:2]
        among.sort(key=lambda one: (not known.actions[one].mandatory, -worths[one].priority))
        for rank, stable in enumerate(among, start=1):
            rivals = best[1:] if worths[stable].priority == best[0] else best[:1]
            product = product_of(worths[stable], *rivals or (0.0,))
            found |= {stable: _Place(rank, product)} if product else {}
    return found


def _ids(packed: bytes) -> list[int]:
    found: list[int] = np.frombuffer(packed, dtype="<u4").tolist()
    return found
