"""Commands that change what is in force: what is sent, what people read, and how it ends for programs."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from documents.problem import Problem
from engine.activation.asked import Activated, Activation, Challenging, Revisions, Source, ToldChallenge
from engine.activation.in_force import (
    Beat,
    Challenge,
    Change,
    FailedCase,
    FileNotice,
    InForce,
    Origin,
    Overview,
    Pending,
    Standing,
    Stop,
)
from engine.cli.app import app
from engine.refusal import Refusal, RefusalKind
from tests.engine.served_project import write_project
from tests.engine.service_fakes import IN_FORCE, NOW, PLACE, FakeEngine, all_ports, serving

PROBLEM = Problem("unknown-key", PLACE, "no such key", "drop it")
TRIAL = Challenge("bbbbbbbbbbbb", "", 0.1, shadow=False, since=NOW, author="tom")
SHADOW = replace(TRIAL, share=0.0, shadow=True)


async def run(fake: FakeEngine, *words: str) -> Result:
    async with serving(all_ports(fake)) as served:
        asked = [*words, "--address", served.address]
        return await asyncio.to_thread(CliRunner().invoke, app, asked, env={"COLUMNS": "200"})


def answering(**said) -> FakeEngine:
    return FakeEngine(
        activated=Activated(**{"activated": False, "policy_revision": "a" * 12, "model_revision": ""} | said)
    )


async def test_the_servers_own_files_are_put_in_force():
    fake = answering(activated=True, epoch=4, at=NOW, workers=2, cases=230)
    found = await run(fake, "policy", "activate", "--author", "mia", "--note", "spring")
    assert found.exit_code == 0, found.output
    said = "in force since 2025-11-13 02:13:20 UTC (change 4): 2 workers switched, 230 cases hold"
    assert f"policy {'a' * 12}, no model {said}" in found.output
    assert fake.asked == [Activation(source=Source(reload_policy=True), author="mia", note="spring")]


async def test_a_folder_is_sent_with_its_suites(tmp_path: Path):
    project = write_project(tmp_path / "shop")
    (project / "suites").mkdir()
    (project / "suites" / "a_test.yaml").write_text("version: 1\n")
    fake = FakeEngine()
    await run(fake, "policy", "activate", str(project), "--dry-run", "--author", "mia")
    (asked,) = fake.asked
    assert sorted(asked.source.files) == ["features.yaml", "policy.yaml", "suites/a_test.yaml"]
    assert (asked.dry_run, asked.source.reload_policy) == (True, False)


async def test_a_revision_or_a_model_alone_is_put_in_force():
    fake = FakeEngine()
    await run(fake, "policy", "activate", "b" * 12, "--author", "mia")
    await run(fake, "policy", "activate", "--bundle", "models/may", "--author", "mia")
    await run(fake, "policy", "activate", "--no-model", "--author", "mia")
    sources = [Source(revision="b" * 12), Source(bundle="models/may"), Source(without_model=True)]
    assert [one.source for one in fake.asked] == sources


@pytest.mark.parametrize(
    ("said", "code", "told"),
    [
        ({"problems": (PROBLEM,)}, 3, "policy.yaml:1:1: no such key [unknown-key]"),
        ({"bundle_refused": "CRASHED"}, 3, "CRASHED"),
        ({"failed": (FailedCase("s", "c", "what was expected"),), "cases": 2}, 4, "what was expected"),
        ({"fault": "worker w1 cannot take it over"}, 4, "worker w1"),
        ({"pending": True, "revision": "b" * 12}, 0, f"befit policy approve {'b' * 12} --approver NAME"),
    ],
)
async def test_what_is_not_in_force_is_told_with_why_and_a_code_of_its_own(said: dict, code: int, told: str):
    found = await run(answering(**said), "policy", "activate")
    assert (found.exit_code, told in found.output) == (code, True), found.output
    assert f"policy {'a' * 12} stays in force" in found.output


async def test_what_stands_in_the_way_is_told():
    fake = FakeEngine(activated=Refusal("same-person", "must be another person", "approver", RefusalKind.NOT_READY))
    found = await run(fake, "policy", "approve", "b" * 12, "--approver", "mia")
    assert (found.exit_code, str(found.exception)) == (1, "approver: must be another person")


async def test_every_other_change_is_asked_for():
    fake = FakeEngine()
    await run(fake, "policy", "approve", "b" * 12, "--approver", "tom")
    await run(fake, "policy", "rollback", "--author", "mia", "--note", "oops")
    await run(fake, "policy", "challenge", "b" * 12, "--share", "10", "--author", "mia")
    await run(fake, "policy", "challenge", "--stop", "--author", "mia")
    await run(fake, "policy", "promote", "--author", "mia")
    trial = Challenging(source=Source(revision="b" * 12), share=0.1, shadow=False, author="mia")
    assert fake.asked == ["b" * 12, "tom", "", "mia", "oops", trial, "mia", False, "mia", True]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("b" * 12,),
        ("b" * 12, "--share", "5", "--shadow"),
        ("nowhere", "--shadow"),
        ("b" * 12, "--share", "0"),
        ("b" * 12, "--stop"),
    ],
)
async def test_a_challenge_that_says_too_little_is_not_sent(words: tuple[str, ...]):
    fake = FakeEngine()
    assert (await run(fake, "policy", "challenge", *words)).exit_code != 0
    assert fake.asked == []


async def test_a_challenge_that_begins_says_so_and_how_to_see_it():
    fake = answering(activated=True)
    found = await run(fake, "policy", "challenge", "b" * 12, "--share", "10")
    assert "The challenger decides for 10 % of the customers. How it fares: befit policy challenger" in found.output
    found = await run(fake, "policy", "challenge", "b" * 12, "--shadow")
    assert "The challenger decides beside it as a shadow." in found.output


async def test_a_shadow_is_shown_with_what_it_would_change():
    counted = {"compared": 4.0, "alike:hero": 3.0, "other:hero": 1.0, "moved:hero:film:phone": 1.0}
    fake = FakeEngine(challenger=ToldChallenge(SHADOW, True, counted | {"expected:champion": 2.0}))
    found = await run(fake, "policy", "challenger")
    assert ["hero", "3", "1", "75.0%"] in map(str.split, found.output.splitlines())
    assert ["hero", "film", "phone", "1"] in map(str.split, found.output.splitlines())
    assert "expected value a decision 0.500 now" in found.output


async def test_a_challenger_is_shown_with_what_came_of_it():
    counted = {"decided:champion": 90.0, "decided:challenger": 10.0, "outcome:challenger:ACCEPTED": 2.0}
    fake = FakeEngine(challenger=ToldChallenge(TRIAL, False, counted))
    found = await run(fake, "policy", "challenger")
    assert ["ACCEPTED", "0", "(0.00%)", "2", "(20.00%)"] in map(str.split, found.output.splitlines())
    assert "for 10 % of the customers" in found.output
    assert "over now" in found.output
    assert "may be chance" in found.output
    assert (await run(FakeEngine(), "policy", "challenger")).exit_code == 1


async def test_revisions_are_listed_with_who_and_why():
    was = InForce(2, "b" * 12, "", NOW, "mia", "tom", Origin.FILE, "spring", TRIAL)
    fake = FakeEngine(kept=Revisions((was, IN_FORCE), (), ()))
    found = await run(fake, "policy", "revisions")
    assert "file for 10 % bbbbbbbbbbbb   mia   tom           spring" in found.output
    assert json.loads((await run(fake, "policy", "revisions", "-o", "json")).output)["history"][0]["author"] == "mia"


async def test_an_action_is_stopped_and_runs_again():
    fake = FakeEngine()
    found = await run(fake, "action", "stop", "upgrade", "--reason", "sold out", "--author", "mia")
    assert "stopped: upgrade" in found.output
    await run(fake, "action", "start", "upgrade", "--author", "mia")
    assert fake.asked == [Stop("upgrade", "mia", NOW, "sold out"), True, Stop("upgrade", "mia", NOW, ""), False]


async def test_the_status_says_loudly_what_is_wrong_with_files():
    notice = FileNotice("shop:/srv", "", NOW, Standing.REFUSED, (PROBLEM,))
    waiting = Pending(Change(policy="b" * 12), "mia", NOW, Origin.FILE, "spring")
    stop = Stop("upgrade", "mia", NOW, "sold out")
    fake = FakeEngine(overview=Overview((waiting,), (notice,), (stop,), (Beat("w1", NOW, 2, problem="no"),)))
    found = await run(fake, "status")
    assert found.exit_code == 1
    for told in (
        "policy.yaml:1:1: no such key [unknown-key]",
        "shop:/srv (unreadable) DO NOT HOLD",
        f"{'b' * 12} by mia",
        "upgrade by mia",
        "worker w1 decides by change 2 no",
    ):
        assert told in found.output
