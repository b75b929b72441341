"""A whole server as users start it: `befit serve` in processes of its own, on the corner shop's policy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

POLICIES = Path(__file__).parents[1] / "rules" / "policies"
COMMAND = (sys.executable, "-c", "from engine.cli.app import main; main()", "serve")
PATIENT = {
    "BEFIT_DRAIN_PAUSE_SECONDS": "0.2",
    "BEFIT_DRAIN_GRACE_SECONDS": "10",
    "BEFIT_SILENCE_MS": "20000",
    "BEFIT_READ_TIMEOUT_MS": "5000",
    "BEFIT_COMMIT_TIMEOUT_MS": "5000",
}


@dataclass
class ServedProject:
    """The supervisor's process, and where it answers: name, as printed, to address."""

    process: subprocess.Popen[str]
    says: dict[str, str] = field(default_factory=dict)

    def children(self, of: str) -> list[int]:
        """Processes of the supervisor with this text in their command line, oldest first."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        found = sorted({int(pid) for task in tasks for pid in task.read_text().split()})
        return [pid for pid in found if of in _command_line(pid)]

    @property
    def workers(self) -> list[int]:
        return self.children("engine.workers.worker")

    @property
    def store(self) -> list[int]:
        return self.children("valkey")


def write_project(folder: Path, policy: str = "corner_shop.yaml") -> Path:
    """A project folder with the corner shop's features and a policy."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(POLICIES / policy, folder / "policy.yaml")
    shutil.copy(POLICIES / "features.yaml", folder / "features.yaml")
    return folder


def started(project: Path, *flags: str) -> subprocess.Popen[str]:
    """`befit serve` on ports that the system chooses."""
    command = (*COMMAND, "--project", str(project), "--port", "0", "--metrics-port", "0", *flags)
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **PATIENT}
    )


@contextmanager
def served(project: Path, *flags: str) -> Iterator[ServedProject]:
    """A server that answers, until the block ends."""
    with started(project, *flags) as process:
        try:
            yield ServedProject(process, _announced(process))
        finally:
            process.kill()


def _announced(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout is not None
    says: dict[str, str] = {}
    for line in process.stdout:
        name, _, address = line.strip().partition(" ")
        says[name] = address.strip()
        if name == "store":
            return says
    raise AssertionError(f"the server ended: {process.communicate()[1]}")


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except FileNotFoundError:
        return ""
