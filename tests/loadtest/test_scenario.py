"""Scenarios are pinned files: every one holds, and a mistake in one is told."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from befit.v1.decide_pb2 import TRACE_FULL, DecideRequest
from loadtest.questions import DISTINCT, encoded
from loadtest.scenario import ScenarioInvalid, load, names, read

MIX: list[dict[str, Any]] = [{"channel": "web"}]


@pytest.mark.parametrize("name", names())
def test_every_pinned_scenario_holds(name: str):
    scenario = load(name)
    assert scenario.name == name
    assert scenario.says


def test_a_scenario_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(ScenarioInvalid, match="steady"):
        load("nowhere")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"says": "", "mix": MIX, "speed": 3}, "unknown speed"),
        ({"mix": MIX}, "says"),
        ({"says": "", "mix": [{"channel": "web", "chanel": "x"}]}, "mix 1: unknown chanel"),
        ({"says": "", "mix": []}, "nothing to ask"),
        ({"says": "", "mix": MIX, "mode": "half-open"}, "mode"),
        ({"says": "", "mix": MIX, "rate": 0}, "rate"),
        ({"says": "", "mix": MIX, "clients": 9}, "needs a connection"),
    ],
)
def test_a_mistake_in_a_scenario_is_told(said: dict[str, Any], why: str):
    with pytest.raises(ScenarioInvalid, match=why):
        read("x", said)


def test_a_file_that_is_no_toml_is_told_by_its_path(tmp_path: Any):
    path = tmp_path / "mine.toml"
    path.write_text("says =")
    with pytest.raises(ScenarioInvalid, match=r"mine\.toml"):
        load(str(path))


def test_the_same_seed_asks_the_same_questions_and_each_client_others():
    scenario = read("x", {"says": "", "mix": MIX})
    customers = [f"c{number}" for number in range(100)]
    assert encoded(scenario, customers, 0) == encoded(scenario, customers, 0)
    assert encoded(scenario, customers, 0) != encoded(scenario, customers, 1)


def test_questions_are_mixed_by_their_shares_and_some_are_about_strangers():
    mix = [{"channel": "web", "share": 3, "context": {"page": "home"}}, {"channel": "call", "trace": "FULL"}]
    scenario = read("x", {"says": "", "mix": mix, "strangers": 0.1})
    asked = [DecideRequest.FromString(one) for one in encoded(scenario, ["c1", "c2"], 0)]
    channels = Counter(one.channel for one in asked)
    assert channels["web"] == pytest.approx(DISTINCT * 0.75, rel=0.1)
    assert sum(one.customer_id.startswith("stranger-") for one in asked) == pytest.approx(DISTINCT * 0.1, rel=0.2)
    web, call = (next(one for one in asked if one.channel == channel) for channel in ("web", "call"))
    assert (web.context["page"].text, call.trace) == ("home", TRACE_FULL)
