"""A run as JUnit XML, as build servers read it: one `testsuite` per file, one `testcase` per case.

Only what the strictest of the common schemas (that of Jenkins) allows: a case's place stands in its failure's text.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from engine.suites.report import told_failures
from engine.suites.run import CaseResult, Run, SuiteResult

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(run: Run) -> str:
    """The whole document, with its declaration."""
    seconds = sum(result.seconds for one in run.suites for result in one.results)
    root = ET.Element("testsuites", _counts("befit policy test", run.cases, run.failed, seconds))
    root.extend([_suite(one) for one in run.suites])
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(one: SuiteResult) -> ET.Element:
    seconds = sum(result.seconds for result in one.results)
    counts = _counts(one.suite.title, len(one.results), one.failed, seconds)
    element = ET.Element("testsuite", counts | {"skipped": "0", "file": _text(one.suite.file)})
    element.extend([_case(one, result) for result in one.results])
    return element


def _case(one: SuiteResult, result: CaseResult) -> ET.Element:
    said = {"name": _text(result.case.name), "classname": _text(one.suite.title), "time": f"{result.seconds:.3f}"}
    element = ET.Element("testcase", said)
    if not result.passed:
        message = f"expected {result.failures[0].failure.expected}"
        failure = ET.SubElement(element, "failure", {"message": _text(message), "type": "expectation"})
        failure.text = _text("\n".join(told_failures(result)))
    return element


def _counts(name: str, tests: int, failures: int, seconds: float) -> dict[str, str]:
    return {
        "name": _text(name),
        "tests": str(tests),
        "failures": str(failures),
        "errors": "0",
        "time": f"{seconds:.3f}",
    }


def _text(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NOT_XML.sub("�", text)
