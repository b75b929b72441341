"""`befit policy diff` and `befit simulate`: what people and programs are told, over files and a log; how they end."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.cli.app import main
from engine.decider import Decider, DeciderParts
from engine.decision import Request
from engine.embedded.store import project_store
from engine.ids import CustomerKey
from engine.project import read_text
from engine.redis.store import RedisStore
from engine.revisions.kept import About, KeptRevision
from engine.store import CustomerWrite
from models.codec import encode
from tests.engine.company import GOOD, NOW, corner_shop
from tests.engine.served_project import write_project
from tests.engine.simulated import write_customers

Command = Callable[..., tuple[int, str, str]]
WEB = ("--channel", "web", "--at", "2026-09-24T12:00")


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Calls `befit`: exit code, output, errors."""
    monkeypatch.setenv("COLUMNS", "160")

    def called(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["befit", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return called


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_project(tmp_path / "shop")


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    return write_customers(tmp_path / "customers.csv")


def changed(shop: Path, old: str, new: str, name: str = "new.yaml") -> Path:
    """Another policy file beside the shop's."""
    text = (shop / "policy.yaml").read_text()
    assert old in text
    (shop / name).write_text(text.replace(old, new))
    return shop / name


def test_a_diff_over_a_file_tells_what_changes_and_which_rule_did_it(command: Command, shop: Path, customers: Path):
    new = changed(shop, "customer.age < 18", "customer.age < 40")
    over = ("--project", shop, "--customers", customers, "--channel", "call_centre", "--intent", "billing")
    code, out, _ = command("policy", "diff", shop, new, *over, "-o", "json")
    found = json.loads(out)
    assert (code, found["decisions"], found["customers"]) == (0, 40, 40)
    assert found["before"]["policy_revision"] == read_text(shop).revision != found["after"]["policy_revision"]
    assert 0 < found["changed"] == round(found["changed_share"] * 40)
    assert {why["rule"] for why in found["no_longer_first"]} == {"adults_only"}
    assert [one["name"] for one in found["by_channel"]] == ["call_centre"]
    assert {one["name"] for one in found["by_tier"]} <= {"relationship_1", "transactional", "prospect"}
    assert found["totals"]["after"]["contacts"] <= found["totals"]["before"]["contacts"]


def test_people_read_sentences_and_tables(command: Command, shop: Path, customers: Path):
    code, out, _ = command("simulate", "--project", shop, "--customers", customers, *WEB, "--set", "lever.film_box=0.1")
    assert code == 0
    assert "over the 40 customers of customers.csv in web on 24 September 2026 12:00." in out
    assert re.search(r"% of 40 decisions change: another action comes first in \d+;", out)
    for title in ("What it comes to", "By tier", "By action", "Who takes whose first place", "How far offers"):
        assert title in out
    assert "outranked (choosing among the allowed actions)" in out
    assert not re.search(r"mask|arbitration|propensity|lease|partition", out)


def test_the_report_is_one_file_that_needs_nothing_else(command: Command, shop: Path, customers: Path, tmp_path: Path):
    report = tmp_path / "reports" / "diff.html"
    asked = ("simulate", "--project", shop, "--customers", customers, *WEB)
    code, out, _ = command(*asked, "--set", "lever.film_box=0.1", "--report", report)
    assert (code, f"{report} has the report" in out) == (0, True)
    page = report.read_text()
    assert page.count("<svg") == 6
    assert "film_box" in page
    assert not re.search(r"<script|(src|href)=\"(?!#)|@import|url\((?!#)", page)


def test_the_boost_that_an_action_needs_is_found_and_its_effect_told(command: Command, shop: Path, customers: Path):
    asked = ("simulate", "--project", shop, "--customers", customers, *WEB, "--boost", "film_box")
    code, out, _ = command(*asked, "--placement", "web.hero", "--wins", "30 %", "-o", "json")
    found = json.loads(out)
    boost = found["boost"]
    assert (code, boost["decisions"]) == (0, 40)
    assert boost["below"] < 0.3 <= boost["reached"]
    assert boost["percent"] == pytest.approx(100 * (boost["factor"] - 1), abs=0.06)
    first = next(one for one in found["by_action"] if one["action"] == "film_box")
    assert first["after"] == boost["reached"] * 40
    told = command(*asked, "--placement", "web.hero", "--wins", "30%")[1]
    assert f"lever.film_box={boost['percent']:+g}%) makes that" in told


def mistakes() -> dict[str, tuple[tuple[str, ...], int, str]]:
    web = ("--channel", "web")
    return {
        "no channel": ((), 2, "--customers needs --channel; it has call_centre, web, push"),
        "another channel": (("--channel", "shop"), 2, "no channel 'shop'"),
        "another intent": ((*web, "--intent", "chat"), 2, "no intent 'chat'"),
        "another context": ((*web, "--context", "mood=1"), 2, "no context 'mood'"),
        "a context that does not hold": ((*web, "--context", "page=attic"), 2, "one of: home, phones, basket"),
        "both sources": ((*web, "--log"), 2, "exclude each other"),
        "no number": ((*web, "--set", "lever.film_box"), 2, "--set 'lever.film_box' is not PATH=NUMBER"),
        "an action that is not there": ((*web, "--set", "lever.film_bx=2"), 2, "did you mean 'film_box'"),
        "a value out of range": ((*web, "--set", "exploration.share=3"), 3, "out of range"),
        "a boost of nothing": ((*web, "--boost", "nothing"), 2, "no action 'nothing'"),
        "a boost nowhere": ((*web, "--boost", "film_box"), 2, "--placement is one of"),
        "a boost in a wrong place": (
            (*web, "--boost", "film_box", "--placement", "call_centre.offer"), 2, "never takes film_box",
        ),
        "no share": ((*web, "--boost", "film_box", "--placement", "web.hero", "--wins", "much"), 2, "is no share"),
        "a report of another kind": ((*web, "--report", "diff.pdf"), 2, "does not end in .html"),
    }  # fmt: skip


@pytest.mark.parametrize("name", mistakes())
def test_what_is_asked_wrongly_is_told(command: Command, shop: Path, customers: Path, name: str):
    words, wanted, told = mistakes()[name]
    code, _, err = command("simulate", "--project", shop, "--customers", customers, *words)
    assert (code, told in " ".join(err.split())) == (wanted, True), err


def test_a_policy_that_does_not_compile_ends_with_3_and_its_place(command: Command, shop: Path, customers: Path):
    new = changed(shop, "customer.age < 18", "customer.aged < 18")
    code, _, err = command("policy", "diff", shop, new, "--project", shop, "--customers", customers, *WEB)
    assert (code, f"{new}:" in err, "aged" in err) == (3, True, True)


def test_rows_that_do_not_hold_are_told_and_end_with_3(command: Command, shop: Path, tmp_path: Path):
    table = tmp_path / "some.csv"
    table.write_text("customer_id,age\na,40\nb,old\n")
    asked = ("simulate", "--project", shop, "--customers", table, *WEB)
    code, out, _ = command(*asked)
    assert (code, "1 rows of the file do not hold" in out, "some.csv:3:" in out) == (3, True, True)
    found = json.loads(command(*asked, "-o", "json")[1])
    assert (found["decisions"], found["wrong_rows"]) == (1, 1)


def test_the_projects_own_log_is_asked_and_left_as_it_was(command: Command, shop: Path):
    before = changed(shop, "limit: 2, within: 7d", "limit: 1, within: 7d")
    with project_store(shop) as url:
        kept = asyncio.run(fill(url, shop))
        asked = ("policy", "diff", kept, before, "--project", shop, "--log", "-o", "json")
        code, out, _ = command(*asked)
        newest = json.loads(command(*asked, "--newest", 5)[1])
        unknown = command("policy", "diff", "0123456789ab", before, "--project", shop)
        assert asyncio.run(counted(url)) == 20
    found = json.loads(out)
    assert (code, found["decisions"], newest["decisions"]) == (0, 20, 5)
    assert found["before"] == {"label": kept, "policy_revision": kept, "model_revision": ""}
    assert {one["rule"] for one in found["left_with_nothing"]["by"]} == {"push_week"}
    assert (unknown[0], "keeps no revision 0123456789ab" in unknown[2]) == (2, True)


def test_a_log_without_decisions_is_told(command: Command, shop: Path):
    code, _, err = command("simulate", "--project", shop)
    assert (code, "the log has no decisions" in err) == (2, True)


async def fill(url: str, shop: Path) -> str:
    """Twenty pushes to ten customers, and the revision that decided, kept."""
    store = RedisStore(url, "worker")
    await store.open()
    text = read_text(shop)
    await store.revisions.keep(KeptRevision(About(text.revision, NOW), text))
    numbers = itertools.count(1)
    parts: dict[str, Any] = {"entropy": lambda: next(numbers), "nanos": lambda: 0, "observe": lambda _: None}
    decider = Decider(DeciderParts(store=store, snapshot=corner_shop, partitions=256, **parts))
    for number in range(10):
        who = CustomerKey("default", f"c{number}")
        vector = encode(corner_shop().schema, GOOD, who, NOW)
        consent = b'{"consent":{"push:marketing":true},"zone":"","preferences":{}}'
        await store.put_customers([CustomerWrite(who, vector, consent)])
        for later in range(2):
            await decider.decide(Request(who, "push"), NOW + later * 86_400 + number)
    await decider.close()
    await store.close()
    return text.revision


async def counted(url: str) -> int:
    store = RedisStore(url, "reader")
    await store.open()
    found = 0
    for partition in range(256):
        found += len([entry async for entry in store.read_log(partition)])
    await store.close()
    return found
