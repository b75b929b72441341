"""Whether the customer may be contacted now: stops, consent, quiet hours, pauses, caps, cool-downs; and open offers.

What cannot be read fails closed: without a consent record nobody consented, without the ledger nothing is sold
and nothing that a cap is about is proposed. Open offers are exempt from caps and cool-downs on inbound channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rules.caps import CapClaim, CapWindow
from rules.compiled import CompiledPolicy
from rules.contact_rows import ContactRows
from rules.contact_rules import ChannelRules
from rules.cool_downs import CompiledCoolDown
from rules.engagement import unknown_code
from rules.fused import Verdicts
from rules.local_time import quiet_until
from rules.offers import NONE_OPEN, OpenOffers
from rules.policy import Stage
from rules.removal import Removal, Remover
from rules.situation import Moment, Standing
from rules.wording.code import Code


class History(NamedTuple):
    """What the contact policy reads of a customer at one moment.

    `rows` is None without any contact. `offers` are all open offers; `honoured` is the bitmask of those that this
    channel must honour: all of them inbound, none outbound.
    """

    standing: Standing
    rows: ContactRows | None
    zone: ZoneInfo
    offers: OpenOffers
    honoured: int


class ContactVerdict(NamedTuple):
    """What may be proposed, and what removed the rest.

    `send_at` (s) is when an outbound contact may be made, None for at once. `blocked_by` names the rule (or the
    reason's code) that removed the last action. `honoured` are the open offers among the allowed, a bitmask;
    `valid_until` (s) says by catalogue index until when any open offer stands. `stopped`: a stop holds, or may hold,
    whatever it removed. `ask_again_at` (s) is when the cool-downs that an outbound contact must wait for are over.
    """

    allowed: int
    removals: tuple[Removal, ...]
    send_at: float | None = None
    blocked_by: str = ""
    honoured: int = 0
    valid_until: Mapping[int, float] = NONE_OPEN.until
    stopped: bool = False
    ask_again_at: float | None = None


def read_history(compiled: CompiledPolicy, standing: Standing, moment: Moment) -> History:
    """Read a customer's contacts once for all that asks about them."""
    contact = compiled.contact
    rows = contact.reader.read(standing.ledger) if standing.contacts_known else None
    offers = NONE_OPEN if rows is None else contact.promises.open_at(rows, moment.now)
    honoured = 0 if contact.channels[moment.channel].outbound else offers.mask
    return History(standing, rows, compiled.zone(standing.time_zone), offers, honoured)


def screen_contact(
    compiled: CompiledPolicy, verdicts: Verdicts, history: History, moment: Moment, allowed: int
) -> ContactVerdict:
    """Screen the actions that the engagement rules left, `allowed`, for a contact at this moment."""
    rules = compiled.contact.channels[moment.channel]
    remover = Remover(allowed)
    if not history.standing.contacts_known:
        unknown = compiled.contact.selling | rules.capped
        remover.remove(Stage.CONTACT, Code.CONTACTS_UNKNOWN, unknown)
    stopped = _stop(compiled, verdicts, history, moment.now, remover)
    _ask_consent(rules, history.standing, remover)
    quiet_end = quiet_until(moment.now, rules.quiet, history.zone) if rules.quiet else None
    if quiet_end is not None and not rules.outbound:
        remover.remove(Stage.CONTACT, Code.QUIET_HOURS, compiled.contact.contacts)
    _rest(compiled, history.standing, moment.now, remover)
    if rules.caps is not None and history.rows is not None:
        for cap_id, mask in rules.caps.reached(history.rows, moment.now, history.zone):
            remover.remove(Stage.CONTACT, Code.CAPPED, mask & ~history.honoured, cap_id)
    cooled_at = _cool_down(rules, history, moment.now, remover)
    return ContactVerdict(
        allowed=remover.allowed,
        removals=tuple(remover.removals),
        send_at=quiet_end if rules.outbound else None,
        blocked_by=_blocked_by(remover) if rules.outbound else "",
        honoured=history.honoured & remover.allowed,
        valid_until=history.offers.until,
        stopped=stopped,
        ask_again_at=_not_quiet(rules, history, cooled_at) if rules.outbound else None,
    )


def reached_caps(compiled: CompiledPolicy, history: History, moment: Moment) -> int:
    """The actions whose limit these contacts reach, a bitmask: what a commit would not grant, open offers aside."""
    rules = compiled.contact.channels[moment.channel]
    if history.rows is None:
        return 0
    found = 0
    for _, mask in rules.caps.reached(history.rows, moment.now, history.zone) if rules.caps else ():
        found |= mask
    for cool_down in rules.cool_downs:
        found |= cool_down.waiting if cool_down.ends(history.rows, moment.now) is not None else 0
    return found


def claims_for(compiled: CompiledPolicy, action: int, moment: Moment, standing: Standing) -> tuple[CapClaim, ...]:
    """What a new contact with the action (a catalogue index) must claim. Honoured offers need no claims."""
    return claim_windows(compiled, moment, standing).claims(action)


class ClaimWindows(NamedTuple):
    """What counts at a moment, worked out once for all contacts of a decision."""

    caps: tuple[CapWindow, ...]
    cool_downs: tuple[CompiledCoolDown, ...]
    now: float

    def claims(self, action: int) -> tuple[CapClaim, ...]:
        """What a new contact with the action (a catalogue index) must claim. Honoured offers need no claims."""
        found = [cap.claim(action, since, released) for cap, since, released in self.caps]
        found += [cool_down.claim(action, self.now) for cool_down in self.cool_downs]
        return tuple([claim for claim in found if claim is not None])


def claim_windows(compiled: CompiledPolicy, moment: Moment, standing: Standing) -> ClaimWindows:
    """What counts for a contact over the moment's channel."""
    rules = compiled.contact.channels[moment.channel]
    caps = rules.caps.windows(moment.now, compiled.zone(standing.time_zone)) if rules.caps else ()
    return ClaimWindows(caps, rules.cool_downs, moment.now)


def _stop(compiled: CompiledPolicy, verdicts: Verdicts, history: History, now: float, remover: Remover) -> bool:
    """Whether any stop holds or may hold."""
    stopped = not history.standing.contacts_known
    for stop in compiled.contact.stops:
        follows = history.rows is not None and stop.follows(history.rows, now)
        if follows or stop.stands(history.standing):
            stopped = True
            remover.remove(Stage.CONTACT, Code.SELLING_STOPPED, stop.scope, stop.id)
        elif stop.test is not None:
            holds, fails = stop.test.known(verdicts.values)
            unknown = stop.scope & ~(holds | fails)
            stopped = stopped or bool(holds | unknown)
            remover.remove(Stage.CONTACT, Code.SELLING_STOPPED, holds, stop.id)
            if unknown:
                remover.remove(Stage.CONTACT, unknown_code(stop.test, verdicts), unknown, stop.id)
    return stopped


def _ask_consent(rules: ChannelRules, standing: Standing, remover: Remover) -> None:
    given = standing.consent or {}
    for needed in rules.consent:
        if given.get(needed.key) is not True:
            remover.remove(Stage.CONTACT, Code.NO_CONSENT, needed.mask, needed.purpose)


def _rest(compiled: CompiledPolicy, standing: Standing, now: float, remover: Remover) -> None:
    by_cause: dict[str, int] = {}
    for pause in standing.pauses:
        index = compiled.catalogue.by_stable.get(pause.action)
        if index is not None and pause.until > now:
            by_cause[pause.cause] = by_cause.get(pause.cause, 0) | 1 << index
    for cause, mask in by_cause.items():
        remover.remove(Stage.CONTACT, Code.PAUSED, mask, cause)


def _cool_down(rules: ChannelRules, history: History, now: float, remover: Remover) -> float | None:
    """Remove what must wait; when (s) the last of the cool-downs that removed something is over."""
    ends: list[float] = []
    for cool_down in rules.cool_downs if history.rows is not None else ():
        end = None if history.rows is None else cool_down.ends(history.rows, now)
        if end is not None and remover.allowed & cool_down.waiting & ~history.honoured:
            remover.remove(Stage.CONTACT, Code.COOLING_DOWN, cool_down.waiting & ~history.honoured, cool_down.rule.id)
            ends.append(end)
    return max(ends, default=None)


def _not_quiet(rules: ChannelRules, history: History, at: float | None) -> float | None:
    """The first moment from `at` on at which nobody is disturbed."""
    return None if at is None else quiet_until(at, rules.quiet, history.zone) or at


def _blocked_by(remover: Remover) -> str:
    if remover.allowed or not remover.removals:
        return ""
    last = remover.removals[-1]
    return last.rule_id or last.code
