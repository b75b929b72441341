"""`befit decide` and `befit status` against a server: what people and programs read."""

from __future__ import annotations

import asyncio
import json

import pytest
from msgspec import structs
from typer.testing import CliRunner, Result

from engine.cli.app import app
from engine.cli.asking import NotAnswered
from engine.cli.decide import read_context
from engine.cli.exits import UsageMistaken
from engine.cli.serve import store_shown
from engine.decision import Cause, Degraded, Dropped, Filled, Why
from engine.explaining.told import Change, ChangeKind, Contribution, Counterfactual
from tests.engine.service_fakes import DECISION, FACTORS, NOW, OFFER, FakeEngine, all_ports, serving

_BEATEN = Why("OUTRANKED", "Something else fits better.")
RICH = structs.replace(
    DECISION,
    placements=(
        Filled("offer", (structs.replace(OFFER, honoured=True, reasons=(Why("BEST", "It fits best."),)),)),
        Filled("hero", (), Cause.BEST_IS_NOTHING),
        Filled("message", (), Cause.NONE_ALLOWED, send_at=NOW, blocked_by="push_week"),
    ),
    degraded=(Degraded.MODEL_MISSING,),
    dropped=(
        Dropped("phone", "eligibility", "adults_only", Why("NOT_ELIGIBLE", "Only for adults.")),
        Dropped(
            "tv",
            "arbitration",
            "",
            Why("OUTRANKED", "Something else fits better."),
            structs.replace(FACTORS, lever=1.5),
        ),
    ),
)

STEPS = (("gain",), ("chance", "of"), ("manual", "boost", "x"), ("cost", "-"), ("budget", "brake", "-"), ("worth",))


async def _run(fake: FakeEngine, *words: str) -> Result:
    async with serving(all_ports(fake)) as served:
        address = served.address
        return await asyncio.to_thread(CliRunner().invoke, app, [*words, "--address", address], env={"COLUMNS": "200"})


async def test_a_decision_is_shown_by_placement_in_plain_words():
    patients = FakeEngine(decides=lambda _: RICH, words={"customer": "patient"})
    run = await _run(patients, "decide", "c1", "--channel", "web")
    assert run.exit_code == 0, run.output
    assert "Tier prospect: new here" in run.output
    assert "(offered before) It fits best." in run.output
    assert "hero - Saying nothing is best here" in run.output
    assert "held back by push_week, ask again at 2025-11-13 02:13 UTC" in run.output
    assert "Answered with less information: Answered by the company's rules alone." in run.output
    assert "Nothing is allowed here for this patient now." in run.output
    assert "adults_only" not in run.output
    for jargon in ("propensity", "lever", "arbitration", "eligibility", "degraded"):
        assert jargon not in run.output


async def test_explaining_shows_every_part_that_matters_and_what_was_not_proposed():
    fake = FakeEngine(decides=lambda _: RICH)
    run = await _run(fake, "decide", "c1", "--channel", "web", "--explain")
    assert "manual boost" in run.output
    assert "x1.50" in run.output
    assert "later effect" not in run.output
    assert ["phone", "may", "we", "adults_only", "Only", "for", "adults."] in map(str.split, run.output.splitlines())
    assert (fake.asked[0].trace, fake.asked[0].audience) == ("FULL", "ANALYST")


async def test_explaining_shows_how_a_worth_comes_about_and_what_would_have_changed_it():
    told = Contribution("customer.age", "Age in years", 40.0, 0.25, "Speaks for it: Age in years, here 40.")
    boost = Counterfactual((Change(ChangeKind.BOOST, "tv", 0.0, 35.0),), "It would come first with a boost.")
    factors = structs.replace(FACTORS, lever=1.1, scarcity=1.0, priority=24.6)
    offer = structs.replace(OFFER, factors=factors, contributions=(told,))
    dropped = tuple(one._replace(counterfactual=boost) for one in RICH.dropped[1:])
    decision = structs.replace(RICH, placements=(Filled("offer", (offer,)),), dropped=dropped)
    run = await _run(FakeEngine(decides=lambda _: decision), "decide", "c1", "--channel", "web", "--explain")
    lines = [line.split() for line in run.output.splitlines()]
    found = [next(line for line in lines if line[: len(words)] == list(words)) for words in STEPS]
    assert [line[-2] for line in found] == ["120.00", "24.00", "26.40", "25.60", "24.60", "24.60"]
    assert "Speaks for it: Age in years, here 40. (+0.25)" in run.output
    assert ["tv", *["It", "would", "come", "first", "with", "a", "boost."]] in lines


async def test_programs_read_the_whole_answer_as_json():
    run = await _run(FakeEngine(decides=lambda _: RICH), "decide", "c1", "--channel", "web", "-o", "json")
    answer = json.loads(run.output)
    assert answer["placements"][0]["actions"][0]["factors"]["propensity"] == 0.2
    assert answer["placements"][1]["cause"] == "CAUSE_BEST_IS_NOTHING"
    assert answer["degraded"] == ["DEGRADED_MODEL_MISSING"]


async def test_what_is_asked_reaches_the_server():
    fake = FakeEngine()
    words = ("--context", "queue_minutes=3.5", "--context", "page=home", "--context", "roaming=true", "--dry-run")
    await _run(fake, "decide", "c1", "--channel", "web", "--intent", "cancel", *words)
    asked = fake.asked[0]
    assert asked.context == {"queue_minutes": 3.5, "page": "home", "roaming": True}
    assert (asked.intent, asked.dry_run) == ("cancel", True)


async def test_a_question_that_the_server_refuses_is_a_usage_mistake():
    run = await _run(FakeEngine(), "decide", "c1", "--channel", "fax")
    assert isinstance(run.exception, UsageMistaken)
    assert "channel: must be one of: web, push" in str(run.exception)


def test_a_server_that_is_not_there_is_named_with_what_would_help():
    words = ["status", "--address", "127.0.0.1:1"]
    run = CliRunner().invoke(app, words, env={"BEFIT_TIMEOUT_SECONDS": "0.5"})
    assert isinstance(run.exception, NotAnswered)
    assert "befit serve" in str(run.exception)


async def test_the_status_ends_with_1_when_the_store_does_not_answer():
    run = await _run(FakeEngine(), "status")
    assert run.exit_code == 1
    assert "does not answer: timeout" in run.output
    assert "none: the rules decide alone" in run.output


def test_context_is_typed_by_how_it_looks():
    pairs = ["a=1", "b=true", "c=x y", 'd="12"', "e=1=2", "f=[1]"]
    assert read_context(pairs) == {"a": 1, "b": True, "c": "x y", "d": "12", "e": "1=2", "f": "[1]"}


@pytest.mark.parametrize("pair", ["page", "=home"])
def test_context_without_key_or_value_is_a_usage_mistake(pair: str):
    with pytest.raises(UsageMistaken, match="KEY=VALUE"):
        read_context([pair])


def test_context_that_is_given_twice_is_a_usage_mistake():
    with pytest.raises(UsageMistaken, match="twice"):
        read_context(["page=home", "page=phones"])


def test_a_number_beyond_all_bounds_is_left_to_the_server_to_refuse():
    assert read_context(["a=" + "9" * 400]) == {"a": float("inf")}


def test_the_stores_credentials_are_not_shown():
    assert store_shown("rediss://user:secret@host:6379/1") == "rediss://host:6379/1"
    assert store_shown("unix:///tmp/sock") == "unix:///tmp/sock"
