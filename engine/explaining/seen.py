"""What was observed where an action was removed, and what would have been required there, as texts for analysts."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from engine.observed import cooled_at, left_of, observed_by, paused_until
from engine.resolution import Resolution
from engine.snapshot import Snapshot
from rules.caps import CapClaim
from rules.contact import claims_for, read_history
from rules.ledger import SEEN, Ledger, outcome_name
from rules.reasons import Because
from rules.removal import Removal
from rules.situation import Standing
from rules.stops import CompiledStop
from rules.wording.code import Code

_DAY_S = 86_400.0


def because_of(snapshot: Snapshot, resolution: Resolution, removal: Removal, index: int) -> Because:
    """Why one action, by its catalogue index, was removed: with all that can be said of it."""
    seen = Seen(snapshot, resolution, removal, index)
    if removal.code is Code.PAUSED:
        return Because(removal.code, removal.rule_id, until=paused_until(snapshot, resolution, removal.rule_id, index))
    if removal.code is Code.COOLING_DOWN:
        return Because(removal.code, removal.rule_id, until=cooled_at(snapshot, resolution))
    observed, required = seen.both()
    return Because(removal.code, removal.rule_id, observed, required or snapshot.reasons.required(removal.rule_id))


class Seen:
    """Looks at one removal of one action (a catalogue index)."""

    def __init__(self, snapshot: Snapshot, resolution: Resolution, removal: Removal, index: int) -> None:
        self._snapshot = snapshot
        self._resolution = resolution
        self._removal = removal
        self._index = index
        self._action = snapshot.policy.catalogue.actions[index]
        self._question = resolution.question
        self._channel = self._question.request.channel

    def both(self) -> tuple[str, str]:
        """Observed and required, "" where there is nothing to say; of conditions the latter is theirs."""
        removal = self._removal
        match removal.code:
            case Code.NOT_VALID:
                return self._validity()
            case Code.NO_TREATMENT:
                return self._channel, ", ".join(self._action.treatments)
            case Code.NOT_TAKEN_HERE:
                return self._action.kind.value, self._kinds()
            case Code.LIMIT_REACHED:
                return left_of(self._resolution, removal.rule_id, self._index)
            case Code.LOW_CHANCE | Code.LOW_PRIORITY:
                return self._least()
        return self._contact()

    def _contact(self) -> tuple[str, str]:
        removal = self._removal
        match removal.code:
            case Code.NO_CONSENT:
                return self._consent(removal.rule_id)
            case Code.QUIET_HOURS:
                return self._quiet()
            case Code.CAPPED:
                return self._counted()
            case Code.SELLING_STOPPED:
                return self._stopped()
        return observed_by(self._snapshot, self._resolution, removal.rule_id, self._index), ""

    def _validity(self) -> tuple[str, str]:
        ends = [self._clock(at) if at is not None else "" for at in (self._action.valid_from, self._action.valid_to)]
        return self._clock(self._question.now), f"{ends[0]} to {ends[1]}".strip()

    def _kinds(self) -> str:
        kinds = {kind for placed in self._resolution.placed for kind in placed.placement.kinds}
        return ", ".join(sorted(kinds))

    def _least(self) -> tuple[str, str]:
        row, least = self._resolution.row_of(self._index), self._snapshot.policy.thresholds[self._channel]
        if row is None:
            return "", ""
        if self._removal.code is Code.LOW_CHANCE:
            chance = self._resolution.scored.propensity.item(row)
            return f"{chance:.3g}", f"{least.propensity.item(self._index):.3g}"
        return f"{self._resolution.scored.priority.item(row):.3g}", f"{least.priority.item(self._index):.3g}"

    def _consent(self, purpose: str) -> tuple[str, str]:
        key = f"{self._channel}:{purpose}"
        given = (self._question.known.standing.consent or {}).get(key)
        return f"{key} = {'unknown' if given is None else 'no'}", f"{key} = yes"

    def _quiet(self) -> tuple[str, str]:
        rules = self._snapshot.policy.contact.channels[self._channel]
        windows = ", ".join(f"{_hour(start)} to {_hour(end)}" for start, end in rules.quiet)
        return self._clock(self._question.now), f"outside {windows}"

    def _counted(self) -> tuple[str, str]:
        question, compiled = self._question, self._snapshot.policy
        standing = question.known.standing
        for claim in claims_for(compiled, self._index, question.moment, standing):
            if claim.cap_id == self._removal.rule_id:
                return str(_matching(standing.ledger, claim)), str(claim.limit - 1)
        return "", ""

    def _stopped(self) -> tuple[str, str]:
        """What happened, where that is why; else what the condition read."""
        standing = self._question.known.standing
        history = read_history(self._snapshot.policy, standing, self._question.moment)
        for stop in self._snapshot.policy.contact.stops:
            if stop.id == self._removal.rule_id and history.rows and stop.follows(history.rows, self._question.now):
                since = self._question.now - stop.within
                told = zip(history.rows.outcomes, history.rows.outcome_at, strict=True)
                own = self._snapshot.policy.policy.outcomes
                names = {outcome_name(one, own) for one, at in told if one in stop.outcomes and at >= since}
                return ", ".join(sorted(names)), f"none within {stop.within / _DAY_S:g} days"
            if stop.id == self._removal.rule_id and stop.stands(standing):
                return _not_put_right(stop, standing), "none"
        return observed_by(self._snapshot, self._resolution, self._removal.rule_id, self._index), ""

    def _clock(self, at: float) -> str:
        zone = self._snapshot.policy.zone(self._question.known.standing.time_zone)
        return datetime.fromtimestamp(at, zone).isoformat(" ", "minutes")[:16]


def _matching(ledger: Ledger, claim: CapClaim) -> int:
    """How many contacts count for a claim, as the store would count them."""
    rows = ledger.contacts
    counts = (rows["at"] >= claim.since) & (1 << rows["direction"].astype(np.int64) & claim.directions > 0)
    counts &= (rows["flags"] & SEEN > 0) | (rows["at"] >= claim.release_before)
    if claim.channels:
        counts &= np.isin(rows["channel"], claim.channels)
    if claim.actions:
        counts &= np.isin(rows["action"], claim.actions)
    return int(np.count_nonzero(counts))


def _not_put_right(stop: CompiledStop, standing: Standing) -> str:
    promises = f"promises not kept = {standing.broken_promises}" if stop.broken_promise else ""
    complaints = f"complaints open = {standing.open_complaints}" if stop.open_complaint else ""
    return ", ".join(one for one in (promises, complaints) if one)


def _hour(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
