"""A bundle is served whole and proven, or refused with its reason; a damaged model never reaches this process."""

import hashlib
import json
import re
import shutil

import lightgbm
import numpy as np
import pytest

from models import bundle as bundle_module
from models.bundle import BundleRefused, Refusal, expect_schema, load_bundle
from models.bundle_files import read_files
from models.bundle_writer import BundleParts, write_bundle
from models.calibration import IDENTITY, Calibration
from models.features import Feature, FeatureSchema, FeatureType
from models.manifest import Input, InputScope, InputType, Training, column_names, manifest_from_json
from models.native_scorer import NativeScorer
from models.scorer import score_rows

SCHEMA = FeatureSchema(
    (
        Feature("value", FeatureType.NUMBER),
        Feature("age", FeatureType.INTEGER),
        Feature("os", FeatureType.CATEGORY, ("ios", "android", "other")),
    )
)
INPUTS = (
    Input("customer.age", InputScope.CUSTOMER, feature="age"),
    Input("customer.os", InputScope.CUSTOMER, InputType.CATEGORY, ("ios", "android", "other"), "os"),
    Input("moment.hour", InputScope.MOMENT),
    Input("action.price", InputScope.ACTION),
    Input("pair.times_shown", InputScope.PAIR),
)
FILES = ("model.txt", "calibration.json", "schema.json", "manifest.json")


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    draws = np.random.default_rng(7)
    rows = draws.normal(size=(600, 5)).astype(np.float32)
    rows[:, 1] = draws.integers(0, 3, size=600)
    rows[draws.random(rows.shape) < 0.1] = np.nan
    label = np.nan_to_num(rows[:, 0]) + np.nan_to_num(rows[:, 3]) > draws.normal(size=600)
    settings = {"objective": "binary", "num_leaves": 7, "verbose": -1, "num_threads": 1, "min_data_per_group": 5}
    names = list(column_names(INPUTS))
    dataset = lightgbm.Dataset(rows, label, feature_name=names, categorical_feature=[1], params=settings)
    text = lightgbm.train(settings, dataset, num_boost_round=12).model_to_string()
    table = Calibration({"*": IDENTITY})
    training = Training(0.0, 1.0, 600)
    parts = BundleParts("shop", 2.0, text, INPUTS, SCHEMA, "ACCEPTED", training, table, {"auc": 0.8}, rows)
    directory = tmp_path_factory.mktemp("bundles") / "good"
    write_bundle(directory, parts)
    return directory


@pytest.fixture
def copy(good, tmp_path):
    return shutil.copytree(good, tmp_path / "copy")


def reseal(directory, **changed):
    """Make digests and revision fit whatever the files are now, as an attacker or a broken tool would."""
    path = directory / "manifest.json"
    said = json.loads(path.read_text()) | changed
    said["sha256"] = {name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in FILES[:3]}
    said.pop("revision")
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
    path.write_text(json.dumps(said | {"revision": hashlib.sha256(canonical.encode()).hexdigest()[:12]}))


def edit_model(directory, pattern, replacement):
    text = (directory / "model.txt").read_text()
    edited = re.sub(pattern, replacement, text, count=1)
    assert edited != text
    (directory / "model.txt").write_text(edited)
    reseal(directory)


def refusal(directory, **options):
    with pytest.raises(BundleRefused) as raised:
        load_bundle(directory, **options)
    return raised.value.reason


def test_a_good_bundle_is_served_natively_and_repeats_its_golden_margins(good):
    bundle = load_bundle(good)
    assert isinstance(bundle.scorer, NativeScorer)
    assert bundle.revision == bundle.manifest.revision
    assert bundle.customer_schema.names == ("age", "os")
    assert [one.name for one in bundle.uses(InputScope.PAIR)] == ["pair.times_shown"]
    golden = bundle.manifest.golden
    found = score_rows(bundle.scorer, INPUTS, np.array([one.row for one in golden], dtype=np.float32))
    assert found == pytest.approx([one.raw for one in golden], abs=1e-9)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(copy, name):
    (copy / name).unlink()
    assert refusal(copy) == Refusal.MISSING_FILE


