"""Checks a candidate before anything is changed: laid out in a folder of its own, tried in a child process."""

from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from engine.activation.candidate import Candidate, Found, Order
from engine.project import FEATURES_FILE, POLICY_FILE
from engine.revisions.kept import ProjectText

_LOG = logging.getLogger("befit.activation")
_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = (sys.executable, "-m", "engine.activation.trial")
_BUNDLE = "bundle"
_SUITES = "suites"
_COMPARED = "compared"


async def check(candidate: Candidate, seconds: float) -> Found:
    """What is wrong with it. A trial that takes longer, or ends without a word, is a fault too; one that is cut off is
    made once more."""
    with tempfile.TemporaryDirectory(prefix="befit-candidate-") as folder:
        order = await asyncio.to_thread(_laid_out, candidate, Path(folder))
        found = await _tried(order, seconds)
        return await _tried(order, seconds) if found.cut_off else found


def _laid_out(candidate: Candidate, folder: Path) -> Order:
    """The candidate as files; whoever takes them from outside has looked at their names."""
    _text(folder, candidate.text)
    if candidate.bundle is not None:
        _written(folder / _BUNDLE, candidate.bundle)
    suites = candidate.suites
    if isinstance(suites, Mapping):
        suites = _written(folder / _SUITES, suites)
    bundle = "" if candidate.bundle is None else str(folder / _BUNDLE)
    other = candidate.stands_in_for
    compared = "" if other is None else str(_text(folder / _COMPARED, other))
    return Order(str(folder), "" if suites is None else str(suites.resolve()), bundle, compared, candidate.proved)


def _text(folder: Path, text: ProjectText) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / POLICY_FILE).write_bytes(text.policy)
    (folder / FEATURES_FILE).write_bytes(text.features)
    return folder


def _written(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


async def _tried(order: Order, seconds: float) -> Found:
    """What the child says; it ends with the caller. A thread begins it: the event loop's way disturbs gRPC."""
    child = await asyncio.to_thread(_begun)
    try:
        said, cried = await asyncio.to_thread(child.communicate, msgspec.json.encode(order), seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        await asyncio.to_thread(child.communicate)
        return Found(fault=f"compiling it and running its cases takes longer than {seconds:g} s")
    finally:
        child.kill()
    try:
        return msgspec.json.decode(said.strip().rpartition(b"\n")[2], type=Found)
    except msgspec.MsgspecError:
        why = _ended(child.returncode)
        _LOG.error("a trial %s%s", why, f":\n{cried[-2000:].decode(errors='replace')}" if cried.strip() else "")
        return Found(fault=f"trying it {why}", cut_off=child.returncode < 0)


def _ended(status: int) -> str:
    """How a process ended that gave no answer."""
    if status >= 0:
        return f"ended with status {status} and no answer"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"was cut off: its process was ended by {name}"


def _begun() -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen(_COMMAND, cwd=_ROOT, stdin=pipe, stdout=pipe, stderr=pipe)  # noqa: S603 - ours
