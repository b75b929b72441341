"""Pega's interactions become a history, events and a project, and are counted as Pega's own tools count them."""

from __future__ import annotations

import gzip
import json
import sys
import zipfile
from pathlib import Path

import pdstools
import polars as pl
import pytest

from documents.problem import DocumentInvalid
from engine.cli.app import main
from engine.cli.train import files_of
from engine.history_terms import history_terms
from engine.interchange.pega.imported import Imported, read_interactions
from engine.interchange.pega.imported_project import NothingKnown, write_project
from models.history import read_history

DATA = Path(__file__).parents[3] / "shared" / "data"
HISTORY, DATASET = DATA / "pega_interaction_history.csv.gz", DATA / "pega_hds.parquet"
NEEDS_HISTORY = pytest.mark.skipif(not HISTORY.exists(), reason="Pega's sample of interactions is not here")
NEEDS_DATASET = pytest.mark.skipif(not DATASET.exists(), reason="Pega's historical dataset is not here")
HEADER = "pxInteractionID,pySubjectID,pxDecisionTime,pxOutcomeTime,pyChannel,pyDirection,pyName,pxRank,pyOutcome"
SAID = {"Accept": "ACCEPTED", "Accepted": "ACCEPTED", "Clicked": "CLICKED", "Rejected": "REJECTED"}
SAID |= {"NoResponse": "NO_RESPONSE"}


def write(folder: Path, *rows: str) -> Path:
    path = folder / "ih.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def at(second: int) -> str:
    return f"20260924T1200{second:02d}.000 GMT"


@pytest.fixture(scope="module")
def sample() -> Imported:
    return read_interactions(HISTORY)


def test_rows_of_one_contact_become_one_with_the_strongest_outcome(tmp_path):
    rows = [f"1,anna,{at(2)},{at(s)},Web,Inbound,Gold Card,1,{o}" for s, o in ((3, "Impression"), (9, "Clicked"))]
    rows += [f"1,anna,{at(2)},{at(3)},Web,Inbound,Loan,2,Pending"]
    found = read_interactions(write(tmp_path, *rows)).history
    assert found["action"].to_list() == ["Gold_Card", "Loan"]
    assert found["outcome"].to_list() == ["CLICKED", None]
    assert found["outcome_at"].dt.second().to_list() == [9, None]


