"""Why an answer is as it is, in the words of people who know the policy but not the engine."""

from __future__ import annotations

from collections.abc import Iterator

from engine.decision import Audience, Cause, Dropped, Factors, Filled, RankedAction, Value
from engine.fates import ARBITRATION
from engine.stage_words import STAGES
from engine.suites.answer import Answer
from rules.contact_policy import Cap
from rules.ledger import stable_id
from rules.reasons import Because
from rules.wording.code import Code

CLOCK = "%Y-%m-%d %H:%M"


def listed(filled: Filled) -> str:
    """What a placement shows, by rank, or why it shows nothing."""
    if not filled.actions:
        blocked = f", held back by {filled.blocked_by}" if filled.blocked_by else ""
        return f"nothing ({filled.cause.value or 'no cause'}{blocked})"
    shown = ", ".join(f"{one.action} ({worth(one.factors)})" for one in filled.actions)
    return f"{shown} as the fallback" if filled.cause in {Cause.FALLBACK, Cause.CAP_LOST} else shown


def worth(factors: Factors) -> str:
    return f"worth {factors.priority:.2f}"


def whereabouts(answer: Answer, action: str) -> str:
    """Where an action is in the answer, or what stopped it."""
    seat = answer.seat(action)
    if seat is not None:
        return f"{action} stands in {placed(*seat)}"
    dropped = answer.dropped(action)
    if dropped is None:
        return f"{action} was no candidate: no placement that was asked for takes it"
    return stopped(answer, dropped)


def placed(filled: Filled, one: RankedAction) -> str:
    return f"{filled.placement} at rank {one.rank}, {made_of(one.factors)}, because {one.why}"


def stopped(answer: Answer, dropped: Dropped) -> str:
    """At which question, by which rule, and what the rule saw."""
    if dropped.stage == ARBITRATION:
        return f"{dropped.action} was allowed but not chosen: {dropped.why.sentence}{_numbers(dropped)}"
    named = f" by {dropped.rule}" if dropped.rule else ""
    because = Because(Code(dropped.why.code), rule=dropped.rule)
    sentence = answer.snapshot.reasons.tell(because, Audience.AGENT.value)
    stage = STAGES.get(dropped.stage, dropped.stage)
    return f'{dropped.action} stops at "{stage}"{named}: {sentence}{_facts(answer, dropped)}{_numbers(dropped)}'


def made_of(factors: Factors) -> str:
    """A priority with its parts, as people check it on paper."""
    chance = f"chance {factors.propensity:.1%} x " if factors.propensity < 1.0 else ""
    boosts = factors.context_weight * factors.lever
    boosted = f" x {boosts:.2f}" if boosts != 1.0 else ""
    cost = f" - cost {factors.cost:.2f}" if factors.cost else ""
    return f"{worth(factors)} ({chance}gain {factors.gain:.2f}{boosted}{cost})"


def _numbers(dropped: Dropped) -> str:
    return f" [{made_of(dropped.factors)}]" if dropped.factors else ""


def _facts(answer: Answer, dropped: Dropped) -> str:
    found = ", ".join((*_read(answer, dropped), *_limits(answer, dropped), *_rests(answer, dropped)))
    return f" ({found})" if found else ""


def _read(answer: Answer, dropped: Dropped) -> Iterator[str]:
    """What the rule's condition reads, and what it saw."""
    policy = answer.snapshot.policy
    reads = policy.reads.get(dropped.rule, ())
    values = variables(answer) if reads else {}
    attributes = policy.catalogue.actions[policy.catalogue.index[dropped.action]].attributes
    for name in reads:
        value = attributes.get(name.removeprefix("action.")) if name.startswith("action.") else values.get(name)
        yield f"{name} is {told(value)}"


def variables(answer: Answer) -> dict[str, Value]:
    """What conditions read of this customer at this moment; what is not known is absent."""
    policy, known = answer.snapshot.policy, answer.known
    values = policy.bind(known.values, answer.moment, known.standing.time_zone)
    tier = policy.place(values)
    return values | {"tier.name": tier.tier.name, "tier.direction": tier.direction}


def told(value: Value | None) -> str:
    """A value as it is written in a policy."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def _limits(answer: Answer, dropped: Dropped) -> Iterator[str]:
    if dropped.why.code == Code.CAPPED:
        caps = answer.snapshot.policy.policy.contact.caps
        yield from (_limit(cap) for cap in caps if cap.id == dropped.rule)


def _limit(cap: Cap) -> str:
    within = f"a calendar {cap.calendar}" if cap.calendar else f"{cap.within / 86400:g} days"
    return f"at most {cap.limit} in {within}"


def _rests(answer: Answer, dropped: Dropped) -> Iterator[str]:
    if dropped.why.code == Code.PAUSED:
        stable = stable_id(dropped.action)
        for pause in answer.known.standing.pauses:
            if pause.action == stable and pause.cause == dropped.rule:
                yield f"rests until {answer.clock(pause.until).strftime(CLOCK)}"
