"""A bundle is written whole or not at all, and its golden vectors sit where models go wrong."""

from dataclasses import replace

import lightgbm
import numpy as np
import pytest

from models import bundle_writer
from models.bundle_files import LEAST_GOLDEN, read_files
from models.bundle_writer import BundleParts, BundleUnwritable, write_bundle
from models.calibration import IDENTITY, Calibration
from models.features import Feature, FeatureSchema, FeatureType
from models.manifest import Input, InputScope, InputType, Training, column_names
from models.trees import read_forest

SCHEMA = FeatureSchema((Feature("value", FeatureType.NUMBER),))
INPUTS = (
    Input("customer.value", InputScope.CUSTOMER, feature="value"),
    Input("context.queue minutes", InputScope.MOMENT),
    Input("action.id", InputScope.ACTION, InputType.CATEGORY, ("plan", "phone")),
)


def model(rows, **settings):
    settings = {"objective": "binary", "num_leaves": 5, "verbose": -1, "num_threads": 1, **settings}
    label = rows[:, 0] > rows[:, 1]
    names = list(column_names(INPUTS))
    dataset = lightgbm.Dataset(rows, label, feature_name=names, categorical_feature=[2], params=settings)
    return lightgbm.train(settings, dataset, num_boost_round=4).model_to_string()


@pytest.fixture(scope="module")
def parts():
    draws = np.random.default_rng(3)
    rows = draws.normal(size=(200, 3)).astype(np.float32)
    rows[:, 2] = draws.integers(0, 2, size=200)
    table = Calibration({"*": IDENTITY})
    training = Training(0.0, 1.0, 200)
    return BundleParts("shop", 2.0, model(rows), INPUTS, SCHEMA, "ACCEPTED", training, table, {}, rows)


def test_what_is_written_can_be_read(parts, tmp_path):
    manifest = write_bundle(tmp_path / "deep" / "bundle", parts)
    files = read_files(tmp_path / "deep" / "bundle")
    assert files.manifest.revision == manifest.revision
    assert files.schema == SCHEMA
    assert files.calibration == parts.calibration
    assert files.model_text == parts.model_text
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["bundle"]


def test_golden_rows_are_many_and_cover_missing_values_and_thresholds(parts, tmp_path):
    golden = write_bundle(tmp_path / "bundle", parts).golden
    rows = np.array([one.row for one in golden], dtype=np.float32)
    assert len(rows) >= LEAST_GOLDEN
    assert np.isnan(rows).all(axis=1).any()
    assert (np.isnan(rows).any(axis=1) & ~np.isnan(rows).all(axis=1)).any()
    split = [tree.threshold[tree.feature == 0] for tree in read_forest(parts.model_text).trees]
    at = np.concatenate(split).astype(np.float32)
    for edge in (at, np.nextafter(at, np.float32(np.inf)), np.nextafter(at, np.float32(-np.inf))):
        assert np.isin(rows[:, 0], edge).any()


def test_infinite_samples_become_missing_in_golden_rows(parts, tmp_path):
    sample = np.full_like(parts.sample, np.inf)
    golden = write_bundle(tmp_path / "bundle", replace(parts, sample=sample)).golden
    assert not np.isinf([one.row for one in golden]).any()


def test_a_bundle_is_replaced_whole(parts, tmp_path):
    first = write_bundle(tmp_path / "bundle", parts)
    (tmp_path / "bundle" / "left over.txt").write_text("from before")
    second = write_bundle(tmp_path / "bundle", replace(parts, created_at=3.0))
    assert read_files(tmp_path / "bundle").manifest.revision == second.revision != first.revision
    assert not (tmp_path / "bundle" / "left over.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(parts, tmp_path, monkeypatch):
    before = write_bundle(tmp_path / "bundle", parts)
    written = bundle_writer._write_through

    def full_disk(path, content):
        if path.name == "manifest.json":
            raise OSError(28, "no space left")
        written(path, content)

    monkeypatch.setattr(bundle_writer, "_write_through", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_bundle(tmp_path / "bundle", replace(parts, created_at=3.0))
    assert read_files(tmp_path / "bundle").manifest.revision == before.revision
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_a_directory_of_something_else_is_left_alone(parts, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"meow")
    with pytest.raises(BundleUnwritable, match="no bundle"):
        write_bundle(tmp_path / "photos", parts)


def test_parts_that_do_not_fit_each_other_are_refused(parts, tmp_path):
    for wrong, why in (
        (replace(parts, inputs=INPUTS[::-1]), "feature names"),
        (replace(parts, sample=parts.sample[:, :2]), "shape"),
        (replace(parts, sample=parts.sample[:0]), "shape"),
        (replace(parts, model_text=model(parts.sample, objective="regression")), "probability"),
        (replace(parts, model_text=model(parts.sample, objective="multiclass", num_class=2)), "probability"),
    ):
        with pytest.raises(BundleUnwritable, match=why):
            write_bundle(tmp_path / "bundle", wrong)
    assert list(tmp_path.iterdir()) == []
