"""Reads suites: every mistake in every file at its place, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from documents.node import Node
from documents.problem import DocumentInvalid, Problem
from documents.reader import Reader
from documents.strict_yaml import load
from engine.suites.fixtures import Fixtures
from engine.suites.read_cases import CaseReader
from engine.suites.read_customer import read_customer
from engine.suites.read_meeting import read_meeting
from engine.suites.sheet import Sheet
from engine.suites.suite import Suite
from engine.suites.terms import Terms

PATTERN = "*_test.yaml"
VERSION = 1
_FIXTURES = ("customers", "moments")
_KEYS = ("version", "suite", "now", "fixtures", *_FIXTURES, "cases")


def suites_in(project: Path) -> tuple[Path, ...]:
    """The suites of a project, sorted; folders whose name begins with a dot are passed over."""
    found = (path for path in project.rglob(PATTERN) if path.is_file())
    return tuple(sorted(path for path in found if not _hidden(path.relative_to(project))))


def read_suites(files: Iterable[Path], terms: Terms) -> tuple[Suite, ...]:
    """All suites. Raises DocumentInvalid with the mistakes of all files."""
    suites: list[Suite] = []
    problems: list[Problem] = []
    for file in files:
        try:
            suites.append(read_suite(file, terms))
        except DocumentInvalid as invalid:
            problems += invalid.problems
    if problems:
        raise DocumentInvalid(_once(problems))
    return tuple(suites)


def read_suite(file: Path, terms: Terms) -> Suite:
    """One suite. Raises DocumentInvalid."""
    page = _open(file, terms, _KEYS, ("version", "cases"))
    pages = [page]
    if "fixtures" in page.entries:
        shared = _shared(file, page)
        pages += [] if shared is None else [_open(shared, terms, ("version", *_FIXTURES), ("version",))]
    suite = _read(file, pages)
    problems = [problem for page in pages for problem in page.sheet.reader.problems]
    if problems:
        raise DocumentInvalid(_once(problems))
    return suite


@dataclass(frozen=True, slots=True)
class _Page:
    """One file: its keys, and what they are read with."""

    sheet: Sheet
    entries: Mapping[str, Node]


def _open(file: Path, terms: Terms, allowed: tuple[str, ...], required: tuple[str, ...]) -> _Page:
    source = load(file)
    reader = Reader(source)
    entries = reader.mapping(source.root, allowed, required)
    if "version" in entries and entries["version"].value != VERSION:
        reader.report(entries["version"], "unknown-version", "this version cannot be read", f"write version: {VERSION}")
    return _Page(Sheet(reader, terms), entries)


def _shared(file: Path, page: _Page) -> Path | None:
    """The file of shared fixtures that a suite names."""
    reader, node = page.sheet.reader, page.entries["fixtures"]
    name = reader.text(node)
    if name is None or (file.parent / name).is_file():
        return None if name is None else file.parent / name
    reader.report(node, "no-such-file", f"there is no file {name[:80]!r} beside the suite", "check the name")
    return None


def _read(file: Path, pages: list[_Page]) -> Suite:
    page = pages[0]
    reader = page.sheet.reader
    customers = Fixtures("customer", _named(pages, "customers"), read_customer)
    moments = Fixtures("moment", _named(pages, "moments"), read_meeting)
    customers.read_all()
    moments.read_all()
    now = reader.optional(page.entries, "now", page.sheet.instant, 0.0)  # one that is wrong is told, and stands in
    title = reader.optional(page.entries, "suite", reader.text, file.name)
    cases = CaseReader(page.sheet, customers, moments, now if "now" in page.entries else None)
    return Suite(str(file), title, cases.read_all(page.entries["cases"]) if "cases" in page.entries else ())


def _named(pages: list[_Page], key: str) -> dict[str, tuple[Sheet, Node]]:
    """The fixtures of all files; a suite's own may not take the name of a shared one."""
    found: dict[str, tuple[Sheet, Node]] = {}
    for page in reversed(pages):
        if key not in page.entries:
            continue
        node = page.entries[key]
        for name, child in page.sheet.reader.entries(node).items():
            if name in found:
                message = f"{name!r} is in the shared fixtures already"
                page.sheet.reader.report(node.key_places[name], "name-taken", message, "choose another name")
            found[name] = (page.sheet, child)
    return found


def _once(problems: Iterable[Problem]) -> list[Problem]:
    """Without repetitions: what a table or a shared file makes wrong is told once."""
    return list(dict.fromkeys(problems))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
