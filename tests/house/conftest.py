"""The source files of the house, parsed once."""

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("befit", "documents", "engine", "models", "rules")
OUTSIDE = ("examples", "loadtest")


@dataclass(frozen=True)
class SourceFile:
    """`path` is relative to the root of the repository; `room` is its first folder."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.path.parts[0]

    def __str__(self) -> str:
        return self.path.as_posix()


def parsed(folders: tuple[str, ...]) -> tuple[SourceFile, ...]:
    paths = sorted(path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py"))
    written = [path for path in paths if path.parts[:2] != ("befit", "v1")]
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in written}
    return tuple(SourceFile(path, text, ast.parse(text, str(path))) for path, text in texts.items())


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def sources() -> tuple[SourceFile, ...]:
    """What the wheel holds, without generated code."""
    return parsed(ROOMS)


@pytest.fixture(scope="session")
def every_source() -> tuple[SourceFile, ...]:
    """All that a person wrote, tests left out."""
    return parsed(ROOMS + OUTSIDE)


@pytest.fixture(scope="session")
def tests() -> tuple[SourceFile, ...]:
    return parsed(("tests",))
