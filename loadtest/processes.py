"""CPU time of processes and who belongs to a server, from /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int, proc: Path = PROC) -> float:
    """User and system time of a process since it began, all threads; 0 for one that is gone."""
    try:
        fields = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def children(pid: int, proc: Path = PROC) -> list[int]:
    """Direct children of a process, in order of their ids."""
    tasks = (proc / str(pid) / "task").glob("*/children")
    return sorted({int(child) for task in tasks for child in task.read_text().split()})


def command_line(pid: int, proc: Path = PROC) -> str:
    """What a process was started with; "" for one that is gone."""
    try:
        return (proc / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def cpu_of_all(pids: Iterable[int]) -> float:
    return sum(map(cpu_seconds, pids))
