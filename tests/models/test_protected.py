"""Protected features: declared in the file, kept out of models unless it says why."""

import pytest

from documents.problem import DocumentInvalid
from models.feature_file import load_features
from models.features import FeatureSchema
from models.inputs import customer_inputs

DECLARED = """\
version: 1
features:
  spend:  {type: number}
  origin: {type: category, values: [here, there], protected: true}
  age:    {type: integer, protected: true, protected_use: {rules: the law asks}}
  sex:    {type: category, values: [f, m], protected: true, protected_use: {model: insurance tables}}
  region: {type: category, values: [n, s], protected: true, protected_use: prices are regional}
"""


@pytest.fixture
def schema(tmp_path):
    path = tmp_path / "features.yaml"
    path.write_text(DECLARED)
    return load_features(path)


def test_it_is_said_for_rules_for_models_or_for_both(schema):
    said = {one.name: (one.protected, one.why_in_rules, one.why_in_models) for one in schema.features}
    assert said == {
        "spend": (False, "", ""),
        "origin": (True, "", ""),
        "age": (True, "the law asks", ""),
        "sex": (True, "", "insurance tables"),
        "region": (True, "prices are regional", "prices are regional"),
    }


def test_a_model_is_given_only_what_is_declared_for_models(schema):
    assert [one.feature for one in customer_inputs(schema)] == ["spend", "sex", "region"]


def test_it_is_kept_with_the_schema_and_changes_no_vector(schema):
    assert FeatureSchema.from_json(schema.to_json()) == schema
    plain = FeatureSchema.from_json(schema.to_json().replace(b'"protected": true', b'"protected": false'))
    assert plain.hash == schema.hash


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("age: {type: integer, protected_use: the law asks}", "not-protected"),
        ("age: {type: integer, protected: true, protected_use: {modell: x}}", "unknown-key"),
        ("age: {type: integer, protected: true, protected_use: {rules: 7}}", "wrong-type"),
        ("age: {type: integer, protected: maybe}", "wrong-type"),
    ],
)
def test_mistakes_are_told(tmp_path, line, code):
    path = tmp_path / "features.yaml"
    path.write_text(f"version: 1\nfeatures:\n  {line}\n")
    with pytest.raises(DocumentInvalid) as raised:
        load_features(path)
    assert [one.code for one in raised.value.problems] == [code]
