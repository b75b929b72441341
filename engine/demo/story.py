"""The story: one morning at Nordlicht Mobile, told through the decisions that it takes."""

from __future__ import annotations

from collections.abc import Iterator

from befit import Decision
from engine.demo.scene import Scene, Stage

_PHONES = ({"topic": "home"}, {"topic": "phones"}, {"topic": "phones"}, {"topic": "phones"}, {"topic": "phones"})


def tell(stage: Stage) -> Iterator[Scene]:
    """The scenes in order; each happens when it is asked for."""
    yield _visitor(stage)
    yield _login(stage)
    yield _call(stage)
    yield _second_thought(stage)
    yield _price_decides(stage)
    yield _complaint(stage)
    yield _just_bought(stage)
    yield _at_night(stage)
    yield _in_chinese(stage)


def _visitor(stage: Stage) -> Scene:
    stage.happen("visitor", [("page_view", said) for said in _PHONES])
    stage.happen("visitor", [("phone_view", {"model": "Aurora 12 Pro"}) for _ in range(5)])
    decision, millis = stage.ask("visitor", "web_shop", context={"page": "phones"}, session_id="shop-1")
    shown = decision.best("hero")
    if shown:
        stage.outcome(decision, shown.action_id, "IMPRESSION")
    stage.answers["shop"] = decision
    return Scene(
        "Somebody looks at phones",
        "A visitor nobody knows looks at five phones in the shop. Nothing is known but what she did a moment ago.",
        "web_shop, page=phones",
        decision,
        millis,
        ("The shop reports that the hero was seen (IMPRESSION); from now on it stands as an offer made.",),
    )


def _login(stage: Stage) -> Scene:
    linked = stage.client.link_identity(stage.cast["visitor"], stage.cast["Mia"])
    return Scene(
        "She logs in, and it is Mia Berger",
        "The shop tells who the visitor is. What she did and what she was shown becomes part of Mia's history, "
        "on every channel, at once.",
        remarks=("Linked: a question about the visitor is now answered for Mia.",) if linked else ("Already linked.",),
    )


def _call(stage: Stage) -> Scene:
    context = {"queue_minutes": 6.0}
    decision, millis = stage.ask("Mia", "call_centre", context=context, view=True, session_id="call-1")
    stage.answers["call"] = decision
    return Scene(
        "Half an hour later she calls",
        "Before the agent says hello, one answer holds her tier, why she probably calls, what to offer and how to "
        "say it, what else to do for her, where to lead the call and how well to serve it.",
        "call_centre, queue_minutes=6",
        decision,
        millis,
        _honoured(stage.answers["shop"], decision),
    )


def _honoured(shop: Decision, call: Decision) -> tuple[str, ...]:
    seen = shop.best("hero")
    kept = [action for action in call.actions("offer") if seen and action.action_id == seen.action_id]
    if not kept:
        return ()
    return (f"What she saw in the shop, {kept[0].content.title!r}, is honoured on the phone.",)


def _second_thought(stage: Stage) -> Scene:
    first = stage.answers["call"]
    offer = first.best("offer")
    if offer is None:
        return Scene("No offer was made", "The policy found nothing that befits her, so there is nothing to decline.")
    reason = "too_expensive" if "too_expensive" in offer.reject_reasons else next(iter(offer.reject_reasons), "")
    stage.outcome(first, offer.action_id, "REJECTED", reason)
    decision, millis = stage.ask(
        "Mia", "call_centre", placements=["offer"], follows_decision_id=first.id, session_id="call-1"
    )
    return Scene(
        "She declines: too expensive" if reason == "too_expensive" else "She declines",
        f"The agent notes that {offer.content.title!r} was declined ({reason}) and asks again. The policy lets it "
        "rest, and with it whatever costs as much, on every channel; the next answer knows that already.",
        f"call_centre, placements=offer, follows_decision_id={first.id[:14]}...",
        decision,
        millis,
    )


def _price_decides(stage: Stage) -> Scene:
    decision, millis = stage.ask("Tom", "call_centre", intent="upgrade", context={"queue_minutes": 2.0})
    return Scene(
        "A customer for whom the price decides",
        "Tom Krause has an old phone and asks for a new one. He compares prices and has little to spare.",
        "call_centre, intent=upgrade",
        decision,
        millis,
        ("Nothing of a high price class is left: it would not be good for him, and he would say no.",),
    )


def _complaint(stage: Stage) -> Scene:
    decision, millis = stage.ask("Lena", "call_centre", intent="billing", context={"queue_minutes": 9.0})
    return Scene(
        "A complaint is open",
        "Lena Okafor waits for an answer and calls for the fourth time. Nothing is sold while a complaint is open.",
        "call_centre, intent=billing, queue_minutes=9",
        decision,
        millis,
    )


def _just_bought(stage: Stage) -> Scene:
    decision, millis = stage.ask("Jonas", "web_shop", context={"page": "help"})
    return Scene(
        "He bought a phone yesterday",
        "Jonas Weber comes back to the shop. Other systems would try to sell him the phone that he has just bought.",
        "web_shop, page=help",
        decision,
        millis,
    )


def _at_night(stage: Stage) -> Scene:
    decision, millis = stage.ask("Aylin", "app_push")
    return Scene(
        "It is late where she is",
        f"Aylin Demir's data is nearly used up, and a push is due - but in {stage.zone} it is night.",
        "app_push",
        decision,
        millis,
        ("Quiet hours hold in the customer's time zone; the answer says when to send.",),
    )


def _in_chinese(stage: Stage) -> Scene:
    decision, millis = stage.ask("Wei", "wechat", locale="zh-CN")
    return Scene(
        "The same policy on WeChat",
        "Li Wei has been abroad and opens the mini program. Another channel, another language, the same rules.",
        "wechat",
        decision,
        millis,
    )
