"""The way of one decision, pure: everything it depends on comes in, everything it found goes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from msgspec import structs

from engine.decision import Degraded
from engine.experiment import Draws, control_group
from engine.place import COMPARED, Board, place
from engine.resolution import Placed, Question, Resolution
from engine.retried import over_both_attempts
from engine.rights.bound import bound
from engine.score import score, threshold
from engine.snapshot import Snapshot
from engine.tiers.held import held_tier
from rules.contact import History, reached_caps, read_history, screen_contact
from rules.influence import influences
from rules.ledger import OUTCOMES, stable_id
from rules.policy import ControlGroup, Placement, Stage
from rules.rationing import Wanted
from rules.removal import Remover
from rules.screen import Candidates, Screened, screen
from rules.weights import weigh
from rules.wording.code import Code

ELIGIBILITY_ONLY = "eligibility_only"
_AFTER_ELIGIBILITY = frozenset({Stage.APPLICABILITY, Stage.SUITABILITY})
_REJECTED = OUTCOMES.index("REJECTED")
CONVERSATION = 3600.0
"""Seconds for which a rejection is not asked about again by the decisions that follow."""


def resolve(snapshot: Snapshot, question: Question, first: Resolution | None = None) -> Resolution:
    """Decide. `first` is the resolution whose claim was lost, when this is the second attempt."""
    policy, moment, known = snapshot.policy, question.moment, question.known
    history = read_history(policy, known.standing, moment)
    values = bound(snapshot, known, moment)
    tier = policy.place(values, held_tier(snapshot, known, moment.now))
    verdicts = policy.judge(values, tier, snapshot.live(moment.now))
    group = control_group(policy.policy.control_groups, policy.policy.salt, known.customer, moment.now)
    remover = _considered(snapshot, question, history)
    candidates = Candidates(remover.allowed, snapshot.stopped, history.honoured)
    screened = _compared(snapshot, screen(policy, verdicts, moment, candidates), group)
    contact = screen_contact(policy, verdicts, history, moment, screened.allowed)
    remover.removals += (*screened.removals, *contact.removals)
    remover.allowed = contact.allowed
    at_work = influences(policy.influencers, history.rows, moment.now, known.personalised)
    weights = weigh(policy, verdicts, tier, at_work)
    wanted = Wanted(moment.channel, tier.tier.name, verdicts.values, weights.cost, contact.honoured)
    rations = policy.rationing.ration(wanted, question.limits, remover)
    scored = score(snapshot, question, weights.under(rations.scarcity), remover, history.zone)
    threshold(snapshot, moment.channel, scored, remover)
    share = 0.0 if contact.stopped else min(policy.policy.exploration.share, tier.tier.exploration_limit)
    draws = _draws(snapshot, question, history)
    board = Board(snapshot, moment.channel, scored, remover.allowed, contact.honoured, group, draws, share, rations)
    placed = _over_both(place(board, _placements(snapshot, question)), snapshot, question, history, first)
    degraded = _degraded(snapshot, question, bool(tier.errors or verdicts.errors))
    removals = tuple(remover.removals)
    return Resolution(question, tier, placed, removals, scored, contact, group, degraded, values, rations)


def _over_both(
    placed: tuple[Placed, ...], snapshot: Snapshot, question: Question, history: History, first: Resolution | None
) -> tuple[Placed, ...]:
    """The placements, where this is the second attempt with the probabilities of both."""
    if first is None:
        return placed
    lost = reached_caps(snapshot.policy, history, question.moment) & ~first.contact.honoured
    return over_both_attempts(placed, first.placed, lost)


def _placements(snapshot: Snapshot, question: Question) -> tuple[Placement, ...]:
    """The placements asked for, in the policy's order, none longer than the request allows."""
    request = question.request
    declared = snapshot.policy.policy.channels[request.channel].placements.values()
    wanted = (one for one in declared if not request.placements or one.name in request.placements)
    if not request.max_actions:
        return tuple(wanted)
    return tuple(replace(one, count=min(one.count, request.max_actions)) for one in wanted)


def _considered(snapshot: Snapshot, question: Question, history: History) -> Remover:
    """What the request asks about, without what is on the page already and what was just rejected."""
    request, catalogue = question.request, snapshot.policy.catalogue
    remover = Remover(catalogue.all)
    if request.placements:
        asked = ~catalogue.channels[request.channel]
        for name in request.placements:
            asked |= catalogue.placements[request.channel, name]
        remover.remove(Stage.AVAILABILITY, Code.NOT_TAKEN_HERE, ~asked)
    if request.exclude:
        remover.remove(Stage.AVAILABILITY, Code.EXCLUDED, catalogue.mask_of_ids(request.exclude))
    if request.follows:
        rejected = _just_rejected(history, request.follows, question.now)
        remover.remove(Stage.AVAILABILITY, Code.EXCLUDED, snapshot.policy.catalogue.mask_of_stable(rejected))
    return remover


def _just_rejected(history: History, follows: str, now: float) -> list[int]:
    """The stable ids of what was rejected of the decision that this one follows, and of those before it in the same
    conversation."""
    contacts = history.standing.ledger.contacts
    lately = (contacts["decision"] == stable_id(follows)) | (contacts["outcome_at"] > now - CONVERSATION)
    rejected: list[int] = contacts["action"][lately & (contacts["outcome"] == _REJECTED)].tolist()
    return rejected


def _compared(snapshot: Snapshot, screened: Screened, group: ControlGroup | None) -> Screened:
    """For a comparison group that knows eligibility only, offers and messages pass the later stages."""
    if group is None or group.arm != ELIGIBILITY_ONLY:
        return screened
    kinds = snapshot.policy.catalogue.kinds
    compared = sum(kinds[kind] for kind in COMPARED)
    allowed, kept = screened.allowed, []
    for removal in screened.removals:
        passed = removal.mask & compared if removal.stage in _AFTER_ELIGIBILITY else 0
        allowed |= passed
        if removal.mask != passed:
            kept.append(structs.replace(removal, mask=removal.mask ^ passed))
    return Screened(allowed, tuple(kept))


def _draws(snapshot: Snapshot, question: Question, history: History) -> Draws:
    day = datetime.fromtimestamp(question.now, history.zone).date().isoformat()
    customer = question.known.customer
    return Draws(snapshot.policy.policy.salt, customer, question.moment.intent, day, question.attempt)


def _degraded(snapshot: Snapshot, question: Question, failed: bool) -> tuple[Degraded, ...]:
    found = list(question.known.degraded)
    if snapshot.expectation.bundle is None:
        found.append(Degraded.MODEL_MISSING)
    if failed:
        found.append(Degraded.CONDITION_ERROR)
    return tuple(found)
