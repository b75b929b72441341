"""Other people of the story: each in a situation of their own, under the same policy."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from befit import Decision
from engine.demo.scene import Claim, Scene, Stage, everything, kept_away, named, title, undisturbed

MORNING = 8  # when the policy's quiet hours end


def scenes(stage: Stage) -> Iterator[Scene]:
    """Their scenes in order; each happens when it is asked for."""
    yield _price_decides(stage)
    yield _complaint(stage)
    yield _just_bought(stage)
    yield _at_night(stage)
    yield _in_chinese(stage)


def _price_decides(stage: Stage) -> Scene:
    tom = stage.cast.tom
    answer = stage.ask(tom.id, "call_centre", intent="upgrade", context={"queue_minutes": 2.0})
    offers = answer.decision.actions("offer")
    first, dear = next(iter(offers), None), kept_away(answer.decision, "price_decides")
    return Scene(
        "A customer for whom the price decides",
        f"{tom.name}'s phone is more than three years old and he asks for another one. He compares prices.",
        answer,
        (
            Claim(
                f"What is dear is not good for him, so {dear} offers are kept away.",
                bool(offers) and dear > 0 and all(stage.price_class(one.action_id) != "high" for one in offers),
            ),
            Claim(
                f"First comes help with a phone, and not a dear one: {title(first)}.",
                first is not None and first.group == "phones" and stage.price_class(first.action_id) != "high",
            ),
            *undisturbed(answer.decision),
        ),
    )


def _complaint(stage: Stage) -> Scene:
    lena = stage.cast.lena
    answer = stage.ask(lena.id, "call_centre", intent="billing", context={"queue_minutes": 9.0})
    decision = answer.decision
    return Scene(
        "A complaint is open",
        f"{lena.name} waits for an answer to her complaint and has called four times. Now she calls about her invoice.",
        answer,
        (*_nothing_sold(stage, decision), *_complaint_first(decision), *undisturbed(decision)),
    )


def _nothing_sold(stage: Stage, decision: Decision) -> Iterator[Claim]:
    stopped, gestures = kept_away(decision, "open_complaint"), decision.actions("offer")
    yield Claim(
        f"Nothing is sold while a complaint is open: {stopped} offers are held back.",
        stopped > 0 and all(one.issue != "sales" for one in everything(decision)),
    )
    yield Claim(
        f"What is left is service, and a gesture that costs her nothing: {title(decision.best('offer'))}.",
        bool(gestures) and all(one.group == "gifts" and stage.price_class(one.action_id) == "free" for one in gestures),
    )


def _complaint_first(decision: Decision) -> Iterator[Claim]:
    reason, route, level = (decision.best(name) for name in ("likely_reasons", "route", "service_level"))
    yield Claim(
        f"The complaint comes before the invoice, and the call goes to: {title(route)}.",
        named(reason, "topic_open_complaint") and named(route, "route_complaints"),
    )
    yield Claim(f"She does not wait longer than she must: {title(level)}.", named(level, "priority_queue"))


def _just_bought(stage: Stage) -> Scene:
    jonas = stage.cast.jonas
    answer = stage.ask(jonas.id, "web_shop", context={"page": "help"})
    hero, way = answer.decision.best("hero"), answer.decision.best("help")
    stopped = kept_away(answer.decision, "just_bought")
    return Scene(
        "He bought a phone yesterday",
        f"{jonas.name} comes back to the shop, to its help pages.",
        answer,
        (
            Claim(
                f"He is not sold anything, least of all a phone: {stopped} offers are held back.",
                stopped > 0 and all(one.issue != "sales" for one in everything(answer.decision)),
            ),
            Claim(
                f"He is helped with what he has: {title(hero)}.",
                named(hero, "message_setup_help"),
            ),
            Claim(f"He is led to: {title(way)}.", named(way, "route_setup")),
            *undisturbed(answer.decision),
        ),
    )


def _at_night(stage: Stage) -> Scene:
    aylin = stage.cast.aylin
    answer = stage.ask(aylin.id, "app_push")
    message = answer.decision.best("message")
    (filled,) = answer.decision.response.placements
    at = _local(filled.send_at, aylin.zone) if filled.HasField("send_at") else None
    return Scene(
        "It is late where she is",
        f"{aylin.name} has nearly used up her data, and the app wants to tell her. She is in {aylin.zone}.",
        answer,
        (
            Claim(
                f"It is about her data: {title(message)}.",
                message is not None and message.action_id in {"tariff_unlimited", "tariff_plus", "message_data_low"},
            ),
            Claim(
                f"Nobody is woken up: the push is to be sent at {at:%H:%M on %A}, her time."
                if at
                else "Nobody is woken up: the push is to be sent in the morning.",
                at is not None and (at.hour, at.minute) == (MORNING, 0) and at > datetime.now(UTC),
            ),
            *undisturbed(answer.decision),
        ),
    )


def _in_chinese(stage: Stage) -> Scene:
    wei = stage.cast.wei
    answer = stage.ask(wei.id, "wechat", locale="zh-CN", audience="CUSTOMER")
    cards = answer.decision.actions("card")
    pack = next((card for card in cards if card.action_id == "roaming_pack_world"), None)
    sentences = [reason.sentence for card in cards for reason in card.reasons]
    return Scene(
        "The same policy on WeChat",
        f"{wei.name} has been abroad lately and opens the mini program. Another channel, another language, same rules.",
        answer,
        (
            Claim(
                f"What befits somebody who travels is there: {title(pack)}.",
                pack is not None,
            ),
            Claim(
                "What he reads is in Chinese, and so are the reasons.",
                bool(sentences) and all(_chinese(text) for text in (*map(title, cards), *sentences)),
            ),
            Claim(
                "It is meant for his own eyes, so the answer holds no figures.",
                not any(one.HasField("factors") for one in everything(answer.decision)),
            ),
            *undisturbed(answer.decision),
        ),
    )


def _chinese(text: str) -> bool:
    return any(unicodedata.name(letter, "").startswith("CJK UNIFIED") for letter in text)


def _local(at: Any, zone: str) -> datetime:
    return datetime.fromtimestamp(at.seconds, UTC).astimezone(ZoneInfo(zone))
