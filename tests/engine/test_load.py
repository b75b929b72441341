"""Loading a file of customers: all that hold arrive, the others are kept aside, a broken load goes on."""

import asyncio

import orjson
import polars as pl
import pytest
from typer.testing import CliRunner

import engine.load
from documents.problem import DocumentInvalid
from engine.cli.app import app
from engine.cli.exits import UsageMistaken
from engine.embedded.store import project_store
from engine.ids import CustomerKey
from engine.load import LoadBroken, Loading, LoadJob
from engine.load_progress import Checkpoint, NotRejectedRows, rejected_path
from engine.memory.store import MemoryStore
from engine.redis.store import RedisStore
from engine.standing import read_consent
from engine.store import StoreUnavailable
from models.codec import decode
from models.features import Feature, FeatureSchema, FeatureType
from tests.engine.company import POLICIES

SCHEMA = FeatureSchema((Feature("age", FeatureType.INTEGER), Feature("os", FeatureType.CATEGORY, ("ios", "android"))))
FEATURES = """\
version: 1
features:
  age: {type: integer, meaning: Age, purpose: service}
  os: {type: category, values: [ios, android], meaning: Phone, purpose: service}
"""
NOW = 1_760_000_000.0


@pytest.fixture
def customers(tmp_path):
    """Writes a file of customers: its lines after the header."""

    def write(*lines, header="customer_id,age,os"):
        path = tmp_path / "customers.csv"
        path.write_text("\n".join((header, *lines, "")))
        return path

    return write


@pytest.fixture
def in_threes(monkeypatch):
    """Pieces of three rows."""
    monkeypatch.setattr(engine.load, "ROWS_AT_ONCE", 3)


def loading(path, reported=None):
    job = LoadJob(path, SCHEMA, "default", NOW)
    report = (reported if reported is not None else []).append
    return Loading(job, Checkpoint(path.parent, path, "here"), rejected_path(path), report)


def people(first, last):
    return [f"c{number},{number},ios" for number in range(first, last + 1)]


class Breaking(MemoryStore):
    """Stops answering after some puts."""

    def __init__(self, puts):
        super().__init__()
        self.puts = puts

    async def put_customers(self, writes):
        self.puts -= 1
        if self.puts < 0:
            raise StoreUnavailable("disconnected")
        await super().put_customers(writes)


async def vector(store, name):
    customer = CustomerKey("default", name)
    return decode((await store.read_profile(customer, "")).vector, customer)


async def test_features_consent_and_zone_arrive(customers, store):
    header = "customer_id,age,os,consent:push:marketing,time_zone"
    path = customers("ann,41,android,yes,Asia/Tokyo", "bob,,,,", header=header)
    loaded = await loading(path).into(store)
    assert (loaded.progress.written, loaded.progress.rejected) == (2, 0)
    found = await vector(store, "ann")
    assert (found.schema_hash, found.written_at, found.body.tolist()) == (SCHEMA.hash, NOW, [41, 1])
    consent = read_consent((await store.read_profile(CustomerKey("default", "ann"), "")).consent)
    assert (consent.consent, consent.time_zone) == ({"push:marketing": True}, "Asia/Tokyo")
    assert (await store.read_profile(CustomerKey("default", "bob"), "")).consent is None
    assert (await store.read_settings()).schemas == {SCHEMA.hash.hex(): SCHEMA.to_json()}


async def test_what_the_file_does_not_say_stays(customers, store):
    with_consent = customers("ann,41,ios,yes", header="customer_id,age,os,consent:push:marketing")
    await loading(with_consent).into(store)
    await loading(customers("ann,42,ios,no", header="customer_id,age,os,consent:sms:marketing")).into(store)
    consent = read_consent((await store.read_profile(CustomerKey("default", "ann"), "")).consent)
    assert consent.consent == {"push:marketing": True, "sms:marketing": False}


async def test_rows_that_do_not_hold_are_kept_aside_as_they_stood(customers, in_threes):
    path = customers("ann,forty,ios", "bob,30,ios", "cat,31,beos", *people(1, 5), ",1,ios")
    store, reported = MemoryStore(), []
    loaded = await loading(path, reported).into(store)
    assert (loaded.progress.written, loaded.progress.rejected) == (6, 3)
    assert reported[-1] == 9
    aside = pl.read_csv(rejected_path(path))
    assert aside["befit:line"].to_list() == [2, 4, 10]
    assert aside["age"].to_list() == ["forty", "31", "1"]
    assert aside["befit:problem"][0].startswith("age: ")
    assert await vector(store, "bob")


async def test_mended_rows_can_be_loaded_from_where_they_were_kept(customers):
    path = customers("ann,forty,ios")
    store = MemoryStore()
    await loading(path).into(store)
    aside = rejected_path(path)
    aside.write_text(aside.read_text().replace("forty,", "40,"))
    loaded = await loading(aside).into(store)
    assert (loaded.progress.written, loaded.notes) == (1, ())


async def test_a_load_that_broke_off_goes_on_where_it_was(customers, in_threes):
    path = customers("bad,x,ios", *people(1, 5), "worse,y,ios", *people(6, 9))
    store = Breaking(puts=2)
    with pytest.raises(LoadBroken, match="after 6 rows"):
        await loading(path).into(store)
    rejected_path(path).write_text(rejected_path(path).read_text() + "half a row that a crash")
    store.puts = 2
    loaded = await loading(path).into(store)
    assert (loaded.resumed_at, loaded.progress.rows) == (6, 11)
    assert (loaded.progress.written, loaded.progress.rejected) == (9, 2)
    assert pl.read_csv(rejected_path(path))["customer_id"].to_list() == ["bad", "worse"]
    assert len(store.customers) == 9


