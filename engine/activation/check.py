"""Checks a candidate before anything is changed: laid out in a folder of its own, tried in a child process."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from engine.activation.candidate import Candidate, Found, Order
from engine.project import FEATURES_FILE, POLICY_FILE

_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = (sys.executable, "-m", "engine.activation.trial")
_BUNDLE = "bundle"
_SUITES = "suites"


async def check(candidate: Candidate, seconds: float) -> Found:
    """What is wrong with it. A trial that takes longer, or ends without a word, is a fault too."""
    with tempfile.TemporaryDirectory(prefix="befit-candidate-") as folder:
        order = await asyncio.to_thread(_laid_out, candidate, Path(folder))
        return await _tried(order, seconds)


def _laid_out(candidate: Candidate, folder: Path) -> Order:
    """The candidate as files. Names of suites are taken without their folders."""
    (folder / POLICY_FILE).write_bytes(candidate.text.policy)
    (folder / FEATURES_FILE).write_bytes(candidate.text.features)
    if candidate.bundle is not None:
        _written(folder / _BUNDLE, candidate.bundle)
    suites = candidate.suites
    if isinstance(suites, Mapping):
        suites = _written(folder / _SUITES, suites)
    bundle = "" if candidate.bundle is None else str(folder / _BUNDLE)
    return Order(str(folder), "" if suites is None else str(suites.resolve()), bundle)


def _written(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / Path(name).name).write_bytes(content)
    return folder


async def _tried(order: Order, seconds: float) -> Found:
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(*_COMMAND, cwd=_ROOT, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(seconds):
            said, _ = await child.communicate(msgspec.json.encode(order))
    except TimeoutError:
        return Found(fault=f"compiling it and running its cases takes longer than {seconds:g} s")
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
    try:
        return msgspec.json.decode(said.strip().rpartition(b"\n")[2], type=Found)
    except msgspec.MsgspecError:
        return Found(fault=f"compiling it ended its process with status {child.returncode}")
