"""What is stored of a customer comes back as it was, or not at all."""

import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.codec import HEADER, Unreadable, ValueInvalid, Vector, VectorRefused, decode, encode, fits
from models.features import Feature, FeatureSchema, FeatureType
from models.gather import Gather, ReadValues, ValueReader, as_written, read_values

NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)
NAMES = st.lists(st.sampled_from([f"f{i}" for i in range(12)]), unique=True, max_size=12)
WORDS = st.lists(st.sampled_from(["ios", "android", "web", "other", "NO"]), unique=True, min_size=1)


@dataclass(frozen=True)
class Customer:
    tenant: str
    customer: str


ANNA = Customer("shop", "anna")


@st.composite
def schemas(draw):
    kinds = {name: draw(st.sampled_from(FeatureType)) for name in draw(NAMES)}
    words = {name: tuple(draw(WORDS)) if kind == FeatureType.CATEGORY else () for name, kind in kinds.items()}
    return FeatureSchema(tuple(Feature(name, kind, words[name]) for name, kind in kinds.items()))


def value_of(draw, feature):
    match feature.type:
        case FeatureType.CATEGORY:
            return draw(st.sampled_from(feature.values))
        case FeatureType.FLAG:
            return draw(st.booleans())
        case FeatureType.INTEGER:
            return float(draw(st.integers(-(2**24), 2**24)))
        case FeatureType.NUMBER:
            return draw(NUMBERS)


@st.composite
def known(draw):
    schema = draw(schemas())
    present = [feature for feature in schema.features if draw(st.booleans())]
    return schema, {feature.name: value_of(draw, feature) for feature in present}


@given(known())
def test_values_come_back_as_they_were_stored(pair):
    schema, values = pair
    vector = decode(encode(schema, values, ANNA, 1234.5), ANNA)
    assert isinstance(vector, Vector)
    assert vector.written_at == 1234.5
    assert fits(vector, schema)
    assert read_values(schema, vector.body) == _as_rules_see(schema, values)


def _as_rules_see(schema: FeatureSchema, values: dict[str, Any]) -> dict[str, Any]:
    """Numbers come back to seven digits, everything else as it is."""
    numbers = {name for name in values if schema.feature(name).type is FeatureType.NUMBER}
    return {name: as_written(value) if name in numbers else value for name, value in values.items()}


@given(known(), st.randoms(use_true_random=False))
def test_reordered_added_and_removed_features_and_values_lose_nothing_else(pair, chance):
    schema, values = pair
    staying = [feature for feature in schema.features if chance.random() < 0.8]
    chance.shuffle(staying)
    wanted = []
    for feature in staying:
        words = [word for word in feature.values if chance.random() < 0.7]
        chance.shuffle(words)
        wanted.append(Feature(feature.name, feature.type, ("new", *words) if feature.values else ()))
    wanted.insert(chance.randrange(len(wanted) + 1), Feature("added", FeatureType.NUMBER))
    after = FeatureSchema(tuple(wanted))
    body = decode(encode(schema, values, ANNA, 0.0), ANNA).body
    found = read_values(after, Gather(schema, after).gather(body))
    possible = {one.name: one for one in wanted if one.name in values}
    kept = {name: values[name] for name, one in possible.items() if not one.values or values[name] in one.values}
    assert found == _as_rules_see(after, kept)


def test_the_body_is_a_view_of_the_stored_bytes():
    schema = FeatureSchema((Feature("a", FeatureType.NUMBER), Feature("b", FeatureType.NUMBER)))
    blob = encode(schema, {"a": 1.5}, ANNA, 0.0)
    vector = decode(blob, ANNA)
    assert len(blob) == 32 + 8
    assert np.shares_memory(vector.body, np.frombuffer(blob, dtype=np.uint8))
    assert not vector.body.flags.writeable
    assert math.isnan(vector.body[1])


