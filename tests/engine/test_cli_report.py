"""`befit report`: over a folder and a store, as a page, tables, JSON, a feed and a plan; how it ends."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.cli.app import main
from engine.ids import CustomerKey
from engine.report.page import page, write_report
from engine.sink.log_files import write_log
from tests.engine.company import GOOD, NOW, Company, proposed
from tests.engine.reported import Log, accepted, shop
from tests.engine.served_project import write_project

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Calls `befit`: exit code, output, errors."""
    monkeypatch.setenv("COLUMNS", "160")

    def called(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["befit", "report", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return called


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A project, and the folder of its log."""
    folder = tmp_path_factory.mktemp("shop")
    write_project(folder / "project")

    async def work() -> Company:
        company = Company(shop())
        for number in range(80):
            who = CustomerKey("shop", f"customer{number}")
            company.know(who, GOOD)
            decision = await company.decide(customer=who, now=NOW + number * 3600)
            for action in proposed(decision)[:1]:
                await company.tell(decision, "REJECTED", action, NOW + number * 3600 + 60)
        return company

    logs = asyncio.run(work()).store.logs
    write_log(folder / "lake", [(number, one) for number, log in logs.items() for _, one in log])
    return folder / "project", folder / "lake"


def test_json_and_feed_tell_the_log(command: Command, project: tuple[Path, Path]):
    code, out, _ = command("--project", project[0], "--log", project[1], "-o", "json")
    found = json.loads(out)
    assert (code, found["decisions"], found["customers"], found["currency"]) == (0, 80, 80, "EUR")
    assert sum(one["customer_months"] for one in found["groups"]) == 80
    code, out, _ = command("--project", project[0], "--log", project[1], "--feed")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {one["kind"] for one in lines} >= {"rejection"}
    assert lines == sorted(lines, key=lambda one: -one["money"])


def test_tables_and_a_page_are_written(command: Command, project: tuple[Path, Path], tmp_path: Path):
    out_file = tmp_path / "deep" / "report.html"
    code, out, _ = command("--project", project[0], "--log", project[1], "--out", out_file)
    assert code == 0
    assert "80 decisions for 80" in out
    assert "Who is compared" in out
    text = out_file.read_text()
    assert text.startswith("<!doctype html>")
    assert "<svg" in text
    assert not [word for word in ("http://", "https://", "<script", "src=") if word in text.split("<svg")[0]]


def test_an_earlier_span_without_decisions_says_so(command: Command, project: tuple[Path, Path]):
    code, _, err = command("--project", project[0], "--log", project[1], "--until", "2020-01-01")
    assert (code, err) == (1, "error there are no decisions to report on\n")


def test_a_plan_needs_no_project(command: Command, tmp_path: Path):
    said = ("--plan", "--rate", 0.05, "--lift", 0.1, "--share", 0.02, "--per-day", 5000, "--project", tmp_path)
    code, out, _ = command(*said)
    assert code == 0
    assert "To see 5.00% become 5.50% (lift +10.0%)" in out
    code, out, _ = command(*said, "-o", "json")
    needed = json.loads(out)["needed"]
    assert needed["days"] == pytest.approx(needed["control"] / 100.0)
    assert command("--plan", "--lift", 0)[0] == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--out", "report.pdf"), "does not end in .html"),
        (("--referral", "TOLD_A_FRIEND"), "no outcome or event 'TOLD_A_FRIEND'"),
        (("--outsourcer", "callco"), "PREFIX=NAME"),
        (("--retained", "handset_os"), "--retained names a feature in --customers"),
    ],
)
def test_what_cannot_be_reported_is_refused(command: Command, project: tuple[Path, Path], words, says: str):
    code, _, err = command("--project", project[0], "--log", project[1], *words)
    assert code == 2
    assert says in err


def test_a_file_of_customers_tells_who_still_is_one(command: Command, project: tuple[Path, Path], tmp_path: Path):
    (tmp_path / "now.csv").write_text("customer_id\n" + "".join(f"customer{number}\n" for number in range(60)))
    said = ("--project", project[0], "--log", project[1], "--customers", tmp_path / "now.csv", "-o", "json")
    groups = json.loads(command(*said)[1])["groups"]
    assert sum(one["sums"]["active"] for one in groups) == 60


def test_the_page_is_the_same_twice_and_has_every_plot(tmp_path: Path):
    log = accepted(Log(), 300, lambda group: 0.1 if group else 0.3)
    for one in log.decisions[:30]:
        log.tell(one.record.decision_id, "REJECTED", agent="kim", team="callco/day", reason_code="not_now")
    found, zone = log.report(), ZoneInfo("Europe/Berlin")
    for name in ("one.html", "two.html"):
        write_report(found, zone, tmp_path / name)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
    assert len(list(page(found, zone).plots)) == 6
    ((_, proved),) = page(found, zone).wide
    assert all(f">{group.id}<" in proved for group in found.groups if group.id)
    assert all(f">{one.measure.name}<" in proved for one in found.compared[0].measures if one.measure.name != "worth")
