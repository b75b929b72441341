"""Files, classes and functions stay small enough to be read at once."""

import ast
from collections.abc import Iterator

FILE_LINES = 300
GOOD_FILE_LINES = 200
TEST_FILE_LINES = 250
CLASS_LINES = 120
BODY_LINES = 25
ARGUMENTS = 5

DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[DEFINITIONS]:
    return (node for node in ast.walk(tree) if isinstance(node, DEFINITIONS))


def body_lines(function: DEFINITIONS, lines: list[str]) -> int:
    """Lines of code: no docstring, no blank lines, no comments."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if not body:
        return 0
    written = lines[body[0].lineno - 1 : function.end_lineno]
    return sum(1 for line in written if line.strip() and not line.strip().startswith("#"))


def arguments(function: DEFINITIONS) -> int:
    named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return sum(1 for argument in named if argument.arg not in ("self", "cls"))


def test_files_are_short(every_source):
    lengths = {str(source): len(source.text.splitlines()) for source in every_source}
    assert {name: length for name, length in lengths.items() if length > FILE_LINES} == {}
    longer = [name for name, length in lengths.items() if length > GOOD_FILE_LINES]
    assert len(longer) <= len(lengths) // 20, longer


def test_test_files_are_short(tests):
    assert [str(test) for test in tests if len(test.text.splitlines()) > TEST_FILE_LINES] == []


def test_functions_fit_the_eye(every_source):
    wrong = [
        f"{source}:{function.lineno} {function.name}: {length} lines"
        for source in every_source
        for function in functions(source.tree)
        if (length := body_lines(function, source.text.splitlines())) > BODY_LINES
    ]
    assert wrong == [], "\n".join(wrong)


def test_functions_take_few_arguments(every_source):
    wrong = [
        f"{source}:{function.lineno} {function.name}: {count} arguments"
        for source in every_source
        for function in functions(source.tree)
        if (count := arguments(function)) > ARGUMENTS
    ]
    assert wrong == [], "\n".join(wrong)


def test_classes_are_short(every_source):
    wrong = [
        f"{source}:{node.lineno} {node.name}: {length} lines"
        for source in every_source
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and (length := (node.end_lineno or 0) - node.lineno + 1) > CLASS_LINES
    ]
    assert wrong == [], "\n".join(wrong)
