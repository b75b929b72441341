"""Formulas in `company.yaml`: each may name what was read before it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from documents.node import Node
from documents.problem import Place
from documents.reader import Reader
from engine.demo.company.formula import Formula, FormulaMistaken, parse_formula
from engine.demo.company.sketch import Formulas


class FormulaReader:
    """Reports into `reader`; `known` are the names that the next formula may read."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.known: set[str] = set()

    def formulas(self, entries: Mapping[str, Node], key: str, names: Collection[str] | None = None) -> Formulas:
        """Formulas by name, each over what was read before; `names` are those that there may be, None = any."""
        found: dict[str, Formula] = {}
        named = self.named(entries[key], names) if key in entries else {}
        for name, node in named.items():
            found[name] = self.formula(node)
            self.known.add(name)
        return found

    def named(self, node: Node, names: Collection[str] | None) -> Mapping[str, Node]:
        """The entries of a mapping; keys are held against `names` unless those are None."""
        if names is not None:
            self.expect(node, names)
        return self.reader.entries(node)

    def expect(self, node: Node, names: Collection[str]) -> None:
        """Report keys that there are not."""
        for name in self.reader.entries(node):
            if name not in names:
                message = f"neither features.yaml nor policy.yaml has {name!r} here"
                self.reader.report(node.key_places[name], "unknown-name", message, self.reader.hint(name, names))

    def formula(self, node: Node | None) -> Formula:
        """The formula that a node holds; without one, or a right one, it is 0."""
        source = str(node.value) if node is not None and not isinstance(node.value, dict | tuple) else "0"
        try:
            return parse_formula(source, self.known)
        except FormulaMistaken as mistaken:
            assert node is not None
            column = node.place.column + node.quoted + mistaken.at
            place = Place(node.place.file, node.place.line, column)
            self.reader.report(place, "bad-formula", str(mistaken), "see engine/demo/company/formula_functions.py")
            return parse_formula("0", ())
