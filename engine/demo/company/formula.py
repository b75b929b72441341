"""Formulas: how a column is drawn or reckoned from others, as in `floor(exponential(34) * exp(0.35 * warmth))`.

Names are columns that stand above; beside them there are numbers, texts, `pi`, + - * / % **, comparisons, `in (...)`,
`and`, `or`, `not`, and `a if b else c`. What they may call stands in `formula_functions`. Text is no code to run: a
formula is taken apart when it is read, and whatever is not listed here is refused.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from inspect import signature
from typing import Any

import numpy as np

from documents.problem import BefitError
from engine.demo.company.draws import Column
from engine.demo.company.formula_functions import FUNCTIONS, Chance

_CONSTANTS: Mapping[str, float] = {"pi": float(np.pi)}
_ARITHMETIC: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: np.mod,
    ast.Pow: operator.pow,
}
_COMPARISONS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.In: np.isin,
    ast.NotIn: lambda values, among: ~np.isin(values, among),
}


class FormulaMistaken(BefitError):
    """A formula says something that formulas cannot say. `at` = the character at which it does, from 0."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula taken apart; `reads` are the columns it names."""

    source: str
    tree: ast.expr
    reads: frozenset[str]

    def column(self, columns: Mapping[str, Column], chance: Chance) -> Column:
        """Its values, shape (chance.rows,), given the columns that it reads."""
        with np.errstate(all="ignore"):
            found = np.asarray(_Reckoning(columns, chance).value(self.tree))
        return np.array(np.broadcast_to(found, (chance.rows,)))


def parse_formula(source: str, known: Collection[str]) -> Formula:
    """The formula over these columns. Raises FormulaMistaken."""
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except SyntaxError as error:
        raise FormulaMistaken("this is not a formula", max(0, (error.offset or 1) - 1)) from None
    reads = frozenset(_names(tree))
    for node in ast.walk(tree):
        _check(node, known)
    return Formula(source, tree, reads - _CONSTANTS.keys())


def _names(tree: ast.expr) -> list[str]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called]


def _check(node: ast.AST, known: Collection[str]) -> None:
    """Whether this part, without what it holds, may stand in a formula."""
    at = getattr(node, "col_offset", 0)
    if isinstance(node, ast.expr) and type(node) not in _Reckoning.PARTS:
        raise FormulaMistaken("formulas cannot say this", at)
    if isinstance(node, ast.Name) and node.id not in {*known, *_CONSTANTS, *FUNCTIONS}:
        raise FormulaMistaken(f"there is no column {node.id!r} above", at)
    if isinstance(node, ast.Call):
        _check_call(node)
    if isinstance(node, ast.BinOp) and type(node.op) not in _ARITHMETIC:
        raise FormulaMistaken("there is no such operator", at)
    if isinstance(node, ast.Compare) and any(type(one) not in _COMPARISONS for one in node.ops):
        raise FormulaMistaken("there is no such comparison", at)


def _check_call(node: ast.Call) -> None:
    if not (isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS):
        raise FormulaMistaken("there is no such function", node.col_offset)
    told = {one.arg or "": one for one in node.keywords}
    try:
        signature(FUNCTIONS[node.func.id]).bind(None, *node.args, **told)
    except TypeError as error:
        raise FormulaMistaken(f"{node.func.id}: {error}", node.col_offset) from None


class _Reckoning:
    """One evaluation of one formula."""

    def __init__(self, columns: Mapping[str, Column], chance: Chance) -> None:
        self._columns = columns
        self._chance = chance

    def value(self, node: ast.expr) -> Any:
        return self.PARTS[type(node)](self, node)

    def _name(self, node: Any) -> Any:
        return _CONSTANTS[node.id] if node.id in _CONSTANTS else self._columns[node.id]

    def _sign(self, node: Any) -> Any:
        value = self.value(node.operand)
        return np.logical_not(value) if isinstance(node.op, ast.Not) else -value

    def _arithmetic(self, node: Any) -> Any:
        return _ARITHMETIC[type(node.op)](_number(self.value(node.left)), _number(self.value(node.right)))

    def _logic(self, node: Any) -> Any:
        joined = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        return reduce(joined, [self.value(one) for one in node.values])

    def _comparison(self, node: Any) -> Any:
        values = [self.value(one) for one in (node.left, *node.comparators)]
        pairs = zip(node.ops, values, values[1:], strict=False)
        return reduce(np.logical_and, [_COMPARISONS[type(one)](left, right) for one, left, right in pairs])

    def _either(self, node: Any) -> Any:
        return np.where(self.value(node.test), self.value(node.body), self.value(node.orelse))

    def _call(self, node: Any) -> Any:
        told = {one.arg: self.value(one.value) for one in node.keywords}
        return FUNCTIONS[node.func.id](self._chance, *(self.value(one) for one in node.args), **told)

    PARTS: Mapping[type, Callable[[_Reckoning, Any], Any]] = {
        ast.Constant: lambda _, node: node.value,
        ast.Tuple: lambda self, node: [self.value(one) for one in node.elts],
        ast.Name: _name,
        ast.UnaryOp: _sign,
        ast.BinOp: _arithmetic,
        ast.BoolOp: _logic,
        ast.Compare: _comparison,
        ast.IfExp: _either,
        ast.Call: _call,
    }


def _number(value: Any) -> Any:
    """Flags count as 0 and 1."""
    return np.asarray(value, dtype=np.float64)
