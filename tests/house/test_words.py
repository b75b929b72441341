"""Names say what a thing is, in the words of the field; files say what they are for."""

import ast
import re

EMPTY = re.compile(r"_*((process|handle|manage|do)(_|$)|.*_(data|info|utils?|managers?|helpers?)$)")
EMPTY_CLASS = re.compile(r"_*((Process|Handle|Manage)(?![a-z])|.*(Data|Info|Utils?|Manager|Helper|Handler)$)")
DRAWERS = {"utils", "util", "helpers", "helper", "common", "manager", "base", "core", "misc", "shared"}
LATER = re.compile("TO" + "DO|FIX" + "ME|XX" + "X")


def test_no_file_is_a_drawer(every_source):
    assert [str(source) for source in every_source if source.path.stem in DRAWERS] == []


def test_names_do_not_hide_behind_empty_words(every_source):
    wrong = [
        f"{source}:{node.lineno} {node.name}"
        for source in every_source
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and (EMPTY_CLASS if isinstance(node, ast.ClassDef) else EMPTY).match(node.name)
    ]
    assert wrong == [], "\n".join(wrong)


def test_every_file_opens_with_what_it_is_for(every_source):
    wrong = [
        str(source)
        for source in every_source
        if not (opening := ast.get_docstring(source.tree) or "") or opening.lower().startswith(("this ", "module"))
    ]
    assert wrong == [], "\n".join(wrong)


def test_nothing_is_left_for_later(every_source, tests):
    assert [str(source) for source in (*every_source, *tests) if LATER.search(source.text)] == []
