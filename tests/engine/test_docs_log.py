"""What docs/log.md shows works as it stands there: the commands, the tables, the queries."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from documents.strict_yaml import parse
from engine.cli.app import main
from engine.config import ListenConfig, ProjectConfig, ServeConfig, StoreConfig
from engine.counts import Counts
from engine.decision import Decision, Request
from engine.event import Event
from engine.events.change import Changes, EventWrite
from engine.ids import CustomerKey
from engine.outcome import Disposition, Outcome
from engine.redis.store import RedisStore
from engine.running import start
from engine.sink.layout import CANDIDATES, DECISIONS, EVENTS, LOG, OUTCOMES, PUSHES, files_of
from engine.sink.reading import decisions_with_outcomes, read_schemas
from engine.store import CustomerWrite
from engine.triggers.message import FORMAT, PENDING, Message, Name, PushRecord
from engine.triggers.store import Held, Start
from models.codec import encode
from models.feature_file import load_features, read_features
from tests.engine.company import GOOD, NOW
from tests.engine.served_project import write_project
from tests.engine.servers import say, url_of

DOCS = (Path(__file__).parents[2] / "docs" / "log.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", DOCS, re.DOTALL)


async def pushed(store: RedisStore, key: CustomerKey) -> None:
    """A message that an event started and that is sent."""
    name = Name("push", "abandoned", "basket", "e-basket")
    start = Start(name, Message(FORMAT, "basket", {}, NOW, NOW + 60), NOW)
    await store.events.record(EventWrite(key, "e-basket", NOW, NOW, Changes(), b"", (start,)))
    who = (key.tenant, key.customer, name.channel, name.trigger, name.event_id)
    sent = PushRecord(FORMAT, name.message_id, *who, "", "film_box", "sent", "", NOW + 5)
    assert await store.outbox.drop(Held(key, name), PENDING, sent)


async def live_through(project: Path, url: str) -> list[Decision]:
    """Customers who meet the corner shop, take what is offered, and look at pages."""
    store = RedisStore(url, "load")
    await store.open()
    schema = load_features(project / "features.yaml")
    keys = [CustomerKey("default", f"c{number}") for number in range(6)]
    await store.keep_schema(schema.hash.hex(), schema.to_json())
    await store.put_customers([CustomerWrite(key, vector=encode(schema, GOOD, key, NOW - 60)) for key in keys])
    await pushed(store, keys[0])
    await store.close()
    config = StoreConfig(redis_url=url, read_timeout_ms=5000, commit_timeout_ms=5000)
    running = await start(ServeConfig(ProjectConfig(project=project), ListenConfig(), config), Counts())
    made = []
    for number, key in enumerate(keys):
        decision = await running.ports.deciding.decide(Request(key, "web", session_id="secret"), NOW + number)
        assert isinstance(decision, Decision)
        made.append(decision)
        action = decision.placements[0].actions[0].action
        told = {"revenue": 20.0, "agent": "sam", "team": "north"}
        outcome = Outcome(f"o{number}", decision.decision_id, action, "ACCEPTED", NOW + 9, **told)
        (verdict,) = await running.ports.recording.record([outcome], NOW + 10)
        assert verdict.disposition is Disposition.ACCEPTED, verdict
        seen = Event(f"e{number}", "page_view", "default", key.customer, at=NOW + 20, attributes={})
        await running.ports.events.record_events([seen], NOW + 20)
    await running.close()
    return made


@pytest.fixture(scope="module")
def lake(valkey, tmp_path_factory) -> tuple[Path, Path, str, list[Decision]]:
    """The project, the folder of the files, the store, and the decisions in them."""
    say(valkey.plan.address, "FLUSHALL")
    project, out = write_project(tmp_path_factory.mktemp("shop")), tmp_path_factory.mktemp("lake")
    features = project / "features.yaml"
    open_to_all = features.read_text().replace("tenure_months: {", "tenure_months: {tables: true, ")
    features.write_text(open_to_all.replace("handset_os: {", "handset_os: {personal: false, "))
    found = (project, out, url_of(valkey), asyncio.run(live_through(project, url_of(valkey))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", command(found))
        with pytest.raises(SystemExit):
            main()
    return found


def called(capsys: pytest.CaptureFixture[str], lake, *words: str) -> tuple[int, str, str]:
    """`befit sink` on the lake: exit code, output, errors."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        patch.setattr(sys, "argv", [*command(lake), *words])
        with pytest.raises(SystemExit) as ended:
            main()
    said, wrong = capsys.readouterr()
    return int(ended.value.code or 0), said, wrong


