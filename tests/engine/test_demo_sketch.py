"""Sketches of companies: formulas give columns, and a mistake in them is told at its place, all of them at once."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from documents.problem import DocumentInvalid
from engine.demo.company.customers import draw_customers
from engine.demo.company.formula import FormulaMistaken, parse_formula
from engine.demo.company.formula_functions import Chance
from engine.demo.company.read_sketch import load_sketch
from engine.demo.pack import pack_folder
from engine.project import load_snapshot

COLUMNS = {
    "age": np.array([12.0, 30.0, np.nan]),
    "bond": np.array(["none", "account", ""]),
    "member": np.array([True, False, True]),
}


def column(source: str, rows: int = 3, seed: int = 7):
    found = parse_formula(source, COLUMNS).column(COLUMNS, Chance(np.random.default_rng(seed), rows))
    assert found.shape == (rows,)
    return found


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("2", [2, 2, 2]),
        ("1 + 2 * 3 ** 2 - 4 / 2", [17, 17, 17]),
        ("-known(age, 5) % 7", [2, 5, 2]),
        ("member + member", [2, 0, 2]),
        ("0 if member else 9", [0, 9, 0]),
        ("1 if member and age < 20 or bond == 'account' else 0", [1, 1, 0]),
        ("(not member) * 1", [0, 1, 0]),
        ("(10 < age <= 30) * 1", [1, 1, 0]),
        ("(bond in ('none', 'account')) * 1", [1, 1, 0]),
        ("(bond not in ('none', 'account')) * 1", [0, 0, 1]),
        ("by(bond, none=3, account=4)", [3, 4, 0]),
        ("clip(known(age, 0), 1, 20)", [12, 20, 1]),
        ("maximum(minimum(known(age, 0), 20), 13)", [13, 20, 13]),
        ("round(cos(pi) + sigmoid(0), 1)", [-0.5, -0.5, -0.5]),
    ],
)
def test_a_formula_reckons(source, values):
    assert column(source).tolist() == pytest.approx(values)


def test_a_formula_names_ranges_and_leaves_out_what_is_not_given():
    assert column("grade(known(age, 99), 'young', 18, 'grown', 65, 'old')").tolist() == ["young", "grown", "old"]
    assert column("given(bond, member)").tolist() == ["none", "", ""]
    assert np.isnan(column("given(5, not member)")).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("source", "mean"),
    [
        ("normal(3, 0.5)", 3.0),
        ("uniform(2, 6)", 4.0),
        ("exponential(5)", 5.0),
        ("gamma(2, 3)", 6.0),
        ("poisson(1.5)", 1.5),
        ("chance(0.3) * 1", 0.3),
        ("happens(0) * 1", 0.5),
        ("(one_of(a=0, b=0) == 'a') * 1", 0.5),
        ("bursts(2, 4)", 2.4),
    ],
)
def test_a_formula_draws(source, mean):
    assert column(source, 40_000).mean() == pytest.approx(mean, rel=0.35 if "bursts" in source else 0.05)
    assert (column(source, 50) == column(source, 50)).all()


@pytest.mark.parametrize(
    ("source", "said", "at"),
    [
        ("1 + )", "this is not a formula", 4),
        ("1 + ages", "there is no column 'ages' above", 4),
        ("exec('x')", "there is no such function", 0),
        ("age.real", "formulas cannot say this", 0),
        ("[1][0]", "formulas cannot say this", 0),
        ("age if age else (lambda: 1)", "formulas cannot say this", 17),
        ("age // 2", "there is no such operator", 0),
        ("age is 2", "there is no such comparison", 0),
        ("2 * normal(width=3)", "normal: got an unexpected keyword argument 'width'", 4),
        ("clip(age)", "clip: missing a required argument: 'low'", 0),
    ],
)
def test_what_no_formula_can_say_is_refused(source, said, at):
    with pytest.raises(FormulaMistaken) as refused:
        parse_formula(source, COLUMNS)
    assert said in str(refused.value)
    assert refused.value.at == at


@pytest.fixture
def bank(tmp_path):
    for name in ("policy.yaml", "features.yaml", "company.yaml"):
        shutil.copy(pack_folder("bank") / name, tmp_path / name)
    return tmp_path


def sketch_of(project):
    snapshot = load_snapshot(project, None)
    return load_sketch(project, snapshot.schema, snapshot.policy.policy)


def rewritten(project, old: str, new: str):
    path = project / "company.yaml"
    text = path.read_text()
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new))


def test_every_mistake_of_a_sketch_is_told_at_its_place(bank):
    rewritten(bank, "  trust: normal()", "  trust: norml()")
    rewritten(bank, "  savings: 0 if stranger", "  saving: 0 if stranger")
    rewritten(bank, "    gold_card: {rate: 0.04,", "    gold_cart: {rate: 0.04,")
    rewritten(bank, "to: rate_fixed_months <= 36", "to: calculator_7d > 1")
    with pytest.raises(DocumentInvalid) as refused:
        sketch_of(bank)
    told = str(refused.value)
    assert "company.yaml:10:10: there is no such function" in told
    assert "has 'saving' here" in told
    assert "has 'gold_cart' here" in told
    assert "there is no column 'calculator_7d' above" in told


def test_a_feature_more_leaves_the_others_as_they_were(bank):
    before = draw_customers(sketch_of(bank), 50, 7)
    rewritten(bank, "  mortgage_left: ", "  calculator_7d: poisson(2)\n  mortgage_left: ")
    after = draw_customers(sketch_of(bank), 50, 7)
    assert set(after.columns) - set(before.columns) == {"calculator_7d"}
    for name, column_before in before.columns.items():
        assert np.array_equal(column_before, after.columns[name], equal_nan=column_before.dtype.kind == "f"), name


def test_an_action_without_a_sketch_is_new_and_was_offered_to_nobody(bank):
    rewritten(bank, "    ask_saving_for: {rate: 0.18", "    # ask_saving_for: {rate: 0.18")
    assert "ask_saving_for" not in sketch_of(bank).actions
