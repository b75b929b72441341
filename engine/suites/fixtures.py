"""What people name once in a suite and build on with `like`: customers and moments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from documents.node import Node
from engine.suites.sheet import Sheet

T = TypeVar("T")
Reading = Callable[[Sheet, Node, str, T | None], T | None]
"""Reads a mapping, given the name it has ("" for one written in place) and what it is like."""


class Fixtures(Generic[T]):
    """Named values of one kind, each read once. `named` has their nodes with the sheet of the file they stand in."""

    def __init__(self, what: str, named: Mapping[str, tuple[Sheet, Node]], reading: Reading[T]) -> None:
        self._what = what
        self._named = named
        self._reading = reading
        self._read: dict[str, T | None] = {}
        self._open: list[str] = []

    def read_all(self) -> None:
        """Read every one, so that the mistakes in those that no case uses are told too."""
        for name in self._named:
            self._fixture(name)

    def of(self, sheet: Sheet, node: Node) -> T | None:
        """The value that a name stands for, or one written in place."""
        if isinstance(node.value, str):
            name = sheet.refer(node, self._named, self._what)
            return None if name is None else self._fixture(name)
        return self._written(sheet, node, "")

    def _fixture(self, name: str) -> T | None:
        if name not in self._read:
            self._open.append(name)
            self._read[name] = self._written(*self._named[name], name)
            self._open.remove(name)
        return self._read[name]

    def _written(self, sheet: Sheet, node: Node, name: str) -> T | None:
        like = node.value.get("like") if isinstance(node.value, dict) else None
        if like is None:
            return self._reading(sheet, node, name, None)
        if like.value in self._open:
            message = f"{like.value!r} is like itself in the end"
            sheet.reader.report(like, "like-itself", message, f"{' is like '.join([*self._open, like.value])}")
            return None
        inherited = self.of(sheet, like) if isinstance(like.value, str) else None
        if not isinstance(like.value, str):
            sheet.reader.text(like)
        return None if inherited is None else self._reading(sheet, node, name, inherited)
