"""Interaction History: an impression for each contact, and a row for each thing that became of it.

pdstools takes `Impression` alone for "was shown it", also outbound; without such rows every rate would be 1. So each
contact has one: when the touchpoint told of it, else when it was decided or to be sent. Times are Pega's texts: of this
file, unlike the others, pdstools reads nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from engine.interchange.pega.exposures import Exposure
from engine.interchange.pega.names import (
    CONTROL_GROUPS,
    DIRECTIONS,
    IMPRESSION,
    OUTCOMES,
    OVERRIDDEN,
    model_control_group,
    moment_text,
)
from engine.record import OutcomeRecord
from rules.ledger import STANDARD_OUTCOMES

SCHEMA: Mapping[str, Any] = {
    "pxInteractionID": pl.String,
    "pySubjectID": pl.String,
    "pySubjectType": pl.String,
    "pxDecisionTime": pl.String,
    "pyChannel": pl.String,
    "pyDirection": pl.String,
    "pyIssue": pl.String,
    "pyGroup": pl.String,
    "pyName": pl.String,
    "pyTreatment": pl.String,
    "pyPlacement": pl.String,
    "pxRank": pl.Int32,
    "pyPropensity": pl.Float64,
    "pxPriority": pl.Float64,
    "pyValue": pl.Float64,
    "pyModelTechnique": pl.String,
    "ModelControlGroup": pl.String,
    "ExperimentGroup": pl.String,
    "pxOutcomeTime": pl.String,
    "pyOutcome": pl.String,
    "pyReason": pl.String,
    "pyRevenue": pl.Float64,
    "BefitOutcome": pl.String,
    "BefitProbability": pl.Float64,
}
TECHNIQUE = "GradientBoost"


def interaction_rows(one: Exposure, subject: str) -> Iterator[tuple[Any, ...]]:
    """The rows of one contact in the order of SCHEMA; `subject` names the customer."""
    head = (one.interaction, subject, "Customer", moment_text(one.record.now), *_what(one))
    yield *head, moment_text(shown_at(one)), IMPRESSION, None, None, "IMPRESSION", _probability(one)
    for told in one.outcomes:
        if told.type != "IMPRESSION":
            outcome = OVERRIDDEN if told.offered_instead else pega_outcome(told.type, one.action.success)
            reason = told.reason_code or None
            yield *head, moment_text(told.at), outcome, reason, told.revenue, told.type, _probability(one)


def pega_outcome(type_: str, success: str) -> str:
    """An outcome as Pega has it: a type of the policy's own that is the action's success is `Accepted`."""
    if type_ == success and type_ not in STANDARD_OUTCOMES:
        return OUTCOMES["ACCEPTED"]
    return OUTCOMES.get(type_, type_)


def shown_at(one: Exposure) -> float:
    """When the contact was seen, as far as is known (s)."""
    told = [outcome.at for outcome in one.outcomes if outcome.type == "IMPRESSION"]
    if told:
        return min(told)
    sent = next(each.send_at for each in one.record.placements if each.placement == one.placement)
    return min([max(sent or 0.0, one.record.now), *_answers(one.outcomes)])


def _answers(outcomes: tuple[OutcomeRecord, ...]) -> list[float]:
    return [outcome.at for outcome in outcomes if outcome.type != "NO_RESPONSE"]


def _what(one: Exposure) -> tuple[Any, ...]:
    action, pick = one.action, one.pick
    where = (one.channel.name, DIRECTIONS[one.channel.direction])
    named = (action.issue, action.group, action.id, pick.treatment or None, one.placement, one.rank)
    worth = (one.propensity, pick.factors[-1], one.gain)
    group = CONTROL_GROUPS.get(one.arm, one.arm)
    return *where, *named, *worth, TECHNIQUE, model_control_group(one.arm), group


def _probability(one: Exposure) -> float | None:
    """That of having been chosen for a first place; None where it cannot be weighed by."""
    if one.rank > 1:
        return None
    return next(each.estimable for each in one.record.placements if each.placement == one.placement)
