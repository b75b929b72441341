"""What a customer is told, in every example company and language, says nothing of worth, rank, chances or rules; what
an employee is told says it in full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from befit.v1.decide_pb2 import DecideResponse
from engine.decision import Audience, Decision, Trace
from engine.demo.pack import pack_folder
from engine.explaining.explainer import Explainer
from engine.present import present
from engine.project import load_snapshot
from engine.resolution import Resolution
from engine.snapshot import Snapshot
from engine.wire.decision import DecisionEncoder
from tests.engine.otherwise import anybody, resolved

PACKS = ("telco", "bank", "retail", "hospital")
LOCALES = ("", "en-GB", "zh-CN", "de-AT")
TELLING = ("tier", "rank", "priority", "propensity", "probability", "chance of acceptance", "worth", "score", "segment")
TELLING_CHINESE = ("等级", "优先级", "可能性", "价值", "规则")
SEEDS = st.integers(0, 100_000)


@lru_cache
def pack(name: str) -> Snapshot:
    return load_snapshot(pack_folder(name), None)


def asked(name: str, seed: int, locale: str, audience: Audience) -> tuple[Resolution, Decision]:
    one = anybody(pack(name), seed)
    request = replace(one.request, locale=locale, audience=audience, trace=Trace.FULL, view=True)
    resolution = resolved(pack(name), replace(one, request=request))
    return resolution, present(pack(name), resolution, "")


def texts(message: Message) -> Iterator[tuple[str, str]]:
    """Every text of a message with the name of its field."""
    for field, value in message.ListFields():
        each = value if field.is_repeated and not isinstance(value, dict) else [value]
        for one in each if not hasattr(each, "items") else each.values():
            if isinstance(one, Message):
                yield from texts(one)
            elif isinstance(one, str):
                yield field.name, one


async def told(name: str, seed: int, locale: str, audience: Audience) -> tuple[Resolution, DecideResponse]:
    resolution, decision = asked(name, seed, locale, audience)
    decision = await Explainer(60.0).explain(pack(name), resolution, decision)
    return resolution, DecideResponse.FromString(DecisionEncoder().encode(decision, audience))


@pytest.mark.parametrize("name", PACKS)
@settings(max_examples=12, deadline=None)
@given(seed=SEEDS, locale=st.sampled_from(LOCALES))
async def test_customers_are_told_nothing_of_worth_rank_chances_or_rules(name: str, seed: int, locale: str):
    resolution, answer = await told(name, seed, locale, Audience.CUSTOMER)
    policy = pack(name).policy.policy
    sentences = [text for field, text in texts(answer) if field in {"sentence", "tier_why"}]
    assert sentences
    secret = {tier.name for tier in policy.tiers} | set(pack(name).policy.reads) | set(pack(name).schema.names)
    numbers = {f"{one:.2f}" for part in resolution.scored.arrays() for one in part.tolist() if one not in {0.0, 1.0}}
    for sentence in sentences:
        words = set(re.findall(r"[a-z_0-9.]+", sentence.lower()))
        assert not words & {one for one in secret if "_" in one}, sentence
        assert not any(one in sentence for one in numbers), sentence
        assert not any(re.search(rf"\b{one}\b", sentence.lower()) for one in TELLING), sentence
        assert not any(one in sentence for one in TELLING_CHINESE), sentence
    _holds_nothing_back_but_words(answer)


def _holds_nothing_back_but_words(answer: DecideResponse) -> None:
    """No field tells what the sentences do not."""
    assert (answer.tier, answer.experiment_group) == ("", "")
    assert not answer.view.features
    assert all(not one.cause for one in answer.view.pauses)
    for filled in answer.placements:
        assert not filled.blocked_by
        for one in filled.actions:
            assert not one.HasField("factors")
            assert not one.HasField("probability")
            assert not one.HasField("counterfactual")
            assert (list(one.contributions), one.explored) == ([], False)
    for one in answer.dropped:
        assert (one.rule_id, one.observed, one.required) == ("", "", "")
        assert not one.HasField("factors")
        assert not one.HasField("counterfactual")


@pytest.mark.parametrize("name", PACKS)
@settings(max_examples=3, deadline=None)
@given(seed=SEEDS, locale=st.sampled_from(LOCALES))
async def test_analysts_are_told_what_would_have_changed_each_answer(name: str, seed: int, locale: str):
    _, answer = await told(name, seed, locale, Audience.ANALYST)
    assert answer.tier
    firsts = {filled.actions[0].action_id for filled in answer.placements if filled.actions}
    for one in answer.dropped:
        assert one.HasField("counterfactual") or one.action_id in firsts
        if one.counterfactual.changes:
            assert one.counterfactual.sentence.startswith(
                ("It would come first", "No single change", "如果", "没有任何")
            )
            assert ("如果" in one.counterfactual.sentence or "没有" in one.counterfactual.sentence) is (
                locale == "zh-CN"
            )