async def test_a_finished_load_begins_anew(customers):
    path, store = customers("bad,x,ios", *people(1, 2)), MemoryStore()
    for _ in range(2):
        loaded = await loading(path).into(store)
        assert (loaded.resumed_at, loaded.progress.rejected) == (0, 1)
    assert len(pl.read_csv(rejected_path(path))) == 1


async def test_another_content_of_the_file_begins_anew(customers, in_threes):
    with pytest.raises(LoadBroken):
        await loading(customers(*people(1, 9))).into(Breaking(puts=1))
    loaded = await loading(customers(*people(1, 12))).into(MemoryStore())
    assert (loaded.resumed_at, loaded.progress.written) == (0, 12)


async def test_a_damaged_checkpoint_begins_anew(customers, in_threes):
    path = customers(*people(1, 9))
    with pytest.raises(LoadBroken):
        await loading(path).into(Breaking(puts=1))
    for checkpoint in path.parent.glob(".befit/load/*"):
        checkpoint.write_text("{torn")
    assert (await loading(path).into(MemoryStore())).progress.written == 9


async def test_a_file_without_customers_is_refused(customers):
    with pytest.raises(DocumentInvalid, match="customer_id"):
        await loading(customers("1,ios", header="age,os")).into(MemoryStore())


@pytest.mark.parametrize(
    ("name", "aside"),
    [("a.csv", "a"), ("a.parquet", "a"), ("a.csv.gz", "a"), ("a.b.csv", "a.b"), ("customers", "customers")],
)
def test_rejected_rows_lie_beside_the_file(tmp_path, name, aside):
    assert rejected_path(tmp_path / name) == tmp_path / f"{aside}.rejected.csv"


def test_the_command_loads_into_the_projects_own_store(tmp_path, customers):
    (tmp_path / "features.yaml").write_text(FEATURES)
    path = customers(*people(1, 100), "bad,x,ios")
    said = ["load", "--project", str(tmp_path), "--customers", str(path), "-o", "json"]
    result = CliRunner().invoke(app, said)
    assert result.exit_code == 3, result.output
    told = orjson.loads(result.stdout)
    assert (told["customers"], told["rejected_rows"]) == (100, 1)
    assert told["rejected_file"] == str(tmp_path / "customers.rejected.csv")
    with project_store(tmp_path) as url:
        assert asyncio.run(ages(url, "c7", "c100")) == [7, 100]


async def ages(url, *names):
    store = RedisStore(url, "w")
    await store.open()
    found = [(await vector(store, name)).body[0] for name in names]
    await store.close()
    return found


def test_the_command_says_what_is_wrong_with_its_files(tmp_path):
    (tmp_path / "features.yaml").write_text(FEATURES)
    result = CliRunner().invoke(app, ["load", "--project", str(tmp_path), "--customers", str(tmp_path / "no.csv")])
    assert isinstance(result.exception, DocumentInvalid)


@pytest.mark.parametrize("name", ["customers.csv", "policy.yaml"])
def test_no_file_of_another_kind_gives_way_to_rejected_rows(tmp_path, customers, name):
    (tmp_path / "features.yaml").write_text(FEATURES)
    path = customers("ann,forty,ios")
    other = tmp_path / name
    if other != path:
        other.write_text("company: ours")
    before = other.read_text()
    given = ["load", "--project", str(tmp_path), "--customers", str(path), "--rejected", str(other)]
    ended = CliRunner().invoke(app, given)
    assert isinstance(ended.exception, UsageMistaken if other == path else NotRejectedRows)
    assert other.read_text() == before


async def test_a_load_that_cannot_begin_leaves_the_rejected_rows_of_the_one_before(customers):
    path = customers("ann,forty,ios")
    await loading(path).into(MemoryStore())
    kept, away = rejected_path(path).read_text(), MemoryStore()
    away.fail = "refused"
    with pytest.raises(StoreUnavailable):
        await loading(path).into(away)
    assert rejected_path(path).read_text() == kept


async def test_of_a_customer_who_stands_twice_the_last_row_counts_and_it_is_said(customers, in_threes):
    path, store = customers("ann,30,ios", "bob,1,ios", "ann,31,ios", "cat,2,ios", "ann,32,ios"), MemoryStore()
    loaded = await loading(path).into(store)
    assert (await vector(store, "ann")).body[0] == 32
    assert [(one.code, ": 2;" in one.message) for one in loaded.notes] == [("repeated-customer", True)]


def test_consent_for_a_channel_that_the_policy_does_not_have_is_refused(tmp_path, customers):
    path = customers("ann,1,ios,true", header="customer_id,age,os,consent:emial:marketing")
    (tmp_path / "features.yaml").write_text((POLICIES / "features.yaml").read_text())
    (tmp_path / "policy.yaml").write_text((POLICIES / "corner_shop.yaml").read_text())
    ended = CliRunner().invoke(app, ["load", "--project", str(tmp_path), "--customers", str(path)])
    assert isinstance(ended.exception, DocumentInvalid)
    assert "'emial', which the policy does not declare" in str(ended.exception)
