"""Reading a file of customers: chunks, types, consent, and rows that do not hold told by their line."""

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from documents.problem import DocumentInvalid
from engine.customers_file import CustomerRows, read_customers
from models.features import Feature, FeatureSchema, FeatureType

SCHEMA = FeatureSchema(
    (
        Feature("age", FeatureType.INTEGER),
        Feature("value", FeatureType.NUMBER),
        Feature("os", FeatureType.CATEGORY, ("ios", "android")),
        Feature("contract", FeatureType.FLAG),
        Feature("income", FeatureType.NUMBER, logged=False),
    )
)


def read(folder: Path, text: str, rows: int = 1_000) -> list[CustomerRows]:
    (folder / "customers.csv").write_text(text)
    return list(read_customers(folder / "customers.csv", SCHEMA, rows))


def test_features_become_vectors_in_the_order_of_the_schema(tmp_path: Path) -> None:
    text = "contract,os,customer_id,age,customer.value,income\nyes,android,ann,41,2.5,7\n,,bob,,,\n"
    (chunk,) = read(tmp_path, text)
    assert chunk.customer_ids == ("ann", "bob")
    np.testing.assert_array_equal(chunk.vectors, [[41, 2.5, 1, 1, 7], [np.nan] * 5])
    assert chunk.vectors.dtype == np.float32
    assert chunk.row_ids is None


def test_consent_and_zone_come_along(tmp_path: Path) -> None:
    text = (
        "customer_id,consent:push:marketing,consent:sms:service,time_zone\n"
        "ann,true,0,Asia/Tokyo\nbob,,yes,\ncat,no,,Europe/Berlin\n"
    )
    (chunk,) = read(tmp_path, text)
    assert chunk.consent == (
        {"push:marketing": True, "sms:service": False},
        {"sms:service": True},
        {"push:marketing": False},
    )
    assert chunk.time_zones == ("Asia/Tokyo", "", "Europe/Berlin")


def test_wrong_rows_are_left_out_and_told_by_line_the_others_stand(tmp_path: Path) -> None:
    rows = [
        "customer_id,age,os,time_zone",
        "ann,40,ios,",
        "bob,forty,beos,",
        ",30,ios,",
        "cat,30,ios,Mars/Base",
        "d{og},30,ios,",
        "eve,31,android,",
    ]
    (chunk,) = read(tmp_path, "\n".join(rows))
    assert chunk.customer_ids == ("ann", "eve")
    assert chunk.wrong == 4
    assert [problem.place.line for problem in chunk.problems] == [3, 4, 5, 6]
    assert "'forty' is not a number" in chunk.problems[0].message
    assert "the cell is empty" in chunk.problems[1].message


def test_lines_go_on_through_chunks(tmp_path: Path) -> None:
    rows = ["customer_id,age", *(f"c{one},{one}" for one in range(2_500)), "last,old"]
    chunks = read(tmp_path, "\n".join(rows), rows=500)
    assert len(chunks) > 1
    assert [one for chunk in chunks for one in chunk.customer_ids] == [f"c{one}" for one in range(2_500)]
    problems = [problem for chunk in chunks for problem in chunk.problems]
    assert [problem.place.line for problem in problems] == [2_502]


def test_parquet_keeps_its_row_ids(tmp_path: Path) -> None:
    frame = pl.DataFrame({"customer_id": [7, 8], "row_id": [100, 200], "age": [1, None], "contract": [True, False]})
    frame.write_parquet(tmp_path / "customers.parquet")
    (chunk,) = read_customers(tmp_path / "customers.parquet", SCHEMA)
    assert chunk.customer_ids == ("7", "8")
    assert chunk.row_ids == ("100", "200")
    np.testing.assert_array_equal(chunk.vectors[:, 3], [1, 0])


def test_columns_that_mean_nothing_are_noted_once(tmp_path: Path) -> None:
    chunks = read(tmp_path, "customer_id,agee\n" + "".join(f"c{one},1\n" for one in range(2_000)), rows=400)
    notes = [note for chunk in chunks for note in chunk.notes]
    assert [(note.code, note.hint) for note in notes] == [("undeclared-column", "did you mean 'age'?")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("customer,age\nann,3\n", "the column 'customer_id' is missing"),
        ("customer_id,consent:push\nann,1\n", "names no consent"),
        ("customer_id\n", "the file has no rows"),
        ("", "the file is empty"),
        ("customer_id,age\nann,3,4\n", "3 columns where the header has 2"),
    ],
)
def test_what_is_no_table_of_customers_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DocumentInvalid, match=said):
        read(tmp_path, text)


def test_a_compressed_file_that_ends_early_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(("customer_id,age\n" + "ann,3\n" * 5_000).encode())
    (tmp_path / "customers.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DocumentInvalid, match="cannot be read"):
        list(read_customers(tmp_path / "customers.csv.gz", SCHEMA))