def test_a_history_goes_into_a_parquet_file_and_no_other(tmp_path, monkeypatch, capsys):
    source = write(tmp_path, f"1,anna,{at(1)},{at(2)},Web,Inbound,Gold,1,Accept")
    monkeypatch.setattr(sys, "argv", ["befit", "import", "pega", str(source), "--out", str(tmp_path / "h.csv")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "does not end in .parquet" in capsys.readouterr().err


def test_exports_of_datasets_are_read_as_they_come(tmp_path):
    rows = [f"1,anna,{at(2)},{at(3)},Web,Inbound,Gold,1,Accept", f"2,ben,{at(4)},{at(5)},Web,Inbound,Loan,1,Rejected"]
    plain = read_interactions(write(tmp_path, *rows))
    lines = "".join(json.dumps(dict(zip(HEADER.split(","), row.split(","), strict=True))) + "\n" for row in rows)
    (tmp_path / "ih.json").write_text(lines)
    (tmp_path / "ih.json.gz").write_bytes(gzip.compress(lines.encode()))
    with zipfile.ZipFile(tmp_path / "Data-pxStrategyResult.zip", "w") as archive:
        archive.writestr("META-INF/MANIFEST.mf", "{}")
        archive.writestr("data.json", lines)
    for name in ("ih.json", "ih.json.gz", "Data-pxStrategyResult.zip"):
        assert read_interactions(tmp_path / name).history.equals(plain.history), name


@pytest.mark.parametrize(("name", "content"), [("a.zip", b"no zip"), ("b.json", b"{oh"), ("c.json", b"")])
def test_a_file_that_is_no_export_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DocumentInvalid, match=name):
        read_interactions(tmp_path / name)


def test_a_contact_is_no_later_than_its_outcome(tmp_path):
    found = read_interactions(write(tmp_path, f"1,anna,{at(9)},{at(2)},Web,Inbound,Gold,1,Accept")).history
    assert found["at"].dt.second().to_list() == found["outcome_at"].dt.second().to_list() == [2]


def test_labels_that_pega_does_not_have_are_types_of_the_policy(tmp_path):
    imported = read_interactions(write(tmp_path, f"1,anna,{at(1)},{at(2)},Web,Inbound,Gold,1,TermsRead"))
    assert imported.history["outcome"].to_list() == ["TERMS_READ"]


def test_a_file_that_is_none_of_pegas_is_refused(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("order,amount\n1,2\n")
    with pytest.raises(DocumentInvalid, match="pxInteractionID"):
        read_interactions(path)


def test_a_file_that_knows_nothing_of_customers_makes_no_project(tmp_path):
    imported = read_interactions(write(tmp_path, f"1,anna,{at(1)},{at(2)},Web,Inbound,Gold,1,Accept"))
    with pytest.raises(NothingKnown):
        write_project(imported, tmp_path / "shop", "Imported")
    assert not (tmp_path / "shop").exists()


@NEEDS_HISTORY
def test_outcomes_by_channel_are_those_that_pdstools_counts(sample):
    theirs = pdstools.IH.from_ds_export(str(HISTORY)).aggregates.summary_outcomes(by="Channel").collect()
    known = theirs.filter(pl.col("Channel").is_not_null()).with_columns(pl.col("Outcome").replace_strict(SAID))
    counted = known.group_by("Channel", "Outcome").agg(pl.col("Count").sum())
    ours = sample.history.group_by("channel", "outcome").agg(pl.len())
    assert {(a, b): n for a, b, n in ours.iter_rows()} == {(a, b): n for a, b, n in counted.iter_rows()}


@NEEDS_HISTORY
def test_interactions_that_were_answered_are_those_that_pdstools_counts(sample):
    theirs = pdstools.IH.from_ds_export(str(HISTORY)).aggregates.summary_success_rates(by="Channel").collect()
    answered = pl.col("outcome").is_in(["ACCEPTED", "CLICKED"])
    ours = sample.history.group_by("channel").agg(pl.col("decision_id").filter(answered).n_unique())
    counted = theirs.filter(pl.col("Channel").is_not_null()).select("Channel", "Positives_Engagement")
    assert dict(ours.iter_rows()) == dict(counted.iter_rows())


@NEEDS_HISTORY
def test_what_tells_of_customers_alone_is_events(sample, tmp_path):
    assert dict(sample.events["type"].value_counts().iter_rows()) == {"loyal": 4928, "churned": 5072}
    assert sample.events["event_id"].n_unique() == 10_000
    write_project(sample, tmp_path, "Imported")
    schema, policy = files_of(tmp_path)
    assert schema.names == ("since_churned", "since_loyal")
    assert set(policy.policy.channels) == {"SMS", "Web"}
    sample.history.write_parquet(tmp_path / "history.parquet")
    assert len(read_history([tmp_path / "history.parquet"], history_terms(schema, policy.policy))) == 117_123


def test_the_command_writes_all_of_it_and_overwrites_nothing(tmp_path, monkeypatch, capsys):
    path = write(tmp_path, f"1,anna,{at(1)},{at(2)},Web,Inbound,Gold,1,Accept", f"1,anna,{at(1)},{at(2)},,,,,Loyal")
    out, events, shop = (tmp_path / name for name in ("history.parquet", "events.ndjson", "shop"))
    asked = ["import", "pega", str(path), "--out", str(out), "--events", str(events), "--project", str(shop)]
    monkeypatch.setattr(sys, "argv", ["befit", *asked, "-o", "json"])
    for code in (0, 2):
        with pytest.raises(SystemExit) as ended:
            main()
        assert int(ended.value.code or 0) == code
    assert json.loads(capsys.readouterr().out)["contacts"] == 1
    told = json.loads(events.read_text())
    assert (told["type"], told["customer_id"], told["at"][:10]) == ("loyal", "anna", "2026-09-24")
    schema, policy = files_of(shop)
    assert len(read_history([out], history_terms(schema, policy.policy))) == 1


@NEEDS_DATASET
def test_a_historical_dataset_becomes_a_project_to_train_in(tmp_path):
    imported = read_interactions(DATASET)
    write_project(imported, tmp_path, "Imported")
    imported.history.write_parquet(tmp_path / "history.parquet")
    schema, policy = files_of(tmp_path)
    history = read_history([tmp_path / "history.parquet"], history_terms(schema, policy.policy))
    assert len(history) == 12_062
    assert history.results.success.sum() == 911
    assert history.results.closed.all()
    assert {"customer.customer_age", "customer.customer_creditscore"} <= set(history.inputs)
    assert "Customer_C_CIFNBR" in imported.left_out
    assert not any("decision" in name or "outcome_time" in name for name in schema.names)


@NEEDS_DATASET
def test_rates_of_the_dataset_by_channel_are_those_of_pdstools():
    renamed = {"Decision_InteractionID": "pxInteractionID", "Decision_OutcomeTime": "pxOutcomeTime"}
    renamed |= {f"Context_{name}": f"py{name}" for name in ("Channel", "Direction", "Issue", "Group", "Name")}
    rows = (
        pl.read_parquet(DATASET)
        .rename(renamed | {"Decision_Outcome": "pyOutcome"})
        .with_columns(pl.col("pxInteractionID").cast(pl.String), pyPropensity=pl.lit(None, dtype=pl.Float64))
    )
    theirs = pdstools.IH(rows.lazy()).aggregates.summary_outcomes(by=["Channel", "Name"]).collect()
    ours = read_interactions(DATASET).history.group_by("channel", "action", "outcome").agg(pl.len())
    counted = theirs.select("Channel", "Name", pl.col("Outcome").str.to_uppercase(), "Count")
    assert sorted(ours.rows()) == sorted(counted.rows())
