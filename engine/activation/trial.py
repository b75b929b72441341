"""Compiles a candidate and runs the suites on it in a process of its own, which nothing bad can leave.

    python -m engine.activation.trial < ORDER

Reads one JSON object, `Order`, prints another, `Found`, as its last line. Runs behind all who decide. Suites are
run without the model, as `befit policy test` runs them: what they promise is the policy's.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from documents.problem import BefitError, DocumentInvalid
from engine.activation.answers import expect_answers
from engine.activation.candidate import Found, Order
from engine.activation.in_force import FailedCase
from engine.activation.rehearsal import rehearse
from engine.project import compile_text, joined, read_text
from engine.snapshot import Snapshot
from engine.suites.coverage import Coverage
from engine.suites.read_suite import read_suites, suites_in
from engine.suites.report import told_failures
from engine.suites.run import Run, Runner
from engine.suites.terms import Terms
from engine.workers.parent import ends_with_parent
from models.bundle import BundleRefused, expect_inputs, inputs_of, load_bundle
from models.bundle_files import read_files

POLITE = 19
MOST_FAILED = 100


def tried(order: Order, now: float) -> Found:
    """What a trial at `now` (s) finds."""
    began = time.perf_counter()
    try:
        policy, schema = compile_text(read_text(Path(order.folder)), Path())
        snapshot = joined(policy, schema, None)
        rehearse(snapshot, now)
        if order.bundle and order.proved:
            expect_inputs(inputs_of(read_files(Path(order.bundle))), schema)
        elif order.bundle:
            rehearse(joined(policy, schema, load_bundle(Path(order.bundle))), now)
        if order.stands_in_for:
            expect_answers(compile_text(read_text(Path(order.stands_in_for)), Path())[0].policy, policy.policy)
        run = asyncio.run(_suites(snapshot, Path(order.suites))) if order.suites else None
    except DocumentInvalid as invalid:
        return Found(problems=invalid.problems)
    except BundleRefused as refused:
        return Found(bundle_refused=str(refused))
    except BefitError as fault:
        return Found(fault=str(fault))
    failed = () if run is None else tuple(_failed(run))[:MOST_FAILED]
    return Found(cases=run.cases if run else 0, failed=failed, seconds=time.perf_counter() - began)


async def _suites(snapshot: Snapshot, folder: Path) -> Run:
    """Places are told relative to the suites' folder, which becomes the current one."""
    os.chdir(folder)
    suites = read_suites(suites_in(Path()), Terms.of(snapshot.policy.policy, snapshot.schema))
    return await Runner(snapshot, Coverage.of(snapshot.policy), time.perf_counter_ns).run(suites)


def _failed(run: Run) -> Iterator[FailedCase]:
    for suite in run.suites:
        for result in suite.results:
            if not result.passed:
                yield FailedCase(suite.suite.title, result.case.name, "\n".join(told_failures(result)))


def main() -> None:
    ends_with_parent(signal.SIGKILL)
    os.nice(POLITE)
    found = tried(msgspec.json.decode(sys.stdin.buffer.read(), type=Order), time.time())
    sys.stdout.flush()
    sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")


if __name__ == "__main__":
    main()
