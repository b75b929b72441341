"""Mia's part of the story: seen in the shop, known at the login, and heard on the phone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from befit import Decision
from engine.demo.scene import UNKNOWN, Claim, Scene, Stage, named, title, undisturbed

_ZONE = ZoneInfo("Europe/Berlin")


def scenes(stage: Stage) -> Iterator[Scene]:
    """Mia's scenes in order; each happens when it is asked for."""
    yield _visitor(stage)
    yield _login(stage)
    yield _call(stage)
    yield _second_thought(stage)


def _visitor(stage: Stage) -> Scene:
    answer = stage.ask(stage.cast.visitor, "web_shop", context={"page": "phones"}, session_id="shop-1")
    decision = answer.decision
    stage.answers["shop"] = decision
    hero = decision.best("hero")
    seen = hero is not None and stage.outcome(decision, hero.action_id, "IMPRESSION")
    return Scene(
        "Somebody looks at phones",
        "A visitor whom nobody knows looks at phones in the web shop. The shop asks what to show.",
        answer,
        (
            Claim(
                "Nothing is known of her, so the page she is on decides, and what others did there.",
                UNKNOWN in decision.degraded and decision.tier == "prospect",
            ),
            Claim(
                f"The shop shows “{title(hero)}” and reports that it was seen: now it is an offer made.",
                seen and hero is not None and hero.group == "phones",
            ),
            *undisturbed(decision),
        ),
    )


def _login(stage: Stage) -> Scene:
    mia, seen = stage.cast.mia, stage.answers["shop"].best("hero")
    linked = stage.client.link_identity(stage.cast.visitor, mia.id)
    known = stage.client.get_customer(stage.cast.visitor)
    shown = [one.action_id for one in known.view.recent_contacts if one.channel == "web_shop"]
    stands = [one for one in known.view.open_offers if seen and one.action_id == seen.action_id]
    return Scene(
        f"She logs in, and it is {mia.name}",
        f"The shop tells that the visitor {stage.cast.visitor} is the customer {mia.id}.",
        None,
        (
            Claim(
                f"Who asks about the visitor now gets {mia.name}, with all that is known of her.",
                linked and known.customer_id == mia.id and "tenure_months" in known.view.features,
            ),
            Claim(
                "What she saw is part of her history, and the offer stands on every channel until "
                f"{_day(one.valid_until for one in stands)}.",
                bool(seen and seen.action_id in shown and stands),
            ),
        ),
    )


def _call(stage: Stage) -> Scene:
    mia = stage.cast.mia
    answer = stage.ask(mia.id, "call_centre", context={"queue_minutes": 6.0}, view=True, session_id="call-1")
    decision = answer.decision
    stage.answers["call"] = decision
    seen = _seen(stage)
    topic, route, level = (decision.best(name) for name in ("likely_reasons", "route", "service_level"))
    return Scene(
        "Soon after, she calls",
        "Before the agent has said hello, one answer holds her tier, why she probably calls, what to offer and how to "
        "say it, where to lead the call and how well to serve it.",
        answer,
        (
            Claim(f"She probably calls about this: {title(topic)}.", named(topic, "topic_new_phone")),
            Claim(f"What she saw in the shop is honoured: {title(seen)}.", seen is not None and seen.honoured),
            Claim(f"The call goes to: {title(route)}.", named(route, "route_sales")),
            Claim(
                f"She is of the best tier, and is served like it: {title(level)}.",
                decision.tier == "relationship_1" and named(level, "gold_desk"),
            ),
            *undisturbed(decision),
        ),
    )


def _second_thought(stage: Stage) -> Scene:
    mia, first, declined = stage.cast.mia, stage.answers["call"], _seen(stage)
    name = declined.action_id if declined else ""
    noted = declined is not None and stage.outcome(first, name, "REJECTED", "too_expensive")
    answer = stage.ask(mia.id, "call_centre", placements=["offer"], follows_decision_id=first.id, session_id="call-1")
    return Scene(
        "Too expensive, she says",
        f"The agent notes that “{title(declined)}” was declined as too expensive, and asks again.",
        answer,
        (*_cheaper(stage, name, answer.decision), *_resting(stage, name, noted), *undisturbed(answer.decision)),
    )


def _cheaper(stage: Stage, declined: str, decision: Decision) -> Iterator[Claim]:
    before = {one.action_id for one in stage.answers["call"].actions("offer")}
    offers = decision.actions("offer")
    fresh = [one for one in offers if one.action_id not in before]
    yield Claim(
        f"It is gone, and what comes up instead costs less: {' and '.join(map(title, fresh)) or 'nothing'}.",
        bool(declined and fresh)
        and declined not in {one.action_id for one in offers}
        and all(stage.price_class(one.action_id) != "high" for one in offers),
    )


def _resting(stage: Stage, declined: str, noted: bool) -> Iterator[Claim]:
    view = stage.client.get_customer(stage.cast.mia.id).view
    resting = [one for one in view.pauses if one.cause == "too_expensive"]
    names = {one.action_id for one in resting}
    yield Claim(
        f"Whatever costs as much rests now, {len(names)} offers, on every channel, until "
        f"{_day(one.until for one in resting)}.",
        noted and declined in names and {stage.price_class(name) for name in names} == {"high"},
    )


def _seen(stage: Stage) -> Any:
    """What she saw in the shop, as the call's answer has it."""
    shown = stage.answers["shop"].best("hero")
    offers = stage.answers["call"].actions("offer")
    return next((one for one in offers if shown and one.action_id == shown.action_id), None)


def _day(ends: Iterable[Any]) -> str:
    """The day on which the first of these ends."""
    first = min((end.seconds for end in ends), default=None)
    return "never" if first is None else f"{datetime.fromtimestamp(first, UTC).astimezone(_ZONE):%-d %B}"
