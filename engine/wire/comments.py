"""What the contract's own comments say, by full name: read from the typed stubs that are generated with the code.

The .proto files are not installed, the stubs are; they carry every comment as a docstring. A test compares.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import befit.v1

PACKAGE = "befit.v1"


@cache
def comments() -> Mapping[str, str]:
    """Comments on messages, fields, values of enums and methods, as in "befit.v1.DecideRequest.intent"."""
    folder = Path(str(befit.v1.__file__)).parent
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*_pb2*.pyi")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        for kind in (node for node in body if isinstance(node, ast.ClassDef)):
            found.update(_of_class(kind))
        found.update((f"{PACKAGE}.{name}", told) for name, told in _fields(body))
    return found


def _of_class(kind: ast.ClassDef) -> Iterator[tuple[str, str]]:
    name = f"{PACKAGE}.{kind.name.removesuffix('Stub')}"
    if told := ast.get_docstring(kind):
        yield name, _one_line(told)
    for field, comment in _fields(kind.body):
        yield f"{name}.{field}", comment


def _fields(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Names with the text that stands right below them, or in the property of that name."""
    for node, below in zip(body, [*body[1:], ast.Pass()], strict=True):
        if isinstance(node, ast.FunctionDef) and (told := ast.get_docstring(node)):
            yield node.name, _one_line(told)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and (text := _text(below)):
            yield node.target.id, _one_line(text)


def _text(node: ast.stmt) -> str:
    constant = node.value if isinstance(node, ast.Expr) else None
    return constant.value if isinstance(constant, ast.Constant) and isinstance(constant.value, str) else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
