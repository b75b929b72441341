"""Pega's names for the stages at which actions fall away; their order is Befit's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rules.policy import Stage
from rules.wording.code import Code


class PegaStage(NamedTuple):
    """A stage as Decision Analyzer knows it. `component` is the kind of thing that takes actions away there."""

    group: str
    name: str
    order: int
    component: str


_CHANNELS, _ENGAGEMENT, _CONTACT = (
    "ChannelAvailabilityProductAssociations",
    "EngagementPolicies",
    "JourneysContactPolicies",
)
_FINAL = "FinalActionsProcessing"
OUTPUT = PegaStage("Output", "Output", 10000, "Output")
WORTHLESS = PegaStage("Arbitration", "ArbitrationPriorityThresholds", 3900, "Arbitration")
OUTRANKED = PegaStage(_FINAL, "TreatmentPlacements", 5100, "Placement")
NOT_GRANTED = PegaStage(_FINAL, "ContactPoliciesActionLimits", 5000, "Contact limit")

_LIMITS = PegaStage(_CONTACT, "ContactPoliciesOutboundChannelLimits", 1850, "Volume constraint")
_RESTS = PegaStage(_CONTACT, "ContactPoliciesActionSuppressions", 1820, "Contact policy")
_OPEN = PegaStage(_CONTACT, "ActiveOutboundChannels", 1830, "Contact policy")
_BY_CODE: Mapping[str, PegaStage] = {
    Code.NOT_VALID: PegaStage("AvailableActions", "ActionAvailability", 1000, "Availability"),
    Code.STOPPED: PegaStage(_CHANNELS, "ActionEmergencyExclusion", 1120, "Emergency exclusion"),
    Code.EXCLUDED: PegaStage(_CHANNELS, "NBAPostActionImportExtension", 1190, "Request"),
    Code.LIMIT_REACHED: _LIMITS,
    Code.LIMIT_UNKNOWN: _LIMITS,
    Code.NO_CONSENT: _OPEN,
    Code.QUIET_HOURS: _OPEN,
    Code.SELLING_STOPPED: PegaStage(_CONTACT, "CustomerJourneysExclusions", 1810, "Stop of selling"),
    Code.LOW_CHANCE: PegaStage("ActionPropensity", "ActionPropensityThresholds", 2200, "Threshold"),
    Code.LOW_PRIORITY: PegaStage("Arbitration", "ArbitrationPriorityThresholds", 3900, "Threshold"),
}
_BY_STAGE: Mapping[str, PegaStage] = {
    Stage.ELIGIBILITY: PegaStage(_ENGAGEMENT, "IssueGroupEligibility", 1400, "Engagement rule"),
    Stage.APPLICABILITY: PegaStage(_ENGAGEMENT, "IssueGroupApplicability", 1500, "Engagement rule"),
    Stage.SUITABILITY: PegaStage(_ENGAGEMENT, "IssueGroupSuitability", 1600, "Engagement rule"),
    Stage.CONTACT: _RESTS,
    Stage.THRESHOLD: WORTHLESS,
}
_INBOUND = PegaStage(_CHANNELS, "InboundChannelAvailability", 1100, "Channel")
_OUTBOUND = PegaStage(_CHANNELS, "OutboundChannelAvailability", 1110, "Channel")


def stage_of(stage: str, code: str, *, outbound: bool) -> PegaStage:
    """Where Pega's tools would say that a removal of this stage and code happened."""
    otherwise = _OUTBOUND if outbound else _INBOUND
    return _BY_CODE.get(code) or _BY_STAGE.get(stage, otherwise)


def is_arbitrated(stage: PegaStage) -> bool:
    """Whether a row that falls away there had a priority to compete with."""
    return stage.order >= WORTHLESS.order
