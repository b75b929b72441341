"""The moments after now at which something that holds an action back may end: limits, pauses, stops, quiet hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from engine.explaining.told import Change, ChangeKind
from engine.explaining.worlds import World
from rules.caps import IMPRESSION
from rules.contact import read_history
from rules.contact_rows import ContactRows
from rules.cool_downs import CompiledCoolDown
from rules.local_time import DAY, WEEK, quiet_until
from rules.policy import Cap
from rules.removal import Removal
from rules.wording.code import Code

JUST_AFTER = 0.001
"""s: what is within a window at its very end is out of it so much later."""


def waiting(world: World, removal: Removal, action: int) -> list[Change]:
    """The moments at which the removal of an action (a catalogue index) may end, the soonest first."""
    now = world.question.now
    ends = {end for end in _ends(world, removal, action) if end > now}
    return [Change(ChangeKind.TIME, "now", now, end, removal.rule_id) for end in sorted(ends)]


def _ends(world: World, removal: Removal, action: int) -> Iterator[float]:
    moment, standing = world.question.moment, world.question.known.standing
    history = read_history(world.snapshot.policy, standing, moment)
    policy = world.snapshot.policy.policy
    match removal.code:
        case Code.NOT_VALID:
            begins = policy.actions[action].valid_from
            yield from () if begins is None else (begins,)
        case Code.QUIET_HOURS:
            windows = world.snapshot.policy.contact.channels[moment.channel].quiet
            end = quiet_until(moment.now, windows, history.zone)
            yield from () if end is None else (end,)
        case Code.PAUSED:
            stable = int(world.snapshot.policy.catalogue.stable[action])
            yield from (one.until for one in standing.pauses if one.action == stable)
        case Code.CAPPED if history.rows is not None:
            for cap in policy.contact.caps:
                if cap.id == removal.rule_id:
                    yield from _cap_ends(cap, history.rows, datetime.fromtimestamp(moment.now, history.zone))
        case Code.COOLING_DOWN if history.rows is not None:
            waits = (one.ends(history.rows, moment.now) for one in _cool_downs(world, removal.rule_id))
            yield from (end for end in waits if end is not None)
        case Code.SELLING_STOPPED if history.rows is not None:
            within = (stop.within for stop in policy.contact.stops if stop.id == removal.rule_id)
            outcomes = [at for at in history.rows.outcome_at if at > 0.0]
            yield from (at + each + JUST_AFTER for each in within for at in outcomes)


def _cool_downs(world: World, rule: str) -> Iterator[CompiledCoolDown]:
    rules = world.snapshot.policy.contact.channels[world.question.moment.channel]
    return (one for one in rules.cool_downs if one.rule.id == rule)


def _cap_ends(cap: Cap, rows: ContactRows, local: datetime) -> Iterator[float]:
    if cap.calendar:
        yield _next_start(cap.calendar, local)
    else:
        yield from (at + cap.within + JUST_AFTER for at in rows.at)
    if cap.counts == IMPRESSION:
        unseen = (at for at, seen in zip(rows.at, rows.seen, strict=True) if not seen)
        yield from (at + cap.release_after + JUST_AFTER for at in unseen)


def _next_start(calendar: str, local: datetime) -> float:
    """When the next local day, week or month begins."""
    today = local.date()
    if calendar == DAY:
        first = today + timedelta(days=1)
    elif calendar == WEEK:
        first = today + timedelta(days=7 - today.weekday())
    else:
        first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime(first.year, first.month, first.day, tzinfo=local.tzinfo).timestamp()
