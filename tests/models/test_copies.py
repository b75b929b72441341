"""Customers that are copies of one another are found; people who merely resemble one another are not joined."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from models.copies import find_copies

IBM = Path(__file__).parents[3] / "shared" / "data" / "ibm_marketing_value_ibm_marketing_value.csv.gz"


def people(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.column_stack(
        [rng.normal(1_000, 300, count), rng.normal(40, 9, count), rng.integers(0, 4, count), rng.integers(0, 2, count)]
    ).astype(np.float32)


def test_whole_rows_under_several_ids_are_one_person() -> None:
    features = np.concatenate([people(200), people(200)[:20], people(200)[:20]])
    found = find_copies(np.arange(240), features)
    assert found.copied == 60
    assert found.groups[0] == found.groups[200] == found.groups[220]
    assert len(np.unique(found.groups)) == 200


def test_copies_with_one_changed_field_are_found_by_their_telling_numbers() -> None:
    features = np.concatenate([people(200), people(200)[:20]])
    features[200:, 2] = (features[200:, 2] + 1) % 4
    assert find_copies(np.arange(220), features).copied == 40


def test_people_who_share_ordinary_answers_are_not_joined() -> None:
    rng = np.random.default_rng(1)
    flags = rng.integers(0, 2, (500, 5)).astype(np.float32)
    assert find_copies(np.arange(500), flags).copied == 0


def test_one_customer_with_many_rows_is_no_copy() -> None:
    features = np.repeat(people(50), 6, axis=0)
    assert find_copies(np.repeat(np.arange(50), 6), features).copied == 0


def test_missing_values_are_equal_to_one_another() -> None:
    features = np.concatenate([people(200), people(200)[:10]])
    features[[0, 200], 2] = np.nan
    assert find_copies(np.arange(210), features).copied == 20


def test_strangers_of_whom_little_is_known_are_not_one_person() -> None:
    features = people(400)
    features[200:, :3] = np.nan
    assert find_copies(np.arange(400), features).copied == 0


def test_without_features_nobody_is_a_copy() -> None:
    assert find_copies(np.arange(5), np.empty((5, 0), dtype=np.float32)).copied == 0


def test_the_218_responders_copied_six_times_are_found() -> None:
    if not IBM.exists():
        pytest.skip("the vendor sample is not here")
    table = pl.read_csv(IBM).drop("Customer", "Response")
    columns = [
        one.cast(pl.Categorical).to_physical() if one.dtype == pl.String else one for one in table.iter_columns()
    ]
    found = find_copies(np.arange(len(table)), np.column_stack(columns).astype(np.float32))
    assert found.copied == 218 * 6
    assert sorted(np.bincount(found.groups))[-218:] == [6] * 218