SHOP = FeatureSchema(
    (
        Feature("age", FeatureType.INTEGER),
        Feature("value", FeatureType.NUMBER),
        Feature("contract", FeatureType.FLAG),
        Feature("os", FeatureType.CATEGORY, ("ios", "android")),
    )
)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("age", 2**24 + 1, "2^24"),
        ("age", 10**400, "too large"),
        ("age", 3.5, "whole"),
        ("age", True, "must be a number"),
        ("value", math.inf, "infinite"),
        ("value", 1e39, "too large"),
        ("value", "12", "must be a number"),
        ("contract", 2, "true or false"),
        ("contract", "yes", "must be true or false"),
        ("os", "windows", "'windows'"),
        ("os", 1, "must be one of its values"),
        ("height", 1.8, "not a feature"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(name, value, why):
    with pytest.raises(ValueInvalid, match=why.replace("^", r"\^")) as raised:
        encode(SHOP, {name: value}, ANNA, 0.0)
    assert raised.value.feature == name


@pytest.mark.parametrize("missing", [None, math.nan, np.float32(np.nan)])
@pytest.mark.parametrize("name", ["age", "value", "contract", "os"])
def test_nothing_and_nan_are_missing(name, missing):
    body = decode(encode(SHOP, {name: missing}, ANNA, 0.0), ANNA).body
    assert read_values(SHOP, body) == {}


def test_numpy_scalars_are_values():
    values = {"age": np.int64(30), "value": np.float64(2.5), "contract": np.bool_(True), "os": np.str_("ios")}
    body = decode(encode(SHOP, values, ANNA, 0.0), ANNA).body
    assert read_values(SHOP, body) == {"age": 30.0, "value": 2.5, "contract": True, "os": "ios"}


BLOB = encode(SHOP, {"age": 30}, ANNA, 0.0)


@pytest.mark.parametrize(
    ("blob", "reason"),
    [
        (b"", Unreadable.SHORT),
        (BLOB[:31], Unreadable.SHORT),
        (b"XX" + BLOB[2:], Unreadable.MAGIC),
        (BLOB[:2] + b"\x02" + BLOB[3:], Unreadable.VERSION),
        (BLOB[:3] + b"\x01" + BLOB[4:], Unreadable.VERSION),
        (BLOB[:-4], Unreadable.LENGTH),
        (BLOB[:-1], Unreadable.LENGTH),
        (BLOB + b"\0\0\0\0", Unreadable.LENGTH),
    ],
)
def test_damaged_bytes_are_refused_with_the_reason(blob, reason):
    assert decode(blob, ANNA) == VectorRefused(reason)


@pytest.mark.parametrize("other", [Customer("shop", "bert"), Customer("bank", "anna"), Customer("sho", "panna")])
def test_another_customers_vector_is_refused(other):
    assert decode(BLOB, other) == VectorRefused(Unreadable.OTHER_CUSTOMER)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(blob):
    assert isinstance(decode(blob, ANNA), Vector | VectorRefused)


def test_a_vector_of_19_or_21_values_does_not_fit_a_schema_of_20():
    schema = FeatureSchema(tuple(Feature(f"f{i}", FeatureType.NUMBER) for i in range(20)))
    for count in (19, 20, 21):
        fields = (b"BV", 1, 0, count, 0, int.from_bytes(schema.hash, "little"), 0.0)
        check = HEADER.unpack_from(BLOB)[-1]
        vector = decode(HEADER.pack(*fields, check) + struct.pack(f"<{count}f", *range(count)), ANNA)
        assert fits(vector, schema) == (count == 20)
        if count != 20:
            with pytest.raises(ValueError, match="not of 20"):
                Gather(schema, schema).gather(vector.body)


def test_values_that_make_no_sense_are_missing_and_named():
    body = np.array([30, np.inf, 2, 7], dtype=np.float32)
    assert ValueReader(SHOP).read(body) == ReadValues({"age": 30.0}, ("value", "contract", "os"))
    assert ValueReader(SHOP).read(np.float32([-np.inf, 1, 0.5, 0.5])).values == {"value": 1.0}


def test_infinities_and_unknown_codes_do_not_reach_the_model():
    wanted = FeatureSchema(
        (Feature("os", FeatureType.CATEGORY, ("android", "ios", "web")), Feature("value", FeatureType.NUMBER))
    )
    gather = Gather(SHOP, wanted)
    for code in (2, -1, 0.5, np.inf, np.nan):
        assert np.isnan(gather.gather(np.float32([30, np.inf, 1, code]))).all()
    assert gather.gather(np.float32([30, 5, 1, 0])).tolist() == [1, 5]


def test_a_feature_of_another_type_is_missing_but_numbers_and_integers_are_alike():
    wanted = FeatureSchema((Feature("age", FeatureType.NUMBER), Feature("contract", FeatureType.NUMBER)))
    found = Gather(SHOP, wanted).gather(np.float32([30, 1, 1, 0]))
    assert found[0] == 30
    assert np.isnan(found[1])


def test_an_empty_schema_gathers_nothing_but_missing_values():
    nothing = FeatureSchema(())
    vector = decode(encode(nothing, {}, ANNA, 0.0), ANNA)
    assert np.isnan(Gather(nothing, SHOP).gather(vector.body)).all()
    assert len(Gather(SHOP, nothing).gather(np.zeros(4, dtype=np.float32))) == 0
