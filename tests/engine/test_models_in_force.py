"""A model is noted as promoted when it is in force: at once, or after a second person agreed, or not at all."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from engine.activation.asked import Activated, Activation, Revisions, Source
from engine.activation.in_force import InForce
from engine.cli.app import app
from engine.registry.registry import Registry
from models.bundle import load_bundle
from tests.engine.email_shop import history, make_bundle, project_with
from tests.engine.service_fakes import IN_FORCE, FakeEngine, all_ports, serving

NOTHING_YET = Activated(activated=False, policy_revision="a" * 12, model_revision="")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one model in it, and later choices that prove it."""
    shop = project_with(tmp_path_factory.mktemp("shop"))
    (shop / "models").mkdir()
    make_bundle(shop).rename(shop / "models" / "spring")
    later = history(3_000, seed=5).with_columns(at=pl.lit("2008-06-20T09:00:00"))
    later.with_columns(customer_id="l" + pl.col("customer_id")).write_parquet(shop / "later.parquet")
    return shop


@pytest.fixture
def registry(shop: Path) -> Registry:
    for notes in (shop / "models").glob("*.json"):
        notes.unlink()
    return Registry(shop / "models")


async def run(fake: FakeEngine, *words: object) -> Result:
    async with serving(all_ports(fake)) as served:
        return await asyncio.to_thread(CliRunner().invoke, app, [*map(str, words), "--address", served.address])


async def promote(shop: Path, answer: Activated) -> tuple[FakeEngine, Result]:
    fake = FakeEngine(activated=answer)
    given = ("--models", shop / "models", "--project", shop, "--history", shop / "later.parquet", "--author", "ann")
    return fake, await run(fake, "models", "promote", "spring", *given, "-o", "json")


async def confirm(shop: Path, *history: InForce) -> tuple[int, dict[str, Any]]:
    found = await run(
        FakeEngine(kept=Revisions(history, (), ())),
        *("models", "confirm", "spring", "--models", shop / "models", "-o", "json"),
    )
    return found.exit_code, json.loads(found.output) if found.output.startswith("{") else {"said": found.output}


async def test_a_model_that_came_in_force_is_promoted(shop: Path, registry: Registry) -> None:
    fake, found = await promote(shop, replace(NOTHING_YET, activated=True, epoch=4, at=time.time()))
    assert found.exit_code == 0, found.output
    asked = fake.asked[-1]
    assert isinstance(asked, Activation)
    assert (asked.source, asked.author) == (Source(bundle="models/spring"), "ann")
    champion = registry.champion()
    assert champion is not None
    assert (champion.decisions[-1].promoted, champion.waiting) == (True, None)


async def test_the_champion_is_what_the_server_decides_by(shop: Path, registry: Registry) -> None:
    (entry,) = registry.entries()
    for revision, said in ((entry.revision, "is the champion already"), ("d" * 12, "which is neither in")):
        fake = FakeEngine(kept=Revisions((replace(IN_FORCE, bundle=revision),), (), ()))
        given = ("--models", shop / "models", "--project", shop, "--history", shop / "later.parquet")
        found = await run(fake, "models", "promote", "spring", *given)
        assert found.exit_code != 0
        assert said in str(found.exception)


async def test_the_champion_may_lie_in_the_project_beside_the_models(shop: Path, registry: Registry) -> None:
    first = load_bundle(make_bundle(shop, rounds=20)).revision
    for asked in ((), ("--against", first), ("--against", shop / "bundle")):
        fake = FakeEngine(kept=Revisions((replace(IN_FORCE, bundle=first),), (), ()))
        given = ("--models", shop / "models", "--project", shop, "--history", shop / "later.parquet")
        found = await run(fake, "models", "promote", "spring", *given, *asked)
        assert f"judged against model {first}" in " ".join(found.output.split()), (found.output, found.exception)


async def test_what_waits_for_a_second_person_is_promoted_once_it_is_in_force(shop: Path, registry: Registry) -> None:
    _, found = await promote(shop, replace(NOTHING_YET, pending=True, revision="c" * 12))
    said = json.loads(found.output)
    assert (found.exit_code, said["promoted"], said["waits"]) == (0, False, "c" * 12)
    assert registry.champion() is None
    revision, now = said["revision"], time.time()
    earlier = replace(IN_FORCE, bundle=revision)
    code, told = await confirm(shop, replace(IN_FORCE, at=now), earlier)
    assert (code, told["promoted"]) == (4, False), "what was in force before the question answers nothing"
    assert registry.champion() is None
    code, told = await confirm(shop, replace(IN_FORCE, at=now, bundle=revision, author="ann", approver="bob"), earlier)
    assert (code, told["promoted"], told["approver"], told["author"]) == (0, True, "bob", "ann")
    champion = registry.champion()
    assert champion is not None
    assert champion.promoted_at == pytest.approx(now, abs=0.001)
    assert (await confirm(shop))[0] != 0, "nothing waits any more"


async def test_what_the_server_does_not_take_is_noted_as_refused(shop: Path, registry: Registry) -> None:
    _, found = await promote(shop, replace(NOTHING_YET, fault="a worker cannot load it"))
    assert (found.exit_code, json.loads(found.output)["promoted"]) == (4, False)
    (entry,) = registry.entries()
    assert "the server did not take it: a worker cannot load it" in entry.decisions[-1].why
    assert (entry.promoted_at, len(entry.evaluations)) == (None, 1)