def test_a_missing_directory_and_a_link_out_of_it_are_refused(copy, tmp_path):
    assert refusal(tmp_path / "nowhere") == Refusal.MISSING_FILE
    (copy / "model.txt").rename(tmp_path / "elsewhere.txt")
    (copy / "model.txt").symlink_to(tmp_path / "elsewhere.txt")
    assert refusal(copy) == Refusal.MISSING_FILE


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_anywhere_is_refused_before_anything_loads_it(copy, name):
    whole = (copy / name).read_bytes()
    for percent in range(0, 100, 4):
        (copy / name).write_bytes(whole[: len(whole) * percent // 100])
        with pytest.raises(BundleRefused) as raised:
            read_files(copy)
        assert raised.value.reason in {Refusal.FILE_CHANGED, Refusal.MANIFEST_INVALID}


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_anywhere_is_refused_or_changes_nothing_said(copy, good, name):
    whole = (copy / name).read_bytes()
    draws = np.random.default_rng(1)
    reasons = set()
    for place in draws.integers(0, len(whole), size=150):
        damaged = bytearray(whole)
        damaged[place] ^= int(draws.integers(1, 256))
        (copy / name).write_bytes(damaged)
        try:
            assert read_files(copy).manifest.revision == read_files(good).manifest.revision
        except BundleRefused as refused:
            reasons.add(refused.reason)
    assert Refusal.FILE_CHANGED in reasons or Refusal.MANIFEST_INVALID in reasons
    assert reasons <= {Refusal.FILE_CHANGED, Refusal.MANIFEST_INVALID, Refusal.PICKLE}


@pytest.mark.parametrize("percent", [2, 30, 60, 95, 99])
def test_a_cut_model_with_a_fitting_digest_fails_its_trial(copy, percent):
    text = (copy / "model.txt").read_text()
    (copy / "model.txt").write_text(text[: text.index("end of trees") * percent // 100])
    reseal(copy)
    assert refusal(copy) == Refusal.MODEL_INVALID


@pytest.mark.parametrize(
    ("pattern", "replacement", "reason"),
    [
        (r"left_child=\S+", "left_child=0", Refusal.MODEL_INVALID),
        (r"num_leaves=\d+", "num_leaves=2000000000", Refusal.MODEL_INVALID),
        (r"leaf_value=(-?)0", r"leaf_value=\g<1>1", Refusal.GOLDEN_MISMATCH),
        (r"objective=binary sigmoid:1", "objective=regression", Refusal.MODEL_INVALID),
        (r"moment.hour action.price", "action.price moment.hour", Refusal.MODEL_INVALID),
        (r"\nfeature_infos=.*", "", Refusal.MODEL_INVALID),
        (r"tree_sizes=(\d+)", r"tree_sizes=\g<1>99999", Refusal.CRASHED),
    ],
)
def test_a_wrong_model_with_a_fitting_digest_fails_its_trial(copy, pattern, replacement, reason):
    edit_model(copy, pattern, replacement)
    assert refusal(copy) == reason


def test_a_model_that_takes_too_long_is_given_up(good):
    assert refusal(good, trial_seconds=0.01) == Refusal.TIMED_OUT


def test_a_bundle_that_changes_while_it_loads_is_refused(good, monkeypatch):
    monkeypatch.setattr(bundle_module, "_trial", lambda directory, seconds: "0" * 12)
    assert refusal(good) == Refusal.FILE_CHANGED


def test_pickles_are_refused_by_name_and_by_content(copy):
    (copy / "model.txt").write_bytes(b"\x80\x04cos\nsystem\n")
    reseal(copy)
    assert refusal(copy) == Refusal.PICKLE
    (copy / "extra.joblib").write_bytes(b"")
    assert refusal(copy) == Refusal.PICKLE


@pytest.mark.parametrize("content", [b"", b"[]", b"not json", b'{"format": 1}', b"[" * 100_000, b"\xff\xfe"])
def test_a_manifest_that_is_none_is_refused(copy, content):
    (copy / "manifest.json").write_bytes(content)
    assert refusal(copy) == Refusal.MANIFEST_INVALID


@pytest.mark.parametrize(
    "changed", [{"golden": []}, {"inputs": []}, {"format": 2}, {"golden": [{"row": [1.0], "raw": 0.0}] * 30}]
)
def test_a_manifest_without_its_proofs_is_refused(copy, changed):
    reseal(copy, **changed)
    assert refusal(copy) == Refusal.MANIFEST_INVALID


def test_a_schema_that_is_not_the_manifests_is_refused(copy):
    (copy / "schema.json").write_bytes(FeatureSchema(SCHEMA.features[:2]).to_json())
    reseal(copy)
    assert refusal(copy) == Refusal.SCHEMA_MISMATCH


def test_a_calibration_that_is_none_is_refused(copy):
    (copy / "calibration.json").write_text('{"format": 1, "curves": {}}')
    reseal(copy)
    assert refusal(copy) == Refusal.CALIBRATION_INVALID


def test_features_may_be_added_and_moved_but_not_lost_retyped_or_hidden(good):
    bundle = load_bundle(good)
    expect_schema(bundle, FeatureSchema((*SCHEMA.features[::-1], Feature("new", FeatureType.FLAG))))
    for features in (
        SCHEMA.features[:2],
        (*SCHEMA.features[:2], Feature("os", FeatureType.NUMBER)),
        (*SCHEMA.features[:2], Feature("os", FeatureType.CATEGORY, ("ios",), logged=False)),
        (*SCHEMA.features[:2], Feature("os", FeatureType.CATEGORY, ("ios",), known_after_outcome=True)),
        (*SCHEMA.features[:2], Feature("os", FeatureType.CATEGORY, ("ios",), protected=True)),
    ):
        with pytest.raises(BundleRefused, match="SCHEMA_MISMATCH"):
            expect_schema(bundle, FeatureSchema(features))


def test_a_manifest_survives_json_and_its_revision_is_what_it_says(good):
    content = (good / "manifest.json").read_bytes()
    manifest = manifest_from_json(content)
    assert manifest_from_json(manifest.to_json()).revision == manifest.revision
    with pytest.raises(ValueError, match="revision"):
        manifest_from_json(content.replace(b'"ACCEPTED"', b'"REJECTED"'))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "manifest.json is not JSON"),
        (b"\xff\xfe\x00", "manifest.json is not JSON"),
        (b"{}", "manifest.json has no 'format'"),
        (b"[]", "manifest.json does not have the form of such a file"),
        (b'{"format": 9}', "manifest.json does not hold: format 9 is not 1"),
    ],
)
def test_a_refusal_is_told_in_words(copy, content, told):
    (copy / "manifest.json").write_bytes(content)
    with pytest.raises(BundleRefused) as raised:
        load_bundle(copy)
    assert raised.value.detail == told
