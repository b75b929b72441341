"""`features.yaml` is read exactly, and every mistake is told where it stands."""

import pytest

from documents.problem import DocumentInvalid
from documents.strict_yaml import parse
from models.feature_file import load_features, read_features
from models.features import Aggregate, EventSource, Feature, FeatureSchema, FeatureType

GOOD = """\
version: 1
features:
  age:            {type: integer, unit: years, default: none, meaning: Age, personal: true, purpose: [service, credit]}
  value_12m:      {type: number, unit: EUR, default: 0, purpose: marketing}
  on_contract:    {type: flag, default: false, personal: false}
  handset_os:     {type: category, values: [ios, android, other], default: other}
  call_duration:  {type: number, known_after_outcome: true}
  income:         {type: number, log: no}
  visits:         {type: number, from: {event: page_view, aggregate: decayed_count, half_life: 7d}}
  spent:          {type: number, from: {event: order, aggregate: decayed_sum, of: total, half_life: 12h}}
  last_page:      {type: category, values: [a, none], default: none, from: {event: view, aggregate: last, of: page}}
  since_order:    {type: number, unit: s, from: {event: order, aggregate: age}}
  orders:         {type: integer, from: batch}
"""


def load(tmp_path, text):
    path = tmp_path / "features.yaml"
    path.write_text(text)
    return load_features(path)


def problems(tmp_path, line):
    with pytest.raises(DocumentInvalid) as raised:
        load(tmp_path, f"version: 1\nfeatures:\n  {line}\n")
    return [(one.code, one.place.line, one.place.column) for one in raised.value.problems]


def test_all_that_can_be_declared_is_read(tmp_path):
    schema = load(tmp_path, GOOD)
    assert schema.names[:3] == ("age", "value_12m", "on_contract")
    assert schema.feature("age") == Feature(
        "age", FeatureType.INTEGER, unit="years", meaning="Age", purpose=("service", "credit")
    )
    assert schema.feature("value_12m").default == 0.0
    assert schema.feature("value_12m").purpose == ("marketing",)
    assert schema.feature("on_contract").default is False
    assert not schema.feature("on_contract").personal
    assert schema.feature("handset_os").default == "other"
    assert schema.feature("last_page").default == "none"
    assert schema.feature("orders").source is None


def test_event_sources_carry_their_half_life_in_seconds(tmp_path):
    schema = load(tmp_path, GOOD)
    sources = {one.name: one.source for one in schema.features if one.source}
    assert sources == {
        "visits": EventSource("page_view", Aggregate.DECAYED_COUNT, 7 * 86400.0),
        "spent": EventSource("order", Aggregate.DECAYED_SUM, 12 * 3600.0, "total"),
        "last_page": EventSource("view", Aggregate.LAST, of="page"),
        "since_order": EventSource("order", Aggregate.AGE),
    }


def test_what_is_not_logged_or_known_too_late_is_not_for_models(tmp_path):
    schema = load(tmp_path, GOOD)
    assert [one.name for one in schema.features if not one.trainable] == ["call_duration", "income"]


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("age: {type: integr}", "unknown-name", 15),
        ("age: {unit: years}", "missing-key", 8),
        ("age: {type: integer, defualt: 3}", "unknown-key", 24),
        ("age: {type: integer, default: 3.5}", "wrong-type", 33),
        ("age: {type: integer, default: 16777217}", "out-of-range", 33),
        ("age: {type: number, default: 4e38}", "out-of-range", 32),
        ("age: {type: number, default: young}", "wrong-type", 32),
        ("age: {type: number, values: [a]}", "values", 23),
        ("os: {type: category}", "missing-key", 7),
        ("os: {type: category, values: []}", "empty", 32),
        ("os: {type: category, values: [a, b, a]}", "duplicate-value", 32),
        ("os: {type: category, values: [a], default: b}", "unknown-name", 46),
        ("on: {type: flag, default: 1}", "wrong-type", 29),
        ("on: {type: flag, log: maybe}", "unknown-name", 25),
        ("on: {type: flag, from: stream}", "unknown-name", 26),
        ("2nd: {type: flag}", "name", 3),
        ("v: {type: number, from: {event: e, aggregate: decayed_count}}", "missing-key", 27),
        ("v: {type: number, from: {event: e, aggregate: age, half_life: 7d}}", "unknown-key", 54),
        ("v: {type: number, from: {event: e, aggregate: decayed_count, half_life: 7}}", "duration", 75),
        ("v: {type: number, from: {event: e, aggregate: decayed_count, half_life: 0d}}", "duration", 75),
        ("v: {type: number, from: {event: e, aggregate: last}}", "missing-key", 27),
        ("v: {type: flag, from: {event: e, aggregate: age}}", "aggregate-type", 25),
        ("v: {type: flag, from: {event: case_opened, aggregate: open}}", "aggregate-type", 25),
        ("v: {type: integer, from: {event: page_view, aggregate: overdue}}", "opens-nothing", 28),
        ("v: {type: number, from: {event: e, aggregate: mean}}", "unknown-name", 49),
    ],
)
def test_a_mistake_is_told_at_its_place(tmp_path, line, code, column):
    assert problems(tmp_path, line) == [(code, 3, column)]


def test_all_mistakes_are_told_at_once(tmp_path):
    with pytest.raises(DocumentInvalid) as raised:
        load(tmp_path, "version: 2\nfeatures:\n  a: {type: x}\n  b: {typ: flag}\n")
    assert [one.place.line for one in raised.value.problems] == [1, 3, 4, 4]


def test_a_file_without_features_is_told(tmp_path):
    with pytest.raises(DocumentInvalid, match="no feature"):
        load(tmp_path, "version: 1\nfeatures: {}\n")


def test_a_schema_survives_json(tmp_path):
    schema = load(tmp_path, GOOD)
    again = FeatureSchema.from_json(schema.to_json())
    assert again == schema
    assert again.hash == schema.hash


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("meaning: Age", "meaning: Years lived", True),
        ("default: 0", "default: 1", True),
        ("[ios, android, other]", "[android, ios, other]", False),
        ("age:            {type: integer", "age:            {type: number", False),
        ("orders:", "order_count:", False),
    ],
)
def test_the_hash_covers_what_stored_vectors_mean(tmp_path, old, new, same):
    before, after = load(tmp_path, GOOD), load(tmp_path, GOOD.replace(old, new))
    assert (before.hash == after.hash) is same
    assert len(before.hash) == 8


def test_what_stands_in_tables_is_not_personal_or_said_to():
    text = """
version: 1
features:
  age: {type: integer}
  tenure: {type: integer, tables: true}
  queue: {type: number, personal: false}
  price: {type: number, personal: false, tables: false}
  secret: {type: number, tables: true, log: no}
"""
    schema = read_features(parse(text, "features.yaml"))
    assert [one.name for one in schema.features if one.in_tables] == ["tenure", "queue"]
    assert FeatureSchema.from_json(schema.to_json()) == schema