def command(lake) -> list[str]:
    project, out, url, _ = lake
    return ["befit", "sink", "--project", str(project), "--out", str(out), "--redis-url", url]


def table_of(lake, name: str) -> pl.DataFrame:
    return pl.read_parquet(files_of(lake[1], name), hive_partitioning=False)


def test_the_log_is_written_and_proved(lake, capsys, tmp_path):
    assert called(capsys, lake)[1] == "0 entries written\n"
    code, said, _ = called(capsys, lake, "--check")
    assert (code, said.splitlines()[-1]) == (0, "nothing is missing")
    other = (*lake[:1], tmp_path, *lake[2:])
    code, _, wrong = called(capsys, other, "--check")
    assert (code, "holds no log" in wrong) == (1, True)
    code, said, _ = called(capsys, other, "-o", "json")
    assert (code, json.loads(said)["passed"]) == (0, {"entries": 20, "busy": []})
    next(iter(files_of(tmp_path, LOG))).unlink()
    code, said, _ = called(capsys, other, "--check", "-o", "json")
    assert (code, json.loads(said)["missing"] > 0) == (4, True)
    assert called(capsys, other, "--forget")[0] == 0
    code, _, wrong = called(capsys, other, "--check")
    assert (code, "cannot be proved by this one" in wrong) == (1, True)


def test_a_folder_that_is_no_project_proves_nothing_and_gets_no_store(lake, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["befit", "sink", "--project", str(tmp_path), "--out", str(lake[1]), "--check"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "is no project" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_guide_runs(lake, monkeypatch, query):
    monkeypatch.chdir(lake[1])
    found = duckdb.sql(query).fetchall()
    assert bool(found) != ("HAVING entries <> last" in query)


def test_every_action_of_the_catalogue_is_told_once_by_name(lake):
    candidates = table_of(lake, CANDIDATES)
    assert not candidates["action"].str.starts_with("#").any()
    assert candidates.group_by("decision_id", "action", "placement").len()["len"].max() == 1
    of_each = candidates.group_by("decision_id").agg(pl.col("action").n_unique())["action"]
    assert of_each.n_unique() == 1
    first = candidates.filter(pl.col("rank") == 1)
    assert set(first["stage"]) == {"proposed"}
    assert first["estimable"].is_between(0.0, 1.0, closed="right").all()
    made = {one.decision_id: one for one in lake[3]}
    for row in first.iter_rows(named=True):
        placed = next(one for one in made[row["decision_id"]].placements if one.placement == row["placement"])
        assert (row["action"], row["priority"]) == (placed.actions[0].action, placed.actions[0].factors.priority)


def test_customers_and_agents_have_pseudonyms_and_only_open_features_are_told(lake, capsys):
    decisions = table_of(lake, DECISIONS)
    told = [name for name in decisions.columns if name.startswith("feature_")]
    assert told == ["feature_tenure_months", "feature_handset_os"]
    assert set(decisions["feature_tenure_months"]) == {30.0}
    assert set(decisions["customer"]) == set(table_of(lake, EVENTS)["customer"])
    assert called(capsys, lake, "--pseudonym", "c3")[1].strip() in set(decisions["customer"])
    for name in (DECISIONS, CANDIDATES, OUTCOMES, EVENTS, PUSHES):
        written = str(table_of(lake, name).rows())
        assert not re.search(r"\bc[0-5]\b|\bsam\b|secret", written)


def test_the_log_can_be_learned_from_without_the_store(lake):
    joined = list(decisions_with_outcomes(lake[1]))
    assert {one.record.decision_id for one in joined} == {one.decision_id for one in lake[3]}
    assert {one.outcomes[0].revenue for one in joined} == {20.0}
    assert {one.record.schema for one in joined} <= set(read_schemas(lake[1]))
    assert (lake[1] / "policies" / joined[0].record.policy / "policy.yaml").is_file()


def test_the_key_is_private(lake):
    key = lake[0] / ".befit" / "pseudonyms.key"
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--keep", "12h"), "--keep is at least 72h"),
        (("--kafka", "localhost:1"), "befit[kafka]"),
        (("--learn", "often"), "write a duration as 15m"),
        (("--forget", "--folder", "nope"), "the store knows of"),
    ],
)
def test_what_cannot_be_done_is_said(lake, capsys, monkeypatch, words, said):
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    code, _, wrong = called(capsys, lake, *words)
    assert code in (1, 2)
    assert said in wrong


def test_the_features_of_the_guide_hold():
    (block,) = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    schema = read_features(parse("version: 1\n" + block, "features.yaml"))
    assert [one.in_tables for one in schema.features] == [True, True]
