"""The contract is well formed, its generated code is fresh, and it says what the engine says."""

import subprocess
import sys
from pathlib import Path

import pytest

from befit.v1 import action_pb2, decide_pb2
from engine.decision import Audience, Cause, Degraded, Trace
from rules.policy import Kind

BIN = Path(sys.executable).parent


def wire_names(enum, prefix):
    return {name.removeprefix(prefix) for name in enum.DESCRIPTOR.values_by_name} - {"UNSPECIFIED"}


def test_the_contract_passes_its_lint(root):
    outcome = subprocess.run([BIN / "buf", "lint", "proto"], cwd=root, capture_output=True, text=True, check=False)
    assert outcome.stdout + outcome.stderr == ""


def test_the_contract_is_formatted(root):
    outcome = subprocess.run(
        [BIN / "buf", "format", "--diff", "proto"], cwd=root, capture_output=True, text=True, check=False
    )
    assert outcome.stdout + outcome.stderr == ""


def test_generated_code_is_fresh(root, tmp_path):
    subprocess.run(["make", "-s", "generate", f"BIN={BIN}", f"OUT={tmp_path}"], cwd=root, check=True)
    made = {path.name: path.read_text() for path in (tmp_path / "befit" / "v1").iterdir()}
    kept = {path.name: path.read_text() for path in (root / "befit" / "v1").glob("*_pb2*")}
    assert made == kept, "run `make proto`"


@pytest.mark.parametrize(
    ("wire", "prefix", "engine"),
    [
        (action_pb2.ActionKind, "ACTION_KIND_", {kind.value for kind in Kind}),
        (decide_pb2.Cause, "CAUSE_", {cause.value for cause in Cause} - {""}),
        (decide_pb2.Degraded, "DEGRADED_", {code.value for code in Degraded} | {"LOCAL_FALLBACK"}),
        (decide_pb2.Trace, "TRACE_", {trace.value for trace in Trace}),
        (decide_pb2.Audience, "AUDIENCE_", {audience.value for audience in Audience}),
    ],
)
def test_the_contract_names_what_the_engine_names(wire, prefix, engine):
    assert wire_names(wire, prefix) == engine
